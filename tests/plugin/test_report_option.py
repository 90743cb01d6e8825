"""`--report FORMAT=PATH`."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from netgrade.facts.model import Facts
from netgrade.messages import Failure

if TYPE_CHECKING:
    from tests.plugin.conftest import Start

BROKEN = Failure(stage="find", message="no nn.Module in this file", hint="define one")


def document(start: "Start", name: str = "a.json") -> Any:  # noqa: ANN401, what JSON holds
    return json.loads((start.folder / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("more", [[], ["-q"], ["-p", "xdist", "-n2"], ["-p", "no:terminal"], ["-s"]], ids=" ".join)
def test_several_are_written_though_rules_fail(start: "Start", small_net: Facts, large: Facts, more: list[str]) -> None:
    start.has("nets/all.py", small_net, large)
    start.has("nets/broken.py", BROKEN)
    result = start.run(
        "--model-path=nets", "--report=json=a.json", "--report", "markdown=a.md", "--report=badge=b", *more
    )
    assert result.ret == 1
    found = document(start)
    assert [(each["path"], each["network"], each["passed"]) for each in found["networks"]] == [
        ("nets/all.py", "Net", True),
        ("nets/all.py", "Large", False),
        ("nets/broken.py", "", False),
    ]
    assert found["points"] == {"earned": 19, "possible": 30}
    assert (
        (start.folder / "a.md")
        .read_text(encoding="utf-8")
        .startswith("## ❌ netgrade: 1 of 3 passed · 19 of 30 points")
    )
    assert document(start, "b")["message"] == "1 of 3 passed · 19/30"


def test_the_standard_output_has_it_below_pytests_last_line(start: "Start", large: Facts) -> None:
    start.has("net.py", large)
    result = start.run("--model-path=net.py", "--report=github=-")
    assert result.stdout.lines[-3].startswith("::error file=net.py,title=parameter-budget · Large::21,360 is not fewer")
    assert result.stdout.lines[-2] == "netgrade: 1 training left out: add -m gpu_train"
    assert result.stdout.lines[-1] == "netgrade: failed · 9 of 10 points"
    assert " 1 failed, 9 passed, 2 deselected in " in result.stdout.lines[-4]


def test_the_standard_output_is_utf_8(start: "Start", small_net: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    start.has("net.py", small_net)
    result = start.run("--model-path=net.py", "--report=badge=-", "-q")
    assert json.loads(result.stdout.lines[-1])["message"] == "passed · 10/10"


def test_a_report_has_every_rule_whatever_is_selected(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    start.run("--model-path=net.py", "-k", "dropout", "--report=json=a.json").assert_outcomes(passed=1, deselected=11)
    assert len(document(start)["networks"][0]["checks"]) == 10


@pytest.mark.parametrize("only", ["--collect-only", "--help", "--version"])
def test_what_grades_nothing_writes_nothing(start: "Start", small_net: Facts, only: str) -> None:
    start.has("net.py", small_net)
    assert start.run("--model-path=net.py", "--report=json=a.json", only).ret == 0
    assert not (start.folder / "a.json").exists()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "jsn=a",
            "ERROR: --report jsn=a: unknown format `jsn`; did you mean `json`? (formats: json, markdown, github, *",
        ),
        ("json=no/a", "ERROR: --report json=no/a: there is no folder */no; make it first, or name another"),
        ("json=net.py", "ERROR: --report json=net.py: net.py is the submission; name another file"),
    ],
)
def test_a_mistake_is_told_before_anything_is_graded(
    start: "Start", small_net: Facts, value: str, message: str
) -> None:
    start.has("net.py", small_net)
    result = start.run("--model-path=net.py", "--report", value)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])
    assert start.log == []


def test_a_report_alone_grades_nothing(start: "Start") -> None:
    result = start.run("--report=json=a.json")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "--report grades nothing by itself: add --model-path=FILE.py, the submission" in result.stderr.str()


def test_a_report_that_cannot_be_written_is_no_passed_run(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    (start.folder / "out").mkdir()
    start.write("conftest.py", "from pathlib import Path\ndef pytest_runtestloop(): Path('out').rmdir()\n")
    result = start.run("--model-path=net.py", "--report=json=out/a")
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    assert "--report json=out/a could not be written: No such file or directory" in result.stderr.str()
