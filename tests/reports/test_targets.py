import os
from pathlib import Path

import pytest

from netgrade.reports.formats import FORMATS
from netgrade.reports.targets import TargetError, targets

NAMES = ", ".join(FORMATS)


def test_what_is_written_where(tmp_path: Path) -> None:
    found = targets(["json=a=b.json", "github=-", "badge=/dev/null", "json=/dev/null"], start=tmp_path, kept=[])
    assert [(each.format, each.given, each.path) for each in found] == [
        ("json", "a=b.json", tmp_path / "a=b.json"),
        ("github", "-", None),
        ("badge", "/dev/null", Path("/dev/null")),
        ("json", "/dev/null", Path("/dev/null")),
    ]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (["jsn=a"], f"--report jsn=a: unknown format `jsn`; did you mean `json`? (formats: {NAMES})"),
        (["a.json"], f"--report a.json: unknown format `a.json`; did you mean `json`? (formats: {NAMES})"),
        (["json"], "--report json: no path; write json=FILE, or json=- for the standard output"),
        (["json="], "--report json=: no path; write json=FILE, or json=- for the standard output"),
        (["json=folder"], "--report json=folder: folder is a folder; name a file in it"),
        (["json=no/a"], "--report json=no/a: there is no folder {start}/no; make it first, or name another"),
        (["json=net.py"], "--report json=net.py: net.py is the submission; name another file"),
        (
            ["json=folder/../net.py"],
            "--report json=folder/../net.py: folder/../net.py is the submission; name another file",
        ),
        (["json=a", "badge=./a"], "--report badge=./a: ./a is the file of another report; name another file"),
    ],
)
def test_mistakes(tmp_path: Path, values: list[str], message: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "net.py").touch()
    with pytest.raises(TargetError) as error:
        targets(values, start=tmp_path, kept=[tmp_path / "net.py"])
    assert str(error.value) == message.format(start=tmp_path)


def test_a_folder_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: (path, mode) != (tmp_path, os.W_OK))
    with pytest.raises(TargetError) as error:
        targets(["json=a"], start=tmp_path, kept=[])
    assert str(error.value) == f"--report json=a: {tmp_path} may not be written; name another file"
