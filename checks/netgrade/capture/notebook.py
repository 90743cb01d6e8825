"""Turns a notebook into Python, cell by cell, with every line where it was."""

import ast
import contextlib
import json
import re
from typing import Any

import msgspec

_KEPT = frozenset({"capture", "prun", "time", "timeit"})
"""Cell magics that run the cell as Python; all others make it something else."""

_ASSIGNED = re.compile(r"^(\s*[\w.,\[\]\"'][\w.,\s\[\]\"']*=\s*)[!%].*$")
_COMMAND = re.compile(
    r"""^(\s*)(?:
        [!%?].*                                       # !pip install x, %matplotlib inline, ?nn.Conv2d
      | [\w.%]+\?{1,2}\s*;?                           # nn.Conv2d?
      | (?:pip|conda|cd|ls|mkdir)\s+[^\s=(\[,:].*     # pip install x, which a notebook takes without its %
    )$""",
    re.VERBOSE,
)


class NotANotebook(ValueError):  # noqa: N818 - it completes the sentence "the file is …"
    """The bytes are no notebook of Python cells; the text says what they are instead."""


class Cell(msgspec.Struct, frozen=True):
    """One code cell."""

    number: int
    """Its place among the code cells, from one, as `In [7]` shows it once all have been run in order."""
    text: str
    """Python; commands of the notebook are blanked."""


class _Cell(msgspec.Struct):
    cell_type: str = ""
    source: str | list[str] = ""
    input: str | list[str] = ""
    """Where format 3 keeps the source."""


class _Worksheet(msgspec.Struct):
    cells: list[_Cell] = []


class _Notebook(msgspec.Struct):
    cells: list[_Cell] | None = None
    worksheets: list[_Worksheet] | None = None
    """Format 3."""
    metadata: dict[str, Any] = {}


def cells(text: str) -> tuple[Cell, ...]:
    """Return the Python cells of a notebook, in order.

    Cells in another language (`%%bash`, `%%writefile`) are left out, and counted.

    Raises:
        NotANotebook: the text is not JSON, has no cells, or its language is not Python.
    """
    notebook = _decode(text)
    language = _language(notebook.metadata)
    if language != "python":
        raise NotANotebook(f"a notebook in {language[:40]}, not in Python")
    found = notebook.cells or [cell for sheet in notebook.worksheets or () for cell in sheet.cells]
    sources = [_joined(cell.source or cell.input) for cell in found if cell.cell_type == "code"]
    pythons = [(number, python(source)) for number, source in enumerate(sources, start=1)]
    return tuple(Cell(number, code) for number, code in pythons if code is not None)


def python(source: str) -> str | None:
    """Return a cell's source as Python, or None if a cell magic makes it another language.

    A cell that is Python as it stands is left alone. In any other, each line that is a notebook's own command becomes
    `pass`, and what is assigned from one (`files = !ls`) becomes an empty list.
    """
    head, newline, rest = source.lstrip().partition("\n")
    if head.startswith("%%"):
        if head[2:].partition(" ")[0].strip() not in _KEPT:
            return None
        source = "\n" * source[: source.index("%%")].count("\n") + newline + rest
    with contextlib.suppress(SyntaxError, ValueError, RecursionError, MemoryError):
        ast.parse(source)
        return source
    return "\n".join(_without_commands(source.split("\n")))


def _without_commands(lines: list[str]) -> list[str]:
    python: list[str] = []
    continued = False
    for line in lines:
        assigned, command = _ASSIGNED.match(line), _COMMAND.match(line)
        if continued:
            python.append("")
        elif assigned:
            python.append(f"{assigned[1]}[]")
        elif command:
            python.append(f"{command[1]}pass")
        else:
            python.append(line)
        continued = bool(continued or assigned or command) and line.rstrip().endswith("\\")
    return python


def _decode(text: str) -> _Notebook:
    try:
        notebook = msgspec.convert(json.loads(text), _Notebook)
    except json.JSONDecodeError as error:
        raise NotANotebook(f"not JSON: {error.msg} in line {error.lineno}") from None
    except RecursionError:
        raise NotANotebook("JSON nested too deeply") from None
    except msgspec.ValidationError as error:
        raise NotANotebook(f"JSON, but no notebook: {error}") from None
    if notebook.cells is None and notebook.worksheets is None:
        raise NotANotebook("JSON, but no notebook: it has no cells")
    return notebook


def _language(metadata: dict[str, Any]) -> str:
    for key, field in (("kernelspec", "language"), ("language_info", "name")):
        entry = metadata.get(key)
        if isinstance(entry, dict) and isinstance(entry.get(field), str):
            return "python" if "python" in entry[field].casefold() else entry[field]
    return "python"


def _joined(source: str | list[str]) -> str:
    text = source if isinstance(source, str) else "".join(source)
    return text.replace("\r\n", "\n").replace("\r", "\n")
