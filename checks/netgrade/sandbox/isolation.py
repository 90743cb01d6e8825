"""What holds a capture child, from the strictest that this system has. See each part for what it holds."""

import errno
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from netgrade.sandbox import landlock, limits, privileges, seccomp
from netgrade.sandbox.protocol import Level


def missing() -> tuple[str, ...]:
    """Name what this system lacks of the strictest isolation. Changes nothing."""
    lacking = []
    if not limits.AVAILABLE:
        lacking.append("limits")
    if sys.platform != "linux" or landlock.version() == 0:
        lacking.append("landlock (Linux 5.13 or later)")
    if sys.platform != "linux" or not seccomp.available():
        lacking.append("seccomp (Linux on x86_64 or aarch64)")
    return tuple(lacking)


def hold(level: Level, *, rules: Iterable[tuple[str, landlock.Access]], seconds: float) -> tuple[str, ...]:
    """Restrict this process for good, and name what holds it: `landlock 7`, `seccomp`, `limits`.

    Args:
        level: `auto` for what the system has, `require` for all of it or an error, `off` for the limits alone.
        rules: Which files may be opened, and how.
        seconds: Limit of processor time.

    Raises:
        OSError: With `require`, the system refuses a part.
    """
    # The limits come first: what the process uses now is read from a file.
    held = ["limits"] if limits.restrict(seconds) else []
    if level != "off" and sys.platform == "linux":
        held = [*_attempt(level, lambda: _landlock(rules)), *_attempt(level, _seccomp), *held]
    return tuple(held)


def _attempt(level: Level, part: Callable[[], str]) -> list[str]:
    try:
        return [part()]
    except OSError:
        if level == "require":
            raise
        return []


def _landlock(rules: Iterable[tuple[str, landlock.Access]]) -> str:
    privileges.drop()
    threads = sum(1 for _ in Path("/proc/self/task").iterdir())
    if threads > 1:
        raise OSError(errno.EBUSY, f"{threads} threads are running, and Landlock would hold one of them")
    return f"landlock {landlock.restrict(rules)}"


def _seccomp() -> str:
    privileges.drop()
    seccomp.restrict()
    return "seccomp"
