"""The lines of submissions, for formats that show them beside a verdict. A submission is read as text and never run.

What is read lies in the submission's own folder: a link that leads out of it, a pipe or a device has no lines.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from netgrade.capture.notebook import NotANotebook, written
from netgrade.sandbox.neutral import neutral

_MOST = 1_000_000
"""Bytes of a file that is shown; a longer one has no lines."""
_ALL = 32_000_000
"""Bytes of all files together; those beyond have no lines."""
_LONGEST = 500
"""Characters of a line."""
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""A pipe that nobody writes to is opened at once, and then refused."""


def sources(paths: Mapping[str, Path]) -> dict[str, tuple[str, ...]]:
    """Return the lines of each file, by the name it is shown under; those of a notebook's cell by `name:cell`."""
    found: dict[str, tuple[str, ...]] = {}
    room = _ALL
    for name, path in paths.items():
        text = _text(path) if room > 0 else ""
        room -= len(text)
        found |= _notebook(name, text) if path.suffix.casefold() == ".ipynb" else {name: _lines(text)}
    return found


def _text(path: Path) -> str:
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(path.parent.resolve()):
            return ""
        with open(os.open(real, _FLAGS), "rb") as file:  # noqa: PTH123 - its descriptor has flags of its own
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return ""
            data = file.read(_MOST + 1)
    except (OSError, RuntimeError):  # it was there when it was graded; a report without its lines is better than none
        return ""
    return "" if len(data) > _MOST else data.decode(errors="replace")


def _notebook(name: str, text: str) -> dict[str, tuple[str, ...]]:
    try:
        return {f"{name}:{number}": _lines(source) for number, source in enumerate(written(text), start=1)}
    except NotANotebook:
        return {}


def _lines(text: str) -> tuple[str, ...]:
    return tuple(_shown(text.replace("\r\n", "\n").replace("\r", "\n")))


def _shown(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        cut = line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
        yield neutral(cut)
