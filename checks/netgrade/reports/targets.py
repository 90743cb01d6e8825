"""From the values of `--report` to what is written where; every mistake is found before anything is graded."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from netgrade.names import unknown
from netgrade.reports.formats import FORMATS

STANDARD_OUTPUT = "-"


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
    """Return what the values ask for, in their order.

    Args:
        values: Each `FORMAT=PATH`, where `-` stands for the standard output.
        start: The folder in which a relative path starts.
        kept: Files that no report may take the place of: the submissions.

    Raises:
        TargetError: A format is unknown, or a path can't be written.
    """
    taken = {path.resolve(): "the submission" for path in kept}
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
        path = start / Path(given).expanduser()
        if fault := _fault(path):
            raise TargetError(f"--report {value}: {fault}")
        real = path.resolve()
        if real in taken and not _is_device(real):
            raise TargetError(f"--report {value}: {given} is {taken[real]}; name another file")
        taken[real] = "the file of another report"
        yield Target(format=name, given=given, path=path)


def _fault(path: Path) -> str:
    """Return why a file can't be written, or nothing."""
    if path.is_dir():
        return f"{path.name} is a folder; name a file in it"
    if not path.parent.is_dir():
        return f"there is no folder {path.parent}; make it first, or name another"
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        return f"{path if path.exists() else path.parent} may not be written; name another file"
    return ""


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file()
