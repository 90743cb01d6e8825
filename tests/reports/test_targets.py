import os
from pathlib import Path

import pytest

from netgrade.reports.formats import FORMATS
from netgrade.reports.targets import TargetError, targets

NAMES = ", ".join(FORMATS)
LONG = "a" * 300


def test_what_is_written_where(tmp_path: Path) -> None:
    found = targets(["json=a=b.json", "github=-", "badge=-", "json=/a"], start=tmp_path, kept=[])
    assert [(each.format, each.given, each.path) for each in found] == [
        ("json", "a=b.json", tmp_path / "a=b.json"),
        ("github", "-", None),
        ("badge", "-", None),
        ("json", "/a", Path("/a")),
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
        (["json=/dev/stdout"], "--report json=/dev/stdout: write json=- for the standard output"),
        (["json=/dev/null"], "--report json=/dev/null: null is a device; name a file"),
        (["json=/"], "--report json=/: / is a folder; name a file in it"),
        (["json=pipe"], "--report json=pipe: pipe is a pipe; name a file"),
        (["json=link"], "--report json=link: link is the submission; name another file"),
        (
            ["json=net.py/a"],
            "--report json=net.py/a: there is no folder {start}/net.py; make it first, or name another",
        ),
        (["json=~nobody-here/a"], "--report json=~nobody-here/a: ~nobody-here/a is no path; name a file"),
        (["json=a\0b"], "--report json=a\0b: a\0b is no path; name a file"),
        ([f"json={LONG}"], f"--report json={LONG}: File name too long; name another file"),
    ],
)
def test_mistakes(tmp_path: Path, values: list[str], message: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "net.py").touch()
    (tmp_path / "link").symlink_to("net.py")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TargetError) as error:
        targets(values, start=tmp_path, kept=[tmp_path / "net.py"])
    assert str(error.value) == message.format(start=tmp_path)


def test_a_folder_that_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: (path, mode) != (tmp_path, os.W_OK))
    with pytest.raises(TargetError) as error:
        targets(["json=a"], start=tmp_path, kept=[])
    assert str(error.value) == f"--report json=a: {tmp_path} may not be written; name a file elsewhere"


def test_links_are_places_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "away").symlink_to("/etc/hostname")
    (tmp_path / "ring").symlink_to("ring")
    (tmp_path / "gone").symlink_to("nowhere")
    found = targets(["json=away", "badge=ring", "html=gone"], start=tmp_path, kept=[])
    assert [each.path for each in found] == [tmp_path / "away", tmp_path / "ring", tmp_path / "gone"]
