"""Files of reports: whole or not at all, and never through a link."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from msgspec.structs import replace

from netgrade.reports.as_json import schema
from netgrade.reports.formats import FORMATS
from netgrade.reports.report import Report, Run
from netgrade.reports.targets import TargetError, targets
from netgrade.reports.writing import printed, write

EVERY = [f"{name}={name}.out" for name in FORMATS]


def test_every_format_is_written(tmp_path: Path, run: Run) -> None:
    write(targets(EVERY, start=tmp_path, kept=[]), run)
    found = {name: (tmp_path / f"{name}.out").read_text(encoding="utf-8") for name in FORMATS}
    assert found == {name: render(run) for name, render in FORMATS.items()}
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(f"{name}.out" for name in FORMATS)


def test_what_goes_to_the_standard_output_comes_in_order(tmp_path: Path, run: Run) -> None:
    wanted = targets(["badge=-", f"json={tmp_path}/a", "markdown=-"], start=tmp_path, kept=[])
    assert printed(wanted, run).decode() == FORMATS["badge"](run) + FORMATS["markdown"](run)
    assert printed(wanted[1:2], run) == b""
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_replaced_and_what_it_leads_to_is_left_alone(tmp_path: Path, run: Run) -> None:
    (tmp_path / "kept").write_text("mine", encoding="utf-8")
    (tmp_path / "hard").hardlink_to(tmp_path / "kept")
    for name in ("link", "gone", "ring"):
        (tmp_path / name).symlink_to({"link": "kept", "gone": "nowhere", "ring": "ring"}[name])
    names = ("link", "gone", "ring", "hard")
    write(targets([f"badge={name}" for name in names], start=tmp_path, kept=[]), run)
    assert (tmp_path / "kept").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "nowhere").exists()
    for name in names:
        assert not (tmp_path / name).is_symlink()
        assert json.loads((tmp_path / name).read_text(encoding="utf-8"))["label"] == "netgrade"


def test_a_pipe_that_is_laid_there_meanwhile_stops_nothing(tmp_path: Path, run: Run) -> None:
    wanted = targets(["badge=a"], start=tmp_path, kept=[])
    os.mkfifo(tmp_path / "a")
    write(wanted, run)
    assert (tmp_path / "a").is_file()


def test_the_file_may_be_read_by_whom_others_may_be(tmp_path: Path, run: Run) -> None:
    write(targets(["badge=a"], start=tmp_path, kept=[]), run)
    (tmp_path / "b").touch()
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a", "b")}
    assert len(modes) == 1


@pytest.mark.parametrize("laid", ["folder", "nothing"])
def test_a_file_that_cannot_be_written_after_all(tmp_path: Path, run: Run, laid: str) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    wanted = targets(["badge=out/a"], start=tmp_path, kept=[])
    if laid == "folder":
        (folder / "a").mkdir()
    else:
        folder.rmdir()
    reason = {"folder": "Is a directory", "nothing": "No such file or directory"}[laid]
    with pytest.raises(TargetError, match=rf"^--report badge=out/a could not be written: {reason}$"):
        write(wanted, run)
    assert [each.name for each in folder.glob("*")] == (["a"] if laid == "folder" else [])


@pytest.mark.parametrize("name", FORMATS)
def test_what_no_file_of_text_can_hold_is_shown_by_its_code(
    tmp_path: Path, failing: Report, unloadable: Report, run_of: Callable[..., Run], name: str
) -> None:
    bad = "a\0b\ud800c\u202ed\x1b[2Je"
    (verdict,) = [each for each in failing.verdicts if each.rule == "dropout"]
    violations = tuple(replace(each, message=bad, hint=bad) for each in verdict.violations)
    broken = replace(failing, path=bad, network=bad, verdicts=(replace(verdict, violations=violations),), notes=(bad,))
    assert unloadable.failure
    stopped = replace(unloadable, path=bad, failure=replace(unloadable.failure, message=bad, output=bad))
    whole = replace(run_of(broken, stopped), assignment=bad)
    write(targets([f"{name}=a"], start=tmp_path, kept=[]), whole)
    text = (tmp_path / "a").read_text(encoding="utf-8")
    assert not {"\0", "\ud800", "\u202e", "\x1b"} & set(text)
    if name == "json":
        jsonschema.Draft202012Validator(json.loads(schema())).validate(json.loads(text))
    assert ("u202ed" in text) == (name != "badge")
