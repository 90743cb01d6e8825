"""Which files are the student's own, and what the student calls them."""

import sysconfig
from functools import lru_cache
from pathlib import Path

import msgspec

from netgrade.facts.model import Place

_FOREIGN = (*(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")), str(Path(__file__).parents[1]))
"""Folders whose files are nobody's submission: Python's, the installed packages', our own."""


class Files(msgspec.Struct, frozen=True):
    """A submission and the folder that its siblings lie in."""

    path: Path
    """Absolute path of the submission."""
    root: Path
    """The folder of its repository, or its own folder."""

    def cell(self, number: int) -> str:
        """Return the file name under which a notebook's cell is compiled."""
        return f"{self.path} cell {number}"

    def name(self, filename: str) -> str | None:
        """Return what the student calls the file of a code object, or None if it is not the student's.

        `model.py` for the submission, `cell 7` for a cell of it, `models/blocks.py` for a sibling.
        """
        return _name(self.path, self.root, filename)

    def place(self, filename: str, line: int) -> Place | None:
        """Return the place of a line, or None if the file is not the student's."""
        name = self.name(filename)
        if name is None:
            return None
        if filename == str(self.path):
            return Place(line=line)
        if filename == f"{self.path} {name}":
            return Place(line=line, cell=int(name.removeprefix("cell ")))
        return Place(line=line, file=name)


@lru_cache(maxsize=4096)
def _name(path: Path, root: Path, filename: str) -> str | None:
    if filename == str(path):
        return path.name
    if filename.startswith(f"{path} cell "):
        return filename.removeprefix(f"{path} ")
    file = Path(filename)
    if not file.is_absolute() or any(file.is_relative_to(folder) for folder in _FOREIGN):
        return None
    if "site-packages" in file.parts:
        return None
    for folder in (path.parent, root):
        if file.is_relative_to(folder):
            return file.relative_to(folder).as_posix()
    return None
