"""Parents and children on Linux: dying with one's parent, and ending whatever a child left behind.

Killing a process group misses a grandchild that has called setsid; a subreaper misses none, because every orphan
becomes its child.
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Container
from pathlib import Path

from netgrade.sandbox import libc

_LINUX = sys.platform == "linux"

# linux/prctl.h
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def die_with(parent: int) -> None:
    """Have this process killed when its parent ends; at once if the parent is gone already."""
    if _LINUX:
        libc.call("prctl", _PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def outlive_parent() -> None:
    """Take `die_with` back."""
    if _LINUX:
        libc.call("prctl", _PR_SET_PDEATHSIG, 0, 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends."""
    if _LINUX:
        libc.call("prctl", _PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end(pid: int, patience: float) -> int | None:
    """Wait `patience` seconds for a child to end by itself, then kill it.

    Returns:
        Its exit status, or minus the number of the signal that ended it; None if it had to be killed here.
    """
    until = time.monotonic() + patience
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= until:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return None
        time.sleep(0.002)


def ending(code: int) -> str:
    """Name what `end` returned: `exit status 1`, `signal 9 (SIGKILL)`."""
    if code >= 0:
        return f"exit status {code}"
    with contextlib.suppress(ValueError):
        return f"signal {-code} ({signal.Signals(-code).name})"
    return f"signal {-code}"


def sweep(keep: Container[int]) -> None:
    """Kill and reap every child of this process but those to keep, and the orphans that follow from it."""
    while strays := [pid for pid in _children() if pid not in keep]:
        for pid in strays:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in strays:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _children() -> list[int]:
    """Children of this process, which has one thread; none where the kernel doesn't list them."""
    try:
        return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_bytes().split()]
    except OSError:
        return []
