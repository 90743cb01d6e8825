"""From the values of `--report` to what is written where; every mistake is found before anything is graded."""

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from netgrade.names import unknown
from netgrade.reports.formats import FORMATS

STANDARD_OUTPUT = "-"
_KINDS = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}
_SCREENS = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


class TargetError(ValueError):
    """A value of `--report` can't be used; the message says why and what to do."""


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """One report to be written."""

    format: str
    given: str
    """The path as the user gave it, or `-`."""
    path: Path | None
    """Absolute; None for the standard output."""


def targets(values: Sequence[str], *, start: Path, kept: Iterable[Path]) -> tuple[Target, ...]:
    """Return what the values ask for, in their order. A link is not followed: the report takes its place.

    Args:
        values: Each `FORMAT=PATH`, where `-` stands for the standard output.
        start: The folder in which a relative path starts.
        kept: Files that no report may take the place of: the submissions.

    Raises:
        TargetError: A format is unknown, or a path can't be written.
    """
    taken = {each: "the submission" for path in kept for each in (_spot(path), _end(path))}
    return tuple(_targets(values, start, taken))


def _targets(values: Sequence[str], start: Path, taken: dict[Path, str]) -> Iterator[Target]:
    for value in values:
        name, _, given = value.partition("=")
        if name not in FORMATS:
            raise TargetError(f"--report {value}: {unknown('format', name, FORMATS)}")
        if not given:
            raise TargetError(f"--report {value}: no path; write {name}=FILE, or {name}=- for the standard output")
        if given == STANDARD_OUTPUT:
            yield Target(format=name, given=given, path=None)
            continue
        path = _path(start, given)
        if path is None or (fault := _fault(path, name, given)):
            raise TargetError(f"--report {value}: {fault if path else f'{given} is no path; name a file'}")
        spot = next((each for each in (_spot(path), _end(path)) if each in taken), None)
        if spot:
            raise TargetError(f"--report {value}: {given} is {taken[spot]}; name another file")
        taken[_spot(path)] = "the file of another report"
        yield Target(format=name, given=given, path=path)


def _path(start: Path, given: str) -> Path | None:
    """Return the absolute path; None for what no system takes for one."""
    try:
        return None if "\0" in given else start / Path(given).expanduser()
    except RuntimeError:  # ~nobody
        return None


def _fault(path: Path, name: str, given: str) -> str:
    """Return why a file can't be written, or nothing. Nothing is opened: a pipe would wait for its reader."""
    if given in _SCREENS:
        return f"write {name}=- for the standard output"
    try:
        if path.is_dir():
            return f"{path.name or given} is a folder; name a file in it"
        if not path.parent.is_dir():
            return f"there is no folder {path.parent}; make it first, or name another"
        kind = stat.S_IFMT(path.lstat().st_mode) if os.path.lexists(path) else stat.S_IFREG
    except OSError as error:
        return f"{error.strerror}; name another file"
    if kind not in (stat.S_IFREG, stat.S_IFLNK):
        return f"{path.name} is {_KINDS.get(kind, 'no file')}; name a file"
    # It is written beside its place first, so the folder decides.
    return "" if os.access(path.parent, os.W_OK) else f"{path.parent} may not be written; name a file elsewhere"


def _spot(path: Path) -> Path:
    """Return the one name of a place in the file system, whatever lies there."""
    return _end(path.parent) / path.name


def _end(path: Path) -> Path:
    """Return where a path leads; itself where that is nowhere."""
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a ring of links
        return path
