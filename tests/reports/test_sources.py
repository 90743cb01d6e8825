import json
from pathlib import Path

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
