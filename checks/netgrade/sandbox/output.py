"""What a submission prints: read as it comes, so that it never waits, and kept only at its end."""

import os
import select
import threading

from netgrade.sandbox import limits


class Output:
    """The end of what comes out of a pipe, which a thread empties."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._kept = b""
        self._cut = False
        self._over = False
        threading.Thread(target=self._empty, daemon=True).start()

    def text(self) -> str:
        """Return the end of all that has been written so far; a leading `…` stands for what was cut off."""
        with self._lock:
            self._drain()
        return ("…" if self._cut else "") + self._kept.decode(errors="replace").strip()

    def _empty(self) -> None:
        while not self._over:
            select.select([self._descriptor], [], [])
            with self._lock:
                self._drain()
        os.close(self._descriptor)

    def _drain(self) -> None:
        """Read what is there, without waiting for more."""
        while not self._over and select.select([self._descriptor], [], [], 0)[0]:
            data = os.read(self._descriptor, 2**16)
            self._over = not data
            self._cut = self._cut or len(self._kept) + len(data) > limits.TEXT
            self._kept = (self._kept + data)[-limits.TEXT :]
