"""A connection to another process, read by a thread of its own.

The thread only carries frames into the common queue, so that whoever owns the queue has one place to wait, on every
operating system. A reader waits after each frame until it is told to go on: nobody can send faster than he is answered.
"""

import contextlib
import io
import queue
import threading
from typing import Protocol

import msgspec

from netgrade.sandbox import frames


class Child(Protocol):
    """A process that works for the server, however it was started."""

    @property
    def reader(self) -> io.FileIO:
        """What it says."""

    @property
    def writer(self) -> io.FileIO:
        """What is said to it."""

    @property
    def output(self) -> int | None:
        """Where its output can be read, if it isn't the server's own."""

    def ended(self) -> bool:
        """Tell whether it has ended, whoever still holds its end of the connection."""

    def end(self, patience: float) -> int | None:
        """End it, as `family.end` does, and all that it has left behind."""


End = EOFError | frames.TooLongError
Inbox = queue.Queue[tuple["Link", bytearray | End]]


class Link:
    """One connection, whose frames appear in an inbox; last comes the exception that ended it."""

    def __init__(self, inbox: Inbox, reader: io.FileIO, writer: io.FileIO, limit: int) -> None:
        self._inbox = inbox
        self._reader = reader
        self._writer = writer
        self._limit = limit
        self._go = threading.Semaphore()
        self._dropped = False
        threading.Thread(target=self._read, daemon=True).start()

    def go_on(self) -> None:
        """Let one more frame be read."""
        self._go.release()

    def drop(self) -> None:
        """Read no more. The thread ends when the other side has closed the connection."""
        self._dropped = True
        self._go.release()

    def send(self, message: msgspec.Struct) -> None:
        """Send a message without waiting for it to be read; a broken connection shows in the inbox alone."""
        threading.Thread(target=self._write, args=(message,), daemon=True).start()

    def _read(self) -> None:
        while self._go.acquire() and not self._dropped:
            try:
                frame: bytearray | End = frames.read(self._reader, self._limit)
            except frames.TooLongError as error:
                frame = error
            except (EOFError, OSError):
                frame = EOFError()
            if not self._dropped:
                self._inbox.put((self, frame))
            if isinstance(frame, Exception):
                break
        self._reader.close()

    def _write(self, message: msgspec.Struct) -> None:
        with contextlib.suppress(OSError, ValueError):  # ValueError: closed on our side
            frames.write(self._writer, message)
