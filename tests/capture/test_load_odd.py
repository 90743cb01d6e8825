"""What lies where a submission should: told apart, and read in bounded time."""

import json
import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from netgrade.capture.errors import SubmissionError
from netgrade.capture.load import load

if TYPE_CHECKING:
    from tests.capture.conftest import Folder

    from netgrade.messages import Failure

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="such files are POSIX's")


def failure(path: Path) -> "Failure":
    with pytest.raises(SubmissionError) as caught:
        load(path)
    return caught.value.failure


def test_a_pipe(folder: "Folder") -> None:
    path = folder.path / "model.py"
    os.mkfifo(path)
    assert failure(path).message == "model.py is a pipe, not a file"
    assert failure(path).hint == "copy what it gives into a file"


def test_a_socket(folder: "Folder", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.path)  # the whole path may be longer than a socket's name may be
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("model.py")
    assert failure(folder.path / "model.py").message == "model.py is a socket, not a file"


def test_a_link_to_a_device(folder: "Folder") -> None:
    path = folder.path / "model.py"
    path.symlink_to("/dev/zero")
    assert failure(path).message == "model.py is a device, not a file"


@pytest.mark.parametrize("target", ["gone.py", "model.py"])
def test_a_link_to_nothing(folder: "Folder", target: str) -> None:
    path = folder.path / "model.py"
    path.symlink_to(target)
    assert failure(path).message == f"model.py is a link to {target}, which does not exist"
    assert failure(path).hint == "submit the file itself"


def test_a_file_of_200_megabytes(folder: "Folder") -> None:
    path = folder.write(folder.net())
    os.truncate(path, 200_000_000)
    assert failure(path).message == "model.py has 200,000,000 bytes, more than the 4,194,304 that are read"
    assert failure(path).hint == "a network is a few lines: remove its data"


def test_a_notebook_of_200_megabytes(folder: "Folder") -> None:
    path = folder.write("{}", "model.ipynb")
    os.truncate(path, 200_000_000)
    assert failure(path).message == "model.ipynb has 200,000,000 bytes, more than the 67,108,864 that are read"
    assert failure(path).hint == "clear its outputs and save it again"


def test_a_notebook_of_ten_thousand_cells(folder: "Folder") -> None:
    """No cell is read again for each one after it."""
    texts = (
        ["from __future__ import annotations"] + ["x = 1"] * 10_000 + [folder.net(forward="y: nonsense = x; return y")]
    )
    cells = [{"cell_type": "code", "source": text, "outputs": [{"text": "x" * 1000}]} for text in texts]
    loaded = folder.load(json.dumps({"cells": cells}), name="model.ipynb")
    assert [candidate.name for candidate in loaded.candidates] == ["Net"]
