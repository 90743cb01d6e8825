import json
import os
from pathlib import Path

import pytest

from netgrade.reports.sources import sources


def test_lines_of_a_file_and_of_a_notebooks_cells(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_bytes(b"a = 1\r\nb = '\x1b[2J'\n")
    cells = [
        {"cell_type": "markdown", "source": ["text"]},
        {"cell_type": "code", "source": ["x = 1\n", "y = 2"]},
        {"cell_type": "code", "source": "z = 3"},
    ]
    (tmp_path / "net.ipynb").write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}), encoding="utf-8")
    found = sources({"net.py": tmp_path / "net.py", "n": tmp_path / "net.ipynb"})
    assert found == {"net.py": ("a = 1", r"b = '\x1b[2J'", ""), "n:1": ("x = 1", "y = 2"), "n:2": ("z = 3",)}


def test_what_cannot_be_read_has_no_lines(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_bytes(b"#" * 1_000_001)
    (tmp_path / "bad.ipynb").write_text("{", encoding="utf-8")
    paths = {name: tmp_path / name for name in ("gone.py", "long.py", "bad.ipynb")}
    assert sources(paths) == {"gone.py": ("",), "long.py": ("",)}


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    for folder in (inside, outside):
        folder.mkdir()
        (folder / "secret.py").write_text("password", encoding="utf-8")
    (inside / "away.py").symlink_to(outside / "secret.py")
    (inside / "near.py").symlink_to("secret.py")
    (inside / "ring.py").symlink_to("ring.py")
    found = sources({name: inside / f"{name}.py" for name in ("away", "near", "ring")})
    assert found == {"away": ("",), "near": ("password",), "ring": ("",)}


def test_a_pipe_or_a_device_has_no_lines(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    assert sources({"pipe": tmp_path / "pipe.py", "zero": Path("/dev/zero")}) == {"pipe": ("",), "zero": ("",)}


def test_what_is_kept_of_many_long_files_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text("x" * 1_000_000, encoding="utf-8")
    found = sources({str(number): path for number in range(40)})
    assert [len(lines[0]) for lines in found.values()] == [500] * 32 + [0] * 8


def test_a_notebook_is_shown_as_it_is_written_and_never_parsed(tmp_path: Path) -> None:
    path = tmp_path / "net.IPYNB"
    slow = "!pip install x\n" + " " * 100_000 + "a"
    cells = [{"cell_type": "code", "source": text} for text in ("%%bash\nls", slow, "x = 1")]
    path.write_text(json.dumps({"cells": cells, "metadata": {}}), encoding="utf-8")
    found = sources({"n": path})
    assert (found["n:1"], found["n:2"][0], found["n:3"]) == (("%%bash", "ls"), "!pip install x", ("x = 1",))


@pytest.mark.parametrize(
    "text", ['{"cells": ' + "[" * 100_000, '{"cells": [], "metadata": {"a": ' + "1" * 5_000 + "}}"]
)
def test_a_notebook_that_python_cannot_read_has_no_lines(tmp_path: Path, text: str) -> None:
    path = tmp_path / "net.ipynb"
    path.write_text(text, encoding="utf-8")
    assert sources({"n": path}) == {}
