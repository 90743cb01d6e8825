"""The sandbox as the controller sees it: submissions go in, facts come out. No torch."""

import contextlib
import os
import queue
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import msgspec

from netgrade.messages import Examined, Task
from netgrade.sandbox import family, frames, limits, scratch, spawn
from netgrade.sandbox.isolation import missing
from netgrade.sandbox.link import End, Inbox, Link
from netgrade.sandbox.protocol import Config, Done, Kept, Level, Progress, Ready, Submit, Work

_REPORT = 0.5
"""Seconds between two calls of `progress`."""
_CLOSE = 5.0
"""Seconds for a server to end by itself."""
_TAIL = 4_000
"""Bytes of the server's standard error that an exception quotes."""
_decode = msgspec.msgpack.Decoder(Ready | Progress | Kept | Done).decode


class SandboxError(Exception):
    """The server has failed. The fault is netgrade's or this machine's, not a submission's."""


@dataclass
class _Wait:
    """What a submission waits for, and since when."""

    text: str
    since: float


class Server:
    """A running server. Every task is submitted before its result is asked for; all are worked on meanwhile."""

    @classmethod
    def start(
        cls,
        jobs: int = 2,
        *,
        isolation: Level = "auto",
        fork: bool | None = None,
        work: Work | None = None,
    ) -> Self:
        """Start a server and return at once; it imports torch meanwhile.

        Args:
            jobs: Submissions captured at once.
            isolation: `auto` holds a capture child by all that this system has, and `Examined.sandbox` names it;
                `require` starts nothing where a part is missing; `off` leaves the limits.
            fork: Whether children are forked; None for the best this system has. NETGRADE_FORK=0 in the environment
                rules it out.
            work: What the children do; None for capturing and examining networks.

        Raises:
            SandboxError: `require`, and this system lacks a part.
        """
        if isolation == "require" and (lacking := missing()):
            raise SandboxError(f"--sandbox require: this system has no {', no '.join(lacking)}; use --sandbox auto")
        able = sys.platform == "linux" and os.environ.get("NETGRADE_FORK") != "0"
        config = Config(
            controller=os.getpid(),
            jobs=jobs,
            fork=able if fork is None else fork,
            isolation=isolation,
            scratch=tempfile.mkdtemp(prefix="netgrade-"),
            work=work or Work(),
        )
        return cls(config)

    def __init__(self, config: Config) -> None:
        self._scratch = config.scratch
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `close`
        self._process = spawn.python("netgrade.sandbox.server", errors=self._errors)
        replies, self._requests = spawn.pipes(self._process)
        self._inbox: Inbox = queue.Queue()
        self._link = Link(self._inbox, replies, self._requests, limits.FRAME)
        self._numbers: dict[Task, int] = {}
        self._waits: dict[int, _Wait] = {}
        self._results: dict[int, Examined] = {}
        self._kept: dict[tuple[int, str], bytes] = {}
        self._ready = False
        self._send(config)

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid

    def submit(self, task: Task) -> None:
        """Queue a task; one equal to an earlier task shares its result.

        Raises:
            SandboxError: The server has died.
        """
        if task in self._numbers:
            return
        number = self._numbers[task] = len(self._numbers)
        self._waits[number] = _Wait("waiting for its turn", time.monotonic())
        self._send(Submit(number=number, task=task))

    def result(self, task: Task, *, progress: Callable[[str, float], None] | None = None) -> Examined:
        """Wait for the result of a submitted task.

        Args:
            task: A task that was submitted.
            progress: Called about twice a second with what the task waits for, and for how many seconds it has.

        Raises:
            KeyError: The task was not submitted.
            SandboxError: The server has died.
        """
        number = self._numbers[task]
        due = time.monotonic() + _REPORT
        while number not in self._results:
            if progress and time.monotonic() >= due:
                wait = self._waits[number]
                progress(wait.text if self._ready else "importing torch", time.monotonic() - wait.since)
                due = time.monotonic() + _REPORT
            with contextlib.suppress(queue.Empty):
                self._take(self._inbox.get(timeout=_REPORT)[1])
        return self._results[number]

    def capture(self, task: Task, network: str) -> bytes:
        """Return the capture of one network of a task that keeps them, whose result has come and is no failure.

        Raises:
            KeyError: There is none.
        """
        return self._kept[self._numbers[task], network]

    def close(self) -> None:
        """End the server and all its children, and remove their files. Twice does no harm."""
        self._link.drop()
        self._requests.close()
        if not self._ready:  # it would see only after its import; and it has no child yet that must be ended first
            self._process.kill()
        try:
            self._process.wait(timeout=_CLOSE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()
        scratch.remove(self._scratch)

    def _send(self, message: Config | Submit) -> None:
        try:
            frames.write(self._requests, message)
        except OSError:
            raise self._death() from None

    def _take(self, frame: bytearray | End) -> None:
        if isinstance(frame, Exception):
            self._inbox.put((self._link, frame))  # for whoever asks next
            raise self._death()
        match _decode(frame):
            case Ready():
                self._ready = True
                for wait in self._waits.values():
                    wait.since = time.monotonic()
            case Progress(number=number, text=text):
                self._waits[number] = _Wait(text, time.monotonic())
            case Kept(number=number, captured=captured):
                self._kept[number, captured.network] = captured.blob
            case Done(number=number, examined=examined):
                self._results[number] = examined
        self._link.go_on()

    def _death(self) -> SandboxError:
        try:
            how = f"ended with {family.ending(self._process.wait(timeout=_CLOSE))}"
        except subprocess.TimeoutExpired:
            how = "closed its connection"
        self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, self._errors.tell() - _TAIL))
        said = self._errors.read().decode(errors="replace").strip()
        return SandboxError(
            f"netgrade's server {how}; the fault is netgrade's or this machine's, not a submission's. "
            + (f"The end of what it wrote:\n{said}" if said else "It wrote nothing.")
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
