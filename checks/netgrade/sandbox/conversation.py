"""What one capture child may say, in which order, and what it makes of the silence when the child ends early. Pure.

Hello, then Failure: the file can't be used
Hello, then Found, then for each network in the order of Found one Captured or one Failure
"""

from collections.abc import Iterable

import msgspec

from netgrade.messages import Captured, Failure, Found, Frame, Task
from netgrade.sandbox import family, limits
from netgrade.sandbox.frames import TooLongError
from netgrade.sandbox.protocol import Hello, Said

_decode = msgspec.msgpack.Decoder(Said).decode


class LieError(Exception):
    """The child said what a capture never says; the text continues "it sent"."""


class Conversation:
    """What has been heard of one capture child."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.sandbox: tuple[str, ...] | None = None
        """What holds the child; None until it has begun."""
        self.found: Found | None = None
        self.left: tuple[str, ...] = ()
        """The networks of which nothing has been heard yet; the first is at work."""
        self.over = False
        """All is said."""

    def hear(self, frame: bytes | bytearray | TooLongError) -> Said:
        """Take what the child says next, with its strings cut to size.

        Raises:
            LieError: A capture would not say it, or not now.
        """
        if isinstance(frame, TooLongError):
            raise LieError(str(frame))
        said = decode(frame)
        match said:
            case Hello(sandbox=sandbox) if self.sandbox is None:
                self.sandbox = sandbox
            case Found() if self.sandbox is not None and self.found is None:
                self.left = self._expected(said)
                self.found = said
            case Failure() if self.sandbox is not None and self.found is None:
                self.over = True
                return msgspec.structs.replace(said, network=self.task.network)
            case Captured(network=network) | Failure(network=network) if self.left and network == self.left[0]:
                self.left = self.left[1:]
                self.over = not self.left
            case _:
                raise LieError(f"{_spoken(said)}, which was not its turn")
        return said

    def doing(self) -> str:
        """Say what the child is at, in two or three words."""
        if self.sandbox is None:
            return "starting"
        if self.found is None:
            return "loading the file"
        total = 1 if self.task.network else len(self.found.candidates)
        which = f" ({total - len(self.left) + 1} of {total})" if total > 1 else ""
        return f"capturing {self.left[0]}{which}" if self.left else "ending"

    def _expected(self, found: Found) -> tuple[str, ...]:
        names = found.candidates
        if not names or len(names) > limits.CANDIDATES:
            raise LieError(f"a list of {len(names)} networks; a file may hold 1 to {limits.CANDIDATES}")
        if len(set(names)) < len(names):
            raise LieError("a list of networks with a name twice")
        for name in names:
            if not name.isidentifier() or len(name) > limits.NAME:
                raise LieError(f"{name[:30]!r} as a network's name")
        if self.task.network is None:
            return names
        if self.task.network not in names:
            raise LieError(f"a list of networks without {self.task.network}")
        return (self.task.network,)


def decode(frame: bytes | bytearray) -> Said:
    """Decode one message of a capture child and cut its strings to size.

    Raises:
        LieError: It is none.
    """
    try:
        said: Said = _decode(frame)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise LieError(f"{len(frame):,} bytes that are no message") from None
    match said:
        case Found(notes=notes):
            return msgspec.structs.replace(said, notes=_cut(notes))
        case Failure():
            return msgspec.structs.replace(
                said,
                message=said.message[: limits.TEXT],
                error=said.error[: limits.NAME],
                hint=said.hint[: limits.TEXT],
                # The innermost frames come last, and are the ones that help.
                frames=tuple(_short(frame) for frame in said.frames[-limits.LIST :]),
                candidates=_cut(said.candidates),
            )
        case _:
            return said


def silence(doing: Conversation, code: int | None) -> Failure:
    """Put in words that the child ended before all was said.

    Args:
        doing: The conversation that it broke off.
        code: Exit status, or minus the number of a signal; None if it had closed its connection and had to be killed.
    """
    at = f"while it was {doing.doing()}"
    if code is None:
        return _failure(
            doing, f"the submission closed its connection to netgrade {at}", "remove what closes descriptors"
        )
    if code >= 0:
        hint = "a submission must not end its process; remove exit(), quit() and os._exit()"
    else:
        hint = "if the file doesn't do this itself, torch crashed or the machine ran out of memory"
    return _failure(doing, f"the submission's process ended with {family.ending(code)} {at}", hint)


def overtime(doing: Conversation) -> Failure:
    """Put in words that the child took too long over one network."""
    if doing.sandbox is None:
        return _failure(
            doing, f"no process was ready for the submission in {limits.START:g} s", "try again on an idle machine"
        )
    if doing.found is None:
        hint = (
            'keep training and downloads under `if __name__ == "__main__":`, or allow more with --model-timeout SECONDS'
        )
    else:
        hint = "look for a loop that never ends, make the network smaller, or allow more with --model-timeout SECONDS"
    failure = _failure(doing, f"{doing.doing()} took longer than {doing.task.timeout:g} s", hint)
    return msgspec.structs.replace(failure, stage="time")


def overflow(doing: Conversation) -> Failure:
    """Put in words that the child has filled its scratch folder."""
    message = f"the submission wrote more than {limits.SCRATCH:,} bytes of files while it was {doing.doing()}"
    failure = _failure(doing, message, "remove what writes files or downloads data")
    return msgspec.structs.replace(failure, stage="memory")


def lie(error: Exception) -> Failure:
    """Put in words that a child's messages can't be believed, so that the whole submission is refused."""
    return Failure(
        stage="decode",
        message=f"the submission interfered with its own capture: it sent {error}",
        hint="remove what writes to descriptors or changes netgrade's code",
    )


def _failure(doing: Conversation, message: str, hint: str) -> Failure:
    network = doing.left[0] if doing.left else doing.task.network
    return Failure(stage="died", network=network, message=message, hint=hint)


def _spoken(said: Said) -> str:
    match said:
        case Captured(network=network):
            return f"a capture of {network[: limits.NAME]!r}"
        case Failure(network=network):
            return f"a failure of {(network or '')[: limits.NAME]!r}"
        case Found():
            return "a list of networks"
        case Hello():
            return "a greeting"


def _short(frame: Frame) -> Frame:
    return Frame(file=frame.file[: limits.TEXT], line=frame.line, code=frame.code[: limits.TEXT])


def _cut(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(text[: limits.TEXT] for text in tuple(texts)[: limits.LIST])
