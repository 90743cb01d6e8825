"""Which files a capture child may open: Python's, the system's, the submission's own, and its scratch folder's."""

import os
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import netgrade
from netgrade.messages import Task
from netgrade.sandbox.landlock import Access

_SYSTEM = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share", "/etc/fonts"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types"),
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm/overcommit_memory"),
    *("/sys/devices/system/cpu", "/sys/devices/system/node", "/sys/fs/cgroup"),
)
"""What the C library, Python and torch look up about the machine, and no one's own."""
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")

_PYTHON = (
    *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    os.path.join(sys.base_prefix, "lib"),  # noqa: PTH118 - a str among others
    netgrade.__path__[0],
)
"""Python's own folders, the installed packages' and ours."""


def rules(task: Task, scratch: str) -> Iterator[tuple[str, Access]]:
    """Yield what Landlock is to allow for one submission."""
    yield scratch, Access.CHANGE
    path = Path(task.path)
    # What else is importable, but no folder that the submission lies in: it may hold others too.
    paths = (folder for folder in sys.path if folder and not path.is_relative_to(folder))
    readable = dict.fromkeys((*_SYSTEM, *_PYTHON, *paths, f"/proc/{os.getpid()}"))
    yield from ((folder, Access.READ) for folder in readable)
    yield from ((device, Access.READ_WRITE) for device in _DEVICES)
    yield from _own(path, alone=task.alone)


def project(path: Path) -> Path:
    """Return the folder that a submission's other files lie in: the nearest one with `.git`, else its own."""
    shared = _shared()
    repositories = (folder for folder in path.parents if (folder / ".git").exists() and folder not in shared)
    return next(repositories, path.parent)


def _own(path: Path, *, alone: bool) -> Iterator[tuple[str, Access]]:
    yield str(path), Access.READ
    if alone:
        return
    folder = project(path)
    if folder in _shared():
        # No project, but siblings can be imported.
        yield str(folder), Access.LIST
        yield from ((str(sibling), Access.READ) for sibling in folder.glob("*.py"))
    elif (folder / ".git").exists():
        # Not `.git` itself: an action's checkout leaves a token in its configuration.
        yield str(folder), Access.LIST
        yield from ((str(entry), Access.READ) for entry in folder.iterdir() if entry.name != ".git")
    else:
        yield str(folder), Access.READ


def _shared() -> frozenset[Path]:
    """Return the folders that hold much else: the home folder, those above it, the one for temporary files."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises where there is none
    return frozenset({home, *home.parents, Path(tempfile.gettempdir()).resolve()})
