"""How much a submission may use: the numbers, and those that the operating system holds for us."""

import math
import sys
from collections.abc import Iterator
from pathlib import Path

if sys.platform != "win32":
    import resource

MIB = 2**20

FRAME = 256 * MIB
"""Bytes of one network's capture: 64 million float32 weights."""
BACKLOG = 256 * MIB
"""Bytes of captures that wait for the grader; above it the capture children wait."""
CANDIDATES = 64
"""Networks in one file. Students' files hold up to about ten."""
RESTARTS = 8
"""Fresh capture children for one submission, each because the one before it died or ran out of time."""
NAME = 100
"""Characters of a network's name."""
TEXT = 2_000
"""Characters of any other string: a message, a line of source."""
LIST = 50
"""Notes, frames of a traceback, candidates of a failure."""

START = 120.0
"""Seconds until a child has imported torch."""
EXAMINE = 120.0
"""Seconds for the grader child to examine one network."""

MEMORY = 4096 * MIB
"""Bytes that a capture child may allocate beyond what it starts with."""
ADDRESSES = 2 * MEMORY
"""Bytes of address space beyond what it starts with: bounds shared mappings, which MEMORY does not count."""
FILE = 128 * MIB
"""Bytes of one file that it writes."""
SCRATCH = 512 * MIB
"""Bytes of all files that it keeps, counted by the server."""
OPEN_FILES = 64
"""Descriptors open at once."""


AVAILABLE = sys.platform != "win32"
"""The system holds such limits."""


def restrict(seconds: float) -> bool:
    """Limit this process for good, and whatever it starts; return whether the system knows such limits.

    Args:
        seconds: Processor time, of all threads together. The parent's wall clock is what ends a slow network; this is
            for a process that outlives its parent.
    """
    if not AVAILABLE:
        return False
    for kind, limit in _limits(math.ceil(seconds)):
        _, most = resource.getrlimit(kind)
        lower = limit if most == resource.RLIM_INFINITY else min(limit, most)
        resource.setrlimit(kind, (lower, lower))
    return True


def bound_memory() -> None:
    """Limit this process to MEMORY beyond what it has, where the system can: an allocation above it is an exception."""
    if sys.platform == "linux":
        bound = _sizes()["VmData"] + MEMORY
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (bound if most == resource.RLIM_INFINITY else min(bound, most), most))


def _limits(seconds: int) -> Iterator[tuple[int, int]]:
    yield resource.RLIMIT_CPU, seconds
    yield resource.RLIMIT_FSIZE, FILE
    yield resource.RLIMIT_NOFILE, OPEN_FILES
    yield resource.RLIMIT_CORE, 0
    # RLIMIT_NPROC is left alone: it counts the user's processes everywhere, and does not hold root.
    if sys.platform == "linux":
        size = _sizes()
        yield resource.RLIMIT_DATA, size["VmData"] + MEMORY
        yield resource.RLIMIT_AS, size["VmSize"] + ADDRESSES


def _sizes() -> dict[str, int]:
    """Sizes of this process in bytes, by their names in /proc/self/status."""
    lines = (line.split() for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines())
    return {words[0].rstrip(":"): int(words[1]) * 1024 for words in lines if words[-1] == "kB"}
