"""Reads a submission as its statements."""

import linecache
from pathlib import Path

import msgspec

from netgrade.capture import notebook
from netgrade.capture.errors import SubmissionError, cut
from netgrade.capture.files import Files
from netgrade.capture.statements import Statement, future, parse
from netgrade.capture.text import text, unread
from netgrade.messages import Failure, Frame

_LONGEST = 160

_NUMBERING = "cells are numbered as `In [ ]` shows them after Restart and Run All: code cells only, from 1"

_STARTS = {
    ("!", "%"): "a line that begins with ! or % is a notebook's command: remove it, or submit the notebook itself",
    ("<<<<<<<", "=======", ">>>>>>>"): "git left this mark of a conflict: keep one version and remove the marks",
    (">>>",): "remove the prompts `>>>` that were copied from a console",
}
"""What a line means that can't begin a Python statement."""


class Source(msgspec.Struct, frozen=True):
    """A submission as it was read."""

    files: Files
    statements: tuple[Statement, ...]
    notes: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    """Cells that are not valid Python and were left out, each with the reason."""


def read(path: Path) -> Source:
    """Read a .py file or a notebook, and register its source with linecache.

    Raises:
        SubmissionError: there is no such file, it is neither, or it is not valid Python.
    """
    content, notes = text(path)
    files = Files(path, _root(path))
    if path.suffix.casefold() == ".ipynb":
        return _notebook(files, content, notes)
    _register(str(path), content)
    try:
        statements = parse(content, str(path))
    except SyntaxError as error:
        raise SubmissionError(_syntax(error, path.name, content)) from None
    except (RecursionError, MemoryError):
        raise unread(f"{path.name} is nested too deeply for Python to read it") from None
    if not statements:
        raise unread(f"{path.name} holds nothing but comments", "it must define an nn.Module")
    return Source(files, tuple(statements), notes)


def _root(path: Path) -> Path:
    """Return the folder of the repository that holds the file; where there is none, its folder's own parent."""
    repositories = (folder for folder in path.parents if (folder / ".git").exists())
    return next(repositories, path.parent.parent)


def _register(filename: str, content: str) -> None:
    """Let tracebacks and `inspect.getsource` see a text under a file name."""
    lines = [f"{line}\n" for line in content.split("\n")]
    linecache.cache[filename] = (len(content), None, lines, filename)


def _notebook(files: Files, content: str, notes: tuple[str, ...]) -> Source:
    try:
        cells = notebook.cells(content)
    except notebook.NotANotebook as error:
        raise unread(f"{files.path.name} is {error}", "save the notebook again, as .ipynb") from None
    _register(str(files.path), "\n".join(cell.text for cell in cells))
    statements: list[Statement] = []
    broken: list[str] = []
    flags = 0
    for cell in cells:
        filename = files.cell(cell.number)
        _register(filename, cell.text)
        try:
            parsed = parse(cell.text, filename, flags=flags)
            statements += parsed
            flags |= future([statement.node for statement in parsed])
        except SyntaxError as error:
            broken.append(f"cell {cell.number} is not valid Python in line {error.lineno}: {cut(error.msg, _LONGEST)}")
        except (RecursionError, MemoryError):
            broken.append(f"cell {cell.number} is nested too deeply for Python to read it")
    if not statements and not broken:
        raise unread(f"{files.path.name} has no Python cells", "it must define an nn.Module")
    left_out = tuple(f"{reason}; the cell was left out" for reason in broken)
    return Source(files, tuple(statements), (*notes, _NUMBERING, *left_out), tuple(broken))


def _syntax(error: SyntaxError, name: str, content: str) -> Failure:
    number = error.lineno or 1
    line = content.split("\n")[number - 1 : number]
    code = line[0].strip() if line else ""
    return Failure(
        stage="read",
        message=f"{name} is not valid Python in line {number}: {cut(error.msg, _LONGEST)}",
        error=type(error).__name__,
        frames=(Frame(file=name, line=number, code=cut(code, _LONGEST)),),
        hint=_hint(error, code),
    )


def _hint(error: SyntaxError, code: str) -> str:
    for starts, meaning in _STARTS.items():
        if code.startswith(starts):
            return meaning
    if "call to 'print'" in error.msg:
        return "this is Python 2; in Python 3 print is a function: print(…)"
    if isinstance(error, TabError):
        return "indent with spaces alone: this line mixes them with tabs"
    if isinstance(error, IndentationError):
        return "indent this line like its neighbours, by four spaces a level"
    return "correct this line, or the one before it: a bracket or a quote may be open there"
