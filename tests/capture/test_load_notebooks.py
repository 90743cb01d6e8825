"""Notebooks: commands, magics, broken cells, old formats, and cells as places."""

import inspect
import json
from typing import TYPE_CHECKING

import pytest

from netgrade.capture.notebook import python
from netgrade.facts.model import Place
from netgrade.messages import Frame

if TYPE_CHECKING:
    from tests.capture.conftest import Folder

NUMBERING = "cells are numbered as `In [ ]` shows them after Restart and Run All: code cells only, from 1"
IMPORTS = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"


def notebook(*cells: str, **more: object) -> str:
    """Return a notebook of these code cells, each behind a cell of text."""
    found = []
    for source in cells:
        found += [{"cell_type": "markdown", "source": ["# text"]}, {"cell_type": "code", "source": source}]
    return json.dumps({"cells": found, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more})


def cls(name: str = "Net", build: str = "self.fc = nn.Linear(784, 10)") -> str:
    return (
        f"class {name}(nn.Module):\n    def __init__(self):\n        super().__init__()\n        {build}\n"
        f"    def forward(self, x):\n        return self.fc(x.flatten(1))\n"
    )


def test_a_network_spread_over_cells(folder: "Folder") -> None:
    text = notebook(IMPORTS, "WIDTH = 10", "raise SystemExit", cls(build="self.fc = nn.Linear(784, WIDTH)"))
    loaded = folder.load(text, name="hw.ipynb")
    assert [candidate.name for candidate in loaded.candidates] == ["Net"]
    assert (loaded.way, loaded.notes) == ("definitions", (NUMBERING,))
    assert loaded.candidates[0].build().fc.out_features == 10


def test_code_objects_know_their_cell(folder: "Folder") -> None:
    loaded = folder.load(notebook(IMPORTS, "x = 1", cls()), name="hw.ipynb")
    forward = type(loaded.candidates[0].build()).forward
    place = loaded.files.place(forward.__code__.co_filename, forward.__code__.co_firstlineno + 1)
    assert place == Place(line=6, cell=3)
    assert inspect.getsource(forward).strip().endswith("return self.fc(x.flatten(1))")


def test_a_frame_names_the_cell(folder: "Folder") -> None:
    failure = folder.failure(notebook(IMPORTS, cls(build="self.fc = nn.Linear(784, wdith)")), name="hw.ipynb")
    assert failure.message == "Net() raises: NameError: name 'wdith' is not defined"
    assert failure.frames == (Frame(file="cell 2", line=4, code="self.fc = nn.Linear(784, wdith)"),)


def test_the_last_of_many_definitions_is_graded(folder: "Folder") -> None:
    cells = [cls(build=f"self.fc = nn.Linear(784, {width})") for width in range(1, 14)]
    loaded = folder.load(notebook(IMPORTS, *cells), name="hw.ipynb")
    assert loaded.notes == (NUMBERING, "Net is defined 13 times; the last, in cell 14, line 1, is graded")
    assert [candidate.build().fc.out_features for candidate in loaded.candidates] == [13]


def test_commands_do_not_spoil_a_cell(folder: "Folder") -> None:
    first = (
        "!pip install torchsummary \\\n  tqdm\n%matplotlib inline\nfiles = !ls\nnn.Conv2d?\npip install x\n" + IMPORTS
    )
    loaded = folder.load(notebook(first, "%%time\n" + cls()), name="hw.ipynb")
    forward = type(loaded.candidates[0].build()).forward
    assert loaded.files.place(forward.__code__.co_filename, forward.__code__.co_firstlineno) == Place(line=6, cell=2)
    assert loaded.notes == (NUMBERING,)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1 %\\\n2", "x = 1 %\\\n2"),
        ("text = '''\n%matplotlib\n'''", "text = '''\n%matplotlib\n'''"),
        ("if x:\n    !ls\n    %cd ..", "if x:\n    pass\n    pass"),
        ("!wget a \\\n b\nx = 1", "pass\n\nx = 1"),
        ("files, n = !ls *.py", "files, n = []"),
        ("t = %timeit -o f()", "t = []"),
        ("?nn.Conv2d\nnn.Conv2d??\nx = 1", "pass\npass\nx = 1"),
        ("pip install a\ncd ..", "pass\npass"),
        ("\n\n%%time\nx = 1", "\n\n\nx = 1"),
        ("%%capture out\n!ls", "\npass"),
        ("%%bash\nls", None),
        ("%%writefile net.py\nx = 1", None),
        ("%%javascript\nalert(1)", None),
    ],
)
def test_commands_are_blanked_line_by_line(source: str, expected: str | None) -> None:
    assert python(source) == expected


def test_a_broken_cell_is_left_out_and_said(folder: "Folder") -> None:
    loaded = folder.load(notebook(IMPORTS, "x = (1,\n", cls()), name="hw.ipynb")
    assert loaded.notes == (
        NUMBERING,
        "cell 2 is not valid Python in line 1: '(' was never closed; the cell was left out",
    )
    assert [candidate.name for candidate in loaded.candidates] == ["Net"]


def test_a_network_in_a_broken_cell(folder: "Folder") -> None:
    failure = folder.failure(notebook(IMPORTS, cls() + "x = (1,"), name="hw.ipynb")
    assert (
        failure.message == "hw.ipynb defines no nn.Module; cell 2 is not valid Python in line 7: '(' was never closed"
    )
    assert failure.hint == "correct that cell, if the network is in it"


def test_a_name_from_a_broken_cell(folder: "Folder") -> None:
    failure = folder.failure(notebook(IMPORTS, "WIDTH = = 3", cls(build="WIDTH")), name="hw.ipynb")
    assert (
        failure.hint
        == "`WIDTH` may be made in a cell that was left out: cell 2 is not valid Python in line 1: invalid syntax"
    )


def test_format_3_keeps_its_cells_in_worksheets(folder: "Folder") -> None:
    cells = [{"cell_type": "code", "input": [IMPORTS], "language": "python"}, {"cell_type": "code", "input": cls()}]
    text = json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3, "metadata": {"name": ""}})
    assert folder.load(text, name="old.ipynb").candidates[0].name == "Net"


def test_source_as_a_list_of_lines_and_foreign_outputs(folder: "Folder") -> None:
    lines = (IMPORTS + cls()).splitlines(keepends=True)
    cell = {"cell_type": "code", "source": lines, "outputs": [{"text": "\ud83d", "value": float("nan")}]}
    text = json.dumps({"cells": [cell], "metadata": {"kernelspec": {"language": "python", "name": "python3"}}})
    assert folder.load(text, name="hw.ipynb").candidates[0].name == "Net"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "hw.ipynb is not JSON: Expecting value in line 1"),
        ('{"cells": [', "hw.ipynb is not JSON: Expecting value in line 1"),
        ("[1, 2]", "hw.ipynb is JSON, but no notebook: Expected `object`, got `array`"),
        ('{"a": 1}', "hw.ipynb is JSON, but no notebook: it has no cells"),
        ('{"cells": 3}', "hw.ipynb is JSON, but no notebook: Expected `array | null`, got `int` - at `$.cells`"),
        ("[" * 100_000, "hw.ipynb is JSON nested too deeply"),
        ('{"a": ' + "1" * 5_000 + "}", "hw.ipynb is JSON with a number of more than 4,300 digits"),
        (notebook(), "hw.ipynb has no Python cells"),
        (notebook("%%bash\nls"), "hw.ipynb has no Python cells"),
        (
            notebook("x <- 1", metadata={"kernelspec": {"language": "R"}}),
            "hw.ipynb is a notebook in R, not in Python",
        ),
        (
            notebook("x", metadata={"language_info": {"name": "julia"}}),
            "hw.ipynb is a notebook in julia, not in Python",
        ),
    ],
)
def test_what_is_no_notebook_is_called_what_it_is(folder: "Folder", text: str, message: str) -> None:
    failure = folder.failure(text, name="hw.ipynb")
    assert (failure.stage, failure.message) == ("read", message)


def test_annotations_of_the_future_hold_for_later_cells(folder: "Folder") -> None:
    text = notebook(
        "from __future__ import annotations\n" + IMPORTS, "def f(x: Missing): ...\n" + cls(build="self.fc = f")
    )
    assert folder.load(text, name="hw.ipynb").candidates[0].name == "Net"


@pytest.mark.parametrize("unit", [" ", "(", "\\", "self.", "[", "a,", "%", "x ?", "'"])
def test_a_long_line_is_read_in_one_go(unit: str) -> None:
    """With a pattern that goes back and forth this takes hours, and the run never ends."""
    assert python(f"!ls\n{unit * (1_000_000 // len(unit))}") is not None
