"""The capture child, from its first instruction to its last.

It runs a stranger's code. It first gives up what it doesn't need and says `Hello`; from then on nothing that it says is
believed without a check, and nobody waits for it to end.
"""

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Callable
from typing import NoReturn

import msgspec

from netgrade.messages import OURS, Captured, Failure, Found, Task
from netgrade.sandbox import descriptors, folders, frames, isolation, limits
from netgrade.sandbox.protocol import CaptureJob, Hello

Send = Callable[[Found | Captured | Failure], None]
Capture = Callable[[Task, Send], None]

_REPLY = 3
"""The one descriptor left besides the standard ones."""
_KEPT = ("LANG", "LC_ALL", "LC_CTYPE", "PATH", "SYSTEMROOT", "TZ")
_SET = {
    "CUDA_VISIBLE_DEVICES": "",
    "MKL_NUM_THREADS": "1",
    "MPLBACKEND": "Agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


def work(job: CaptureJob, function: Capture, reply: int) -> NoReturn:
    """Capture one submission, send what comes of it to the descriptor `reply`, and end the process."""
    stream, held = enter(job, reply)
    frames.write(stream, Hello(sandbox=held))
    left: tuple[str | None, ...] = (None,)

    def send(message: Found | Captured | Failure) -> None:
        nonlocal left
        if isinstance(message, Found):
            left = (job.task.network,) if job.task.network else message.candidates
        else:
            left = left[1:]
        _flush()
        frames.write(stream, fitting(message))

    try:
        function(job.task, send)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it must not return into the zygote's code
        _flush()
        for network in left:
            frames.write(stream, unexpected(error, network))
    finally:
        os._exit(0)


def enter(job: CaptureJob, reply: int) -> tuple[io.FileIO, tuple[str, ...]]:
    """Give up for good whatever a submission is not to have.

    Returns:
        A file for `reply`, and the names of what holds the process.

    Raises:
        OSError: All isolation is required, and the system refuses a part.
    """
    rules = tuple(folders.rules(job.task, job.scratch))  # before the environment changes
    stream = _alone(reply)
    _at_home(job.scratch)
    # The clock is for one network; a file may hold many.
    networks = 1 if job.task.network else limits.CANDIDATES
    return stream, isolation.hold(job.isolation, rules=rules, seconds=job.task.timeout * (networks + 1))


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # the submission may have put anything there
            stream.flush()


def unexpected(error: BaseException, network: str | None) -> Failure:
    """Report what the capture itself did not catch."""
    return Failure(
        stage="capture",
        network=network,
        message=f"the capture ended with an error: {type(error).__name__}: {_words(error)}",
        error=type(error).__name__,
        hint=OURS,
    )


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # noqa: BLE001 - a stranger's exception may fail to print
        return "it has no text"


def fitting(message: Found | Captured | Failure) -> Found | Captured | Failure:
    """Put a failure in place of a capture too large to be read, and call a failure for want of memory one."""
    match message:
        case Captured(network=network, blob=blob) if len(blob) > limits.FRAME - limits.MIB:
            return Failure(
                stage="capture",
                network=network,
                message=f"the captured network takes {len(blob):,} bytes, more than the {limits.FRAME:,} that are read",
                hint="make the network smaller",
            )
        case Failure(message=text, error=error) if error == "MemoryError" or "can't allocate memory" in text:
            return msgspec.structs.replace(
                message,
                stage="memory",
                hint=f"a submission may allocate {limits.MEMORY:,} bytes; build something smaller",
            )
        case _:
            return message


def _alone(reply: int) -> io.FileIO:
    """Leave the terminal and every descriptor but standard error, for all output, and `reply`, which is returned."""
    descriptors.no_input()
    os.dup2(2, 1)
    if sys.platform == "win32":
        return io.FileIO(reply, "w")
    with contextlib.suppress(PermissionError):  # it leads a session already
        os.setsid()
    if reply != _REPLY:
        os.dup2(reply, _REPLY)
    descriptors.keep_only({0, 1, 2, _REPLY})
    return io.FileIO(_REPLY, "w")


def _at_home(scratch: str) -> None:
    """Live in the scratch folder, with an environment of a few named variables."""
    os.chdir(scratch)
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    os.environ.clear()
    os.environ.update(
        kept, **_SET, HOME=scratch, USER="netgrade", USERPROFILE=scratch, TMPDIR=scratch, TEMP=scratch, TMP=scratch
    )
    tempfile.tempdir = scratch
    sys.dont_write_bytecode = True
