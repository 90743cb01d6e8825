"""Files that can't be read as a submission, and files that are read although Python itself would refuse them."""

import inspect
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from netgrade.capture.errors import SubmissionError
from netgrade.capture.load import load
from netgrade.messages import Frame

if TYPE_CHECKING:
    from tests.capture.conftest import Folder


def test_a_missing_file_is_named_with_its_folder(folder: "Folder") -> None:
    with pytest.raises(SubmissionError) as caught:
        load(folder.path / "modle.py")
    failure = caught.value.failure
    assert (failure.stage, failure.message) == ("find", f"there is no file modle.py in {folder.path}")


def test_a_folder_is_no_file(folder: "Folder") -> None:
    folder.write("", "models.py/__init__.py")
    with pytest.raises(SubmissionError, match=r"models\.py is a folder, not a file"):
        load(folder.path / "models.py")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("model.txt", b"x = 1", "model.txt is neither a .py file nor a notebook (.ipynb)"),
        ("model", b"x = 1", "model is neither a .py file nor a notebook (.ipynb)"),
        ("model.py", b"\x89PNG\r\n\x1a\n", "model.py is a PNG image, not Python"),
        ("model.py", b"%PDF-1.7", "model.py is a PDF document, not Python"),
        ("model.py", b"\x80\x05\x95", "model.py is pickled data, not Python"),
        ("model.py", b"x = 1\ny = '\0'\n", "model.py is not text: it holds a NUL byte in line 2"),
        ("model.py", b"", "model.py is empty"),
        ("model.py", b"\xef\xbb\xbf \n\t\n", "model.py is empty"),
        ("model.py", b"# soon\n# a network\n", "model.py holds nothing but comments"),
        ("model.py", b"\n<!DOCTYPE html>\n<html lang='en'>", "model.py is a web page, not Python"),
        ("model.py", b'{"cells": [], "nbformat": 4}', "model.py is a notebook that is named like a Python file"),
        ("model.py", b"x = " + b"-" * 200_000 + b"1", "model.py is nested too deeply for Python to read it"),
    ],
)
def test_what_is_no_python_is_called_what_it_is(folder: "Folder", name: str, content: bytes, message: str) -> None:
    failure = folder.failure(content, name=name)
    assert (failure.stage, failure.message) == ("read", message)


def test_weights_named_like_a_submission(folder: "Folder") -> None:
    path = folder.path / "model.py"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data.pkl", b"")
    with pytest.raises(
        SubmissionError, match=r"model\.py is a ZIP archive, as `torch.save` writes weights, not Python"
    ):
        load(path)


def test_a_web_page_and_a_misnamed_notebook_come_with_the_way_out(folder: "Folder") -> None:
    assert folder.failure("<html>").hint == "on GitHub the button Raw leads to the file itself"
    assert folder.failure('{"cells": []}', name="hw.py").hint == "rename it to hw.ipynb"


@pytest.mark.parametrize(
    ("text", "line", "words", "hint"),
    [
        ("import x\n!pip install torchsummary\n", 2, "invalid syntax", "begins with ! or % is a notebook's command"),
        ("%matplotlib inline\n", 1, "invalid syntax", "remove it, or submit the notebook itself"),
        ("x = (1,\ny = 2\n", 1, "'(' was never closed", "a bracket or a quote may be open there"),
        ("print 'hello'\n", 1, "Missing parentheses in call to 'print'", "this is Python 2"),
        ("def f():\n\tif 1:\n        return 1\n", 3, "inconsistent use of tabs", "indent with spaces alone"),
        ("class Net:\ndef f(self):\n    pass\n", 2, "expected an indented block", "by four spaces a level"),
        ("x = 1\n<<<<<<< HEAD\n", 2, "invalid syntax", "git left this mark of a conflict"),
        (">>> import torch\n", 1, "invalid syntax", "remove the prompts `>>>`"),
        ("x = 1\nreturn x\n", 2, "'return' outside function", "correct this line"),
    ],
)
def test_a_syntax_error_is_shown_with_its_line(folder: "Folder", text: str, line: int, words: str, hint: str) -> None:
    failure = folder.failure(text)
    assert failure.stage == "read"
    assert failure.message.startswith(f"model.py is not valid Python in line {line}: {words}")
    assert failure.error in ("SyntaxError", "IndentationError", "TabError")
    assert failure.frames == (Frame(file="model.py", line=line, code=text.split("\n")[line - 1].strip()),)
    assert hint in failure.hint


def test_line_ends_and_a_byte_order_mark_of_windows(folder: "Folder") -> None:
    text = "\ufeff" + folder.net().replace("\n", "\r\n")
    assert folder.load(text).notes == ()


def test_a_declared_encoding(folder: "Folder") -> None:
    text = "# -*- coding: cp1252 -*-\n" + folder.net() + "AUTHOR = 'André'\n"
    assert folder.load(text.encode("cp1252")).notes == ()


@pytest.mark.parametrize(
    ("encoding", "declared", "note"),
    [
        ("latin-1", "", "model.py is not valid UTF-8 (byte 0xE9 in line 1) and was read as Latin-1; save it as UTF-8"),
        ("utf-16", "", "model.py is saved as UTF-16, which Python refuses; save it as UTF-8"),
        ("utf-8", "# coding: klingon", "model.py declares an encoding that doesn't fit it, and was read as UTF-8"),
        ("utf-8", "# coding: rot13", "model.py declares an encoding that doesn't fit it, and was read as UTF-8"),
    ],
)
def test_an_encoding_that_python_would_refuse_is_read_and_said(
    folder: "Folder", encoding: str, declared: str, note: str
) -> None:
    text = f"# by André {declared}\n{declared}\n{folder.net()}"
    assert folder.load(text.encode(encoding)).notes == (note,)


@pytest.mark.parametrize(
    "name", ["3-net.py", "torch.py", "test.py", "json.py", "my net.v2.final.py", "a b.c/ünïcode dir/net.py", "NET.PY"]
)
def test_any_name_will_do(folder: "Folder", name: str) -> None:
    loaded = folder.load(folder.net(), name=name)
    network = loaded.candidates[0].build()
    assert type(network).__name__ == "Net"
    assert inspect.getsource(type(network)).startswith("class Net(nn.Module):")


def test_two_submissions_of_one_name_are_two_modules(folder: "Folder") -> None:
    one = folder.load(folder.net(build="self.fc = nn.Linear(784, 3)"), name="anna/model.py").candidates[0].build()
    two = folder.load(folder.net(build="self.fc = nn.Linear(784, 4)"), name="ben/model.py").candidates[0].build()
    assert type(one).__module__ != type(two).__module__
    assert "nn.Linear(784, 3)" in inspect.getsource(type(one))
    assert "nn.Linear(784, 4)" in inspect.getsource(type(two))


def test_the_source_shown_is_the_one_that_was_read(folder: "Folder") -> None:
    path = folder.write(folder.net(build="self.é = 1 / 0").encode("latin-1"))
    with pytest.raises(SubmissionError) as caught:
        load(Path(path))
    assert caught.value.failure.frames == (Frame(file="model.py", line=9, code="self.é = 1 / 0"),)
