"""The queue before the grader child, which examines one captured network at a time.

If the grader crashes or takes too long it is replaced, and only the network that it was at has to do without facts.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from netgrade.facts.model import Facts
from netgrade.messages import Captured, Failure
from netgrade.sandbox import family, limits
from netgrade.sandbox.link import Child, End, Inbox, Link
from netgrade.sandbox.protocol import Answer, Examine, Refusal
from netgrade.sandbox.submission import Submission

_decode = msgspec.msgpack.Decoder(Answer | Refusal).decode


@dataclass(frozen=True)
class Piece:
    """One captured network of one submission."""

    submission: Submission
    captured: Captured


Settled = tuple[Submission, str, Facts | Failure, str]
"""A submission, one of its networks, what came of it, and torchinfo's table where it is wanted."""


class Examiner:
    """Hands pieces to the grader child in their order, and its answers back."""

    def __init__(self, start: Callable[[], Child], inbox: Inbox, timeout: float) -> None:
        self._start = start
        self._inbox = inbox
        self._timeout = timeout
        self._waiting: deque[Piece] = deque()
        self._current: Piece | None = None
        self._deadline = 0.0
        self._heard = False
        """The grader child has answered once, so that it has imported torch if it had to."""
        self.link: Link | None = None
        self.backlog = 0
        """Bytes that wait."""

    def warm_up(self) -> None:
        """Start the grader child, so that it is ready for the first piece."""
        self._heard = False
        self._child = self._start()
        self.link = Link(self._inbox, self._child.reader, self._child.writer, limits.FRAME)

    def put(self, piece: Piece) -> None:
        """Queue a piece."""
        self._waiting.append(piece)
        self.backlog += len(piece.captured.blob)
        self._next()

    def hear(self, frame: bytearray | End) -> Settled | None:
        """Take what the grader says, or that it has ended."""
        if isinstance(frame, Exception):
            return self._replace(patience=0.2)
        if self.link:
            self.link.go_on()
        self._heard = True
        said: Answer | Refusal = _decode(frame)
        match said:
            case Answer(facts=facts, summary=summary):
                return self._settle(facts, summary)
            case Refusal(message=message, ours=True):
                return self._settle(_ours(f"netgrade failed while it examined the network: {message}"))
            case Refusal(message=message):
                return self._settle(Failure(stage="decode", message=message))

    def watch(self) -> Settled | None:
        """Replace a grader child that takes too long."""
        return self._replace(patience=0.0) if self._current and time.monotonic() > self._deadline else None

    def _replace(self, patience: float) -> Settled | None:
        if self.link:
            self.link.drop()
        self.link = None
        code = self._child.end(patience)
        how = f"took longer than {self._timeout:g} s" if code is None else f"ended with {family.ending(code)}"
        return self._settle(_ours(f"netgrade's grader {how} while it examined the network"))

    def _settle(self, result: Facts | Failure, summary: str = "") -> Settled | None:
        piece, self._current = self._current, None
        self._next()
        if piece is None:
            return None
        network = piece.captured.network
        return piece.submission, network, msgspec.structs.replace(result, network=network), summary

    def _next(self) -> None:
        if self._current or not self._waiting:
            return
        if not self.link:
            self.warm_up()
        self._current = self._waiting.popleft()
        self.backlog -= len(self._current.captured.blob)
        self._deadline = time.monotonic() + self._timeout + (0.0 if self._heard else limits.START)
        if self.link:
            self.link.send(Examine(task=self._current.submission.task, blob=self._current.captured.blob))


def _ours(message: str) -> Failure:
    return Failure(stage="decode", message=message, hint="this is netgrade's own fault; please report it with the file")
