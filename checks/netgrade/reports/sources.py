"""The lines of submissions, for formats that show them beside a verdict. A submission is read as text and never run."""

from collections.abc import Mapping
from pathlib import Path

from netgrade.capture.notebook import NotANotebook, cells
from netgrade.sandbox.neutral import neutral

_MOST = 1_000_000
"""Bytes of a file that is shown; a longer one has no lines."""


def sources(paths: Mapping[str, Path]) -> dict[str, tuple[str, ...]]:
    """Return the lines of each file, by the name it is shown under; those of a notebook's cell by `name:cell`."""
    found: dict[str, tuple[str, ...]] = {}
    for name, path in paths.items():
        text = _text(path)
        found |= _notebook(name, text) if path.suffix == ".ipynb" else {name: _lines(text)}
    return found


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST + 1)
    except OSError:  # it was there when it was graded; a report without its lines is better than none
        return ""
    return "" if len(data) > _MOST else data.decode(errors="replace")


def _notebook(name: str, text: str) -> dict[str, tuple[str, ...]]:
    try:
        return {f"{name}:{cell.number}": _lines(cell.text) for cell in cells(text)}
    except NotANotebook:
        return {}


def _lines(text: str) -> tuple[str, ...]:
    return tuple(neutral(line) for line in text.replace("\r\n", "\n").split("\n"))
