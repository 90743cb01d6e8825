"""The scripts of action.yml, each run as GitHub runs it, with inputs that try to be more than a path."""

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import netgrade
from netgrade.sandbox.isolation import missing

_ROOT = Path(__file__).parents[1]
_PACKAGE = Path(netgrade.__file__).parents[1]
_ACTION = (_ROOT / "action.yml").read_text(encoding="utf-8")
_STEP = re.compile(r"^    - name: (.+)\n((?:(?:      .*)?\n)+)", re.MULTILINE)

_PYTHON = """#!/bin/bash
# Stands in for Python: makes no environment and installs nothing, but notes what it was asked to do.
printf '%s\\n' "$0 $*" >> "$RUNNER_TEMP/calls"
if [[ $3 == venv ]]; then
  mkdir -p "$4/bin"
  cp "$0" "$4/bin/python"
fi
"""
_NETGRADE = """#!{python}
import json, os, pathlib, sys
arguments = sys.argv[1:]
pathlib.Path(os.environ["RUNNER_TEMP"], "arguments.json").write_text(json.dumps(arguments))
for before, value in zip(arguments, arguments[1:]):
    format, _, path = value.partition("=")
    if before != "--report" or os.environ["CODE"] == "4":
        continue
    text = json.dumps({{"points": {{"earned": 9, "possible": 10}}}}) if format == "json" else format + chr(10)
    sys.stdout.write(text) if path == "-" else pathlib.Path(path).write_text(text)
sys.exit(int(os.environ["CODE"]))
"""


def _scripts() -> dict[str, str]:
    """Return the script of each step, by the step's name."""
    found = {}
    for name, body in _STEP.findall(_ACTION):
        _, marker, script = body.partition("      run: |\n")
        if marker:
            found[name] = textwrap.dedent(script)
    return found


def _executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


class Runner:
    """A runner's folders and variables."""

    def __init__(self, folder: Path) -> None:
        self.temp = folder / "temp with a blank"
        self.workspace = folder / "workspace"
        for each in (self.temp, self.workspace):
            each.mkdir()
        self.output = self.temp / "output"
        self.summary = self.temp / "summary"

    def run(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{self.temp / 'path'}:{os.environ['PATH']}",
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_OUTPUT": str(self.output),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            **variables,
        }
        file = self.temp / "script.sh"
        file.write_text(script, encoding="utf-8")
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(file)]
        return subprocess.run(  # noqa: S603 - the Action's own script
            command, cwd=self.workspace, env=environment, capture_output=True, text=True, check=False
        )

    def grade(self, code: int, model_path: str = "models", **inputs: str) -> subprocess.CompletedProcess[str]:
        environment = self.temp / "netgrade" / "bin"
        _executable(environment / "netgrade", _NETGRADE.format(python=sys.executable))
        if not (environment / "python").exists():
            (environment / "python").symlink_to(sys.executable)
        given = {"ASSIGNMENT": "mnist-20k", "SANDBOX": "require", "REPORT": "", "MODEL_PATH": model_path, **inputs}
        return self.run(_scripts()["Grade"], CODE=str(code), **given)

    @property
    def arguments(self) -> list[str]:
        given: list[str] = json.loads((self.temp / "arguments.json").read_text(encoding="utf-8"))
        return given

    @property
    def outputs(self) -> dict[str, str]:
        lines = self.output.read_text(encoding="utf-8").splitlines()
        return {name: value for name, _, value in (line.partition("=") for line in lines)}


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_every_script_is_found() -> None:
    assert list(_scripts()) == ["Install netgrade", "Grade"]
    assert _ACTION.count("run: |") == 2


def test_no_script_holds_an_expression() -> None:
    for script in _scripts().values():
        assert "${{" not in script


def test_the_installation(runner: Runner) -> None:
    _executable(runner.temp / "path" / "python", _PYTHON)
    done = runner.run(_scripts()["Install netgrade"], ACTION="/the action")
    assert done.returncode == 0, done.stderr
    calls = (runner.temp / "calls").read_text(encoding="utf-8").splitlines()
    assert calls == [
        f"{runner.temp}/path/python -I -m venv {runner.temp}/netgrade",
        f"{runner.temp}/netgrade/bin/python -I -m pip install --quiet /the action",
    ]


def test_a_run_that_passes(runner: Runner) -> None:
    done = runner.grade(0)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("github\n")
    assert runner.outputs["passed"] == "true"
    assert runner.outputs["score"] == "9/10"
    badge = Path(runner.outputs["badge"])
    assert badge.read_text(encoding="utf-8") == "badge\n"
    assert (badge.parent / "badge.svg").read_text(encoding="utf-8") == "badge-svg\n"
    assert not badge.is_relative_to(runner.workspace)
    assert runner.summary.read_text(encoding="utf-8") == "markdown\n"
    assert runner.arguments[:6] == ["check", "-v", "--assignment", "mnist-20k", "--sandbox", "require"]
    assert runner.arguments[-2:] == ["--", "models"]


@pytest.mark.parametrize("code", [1, 2, 3])
def test_a_run_that_fails(runner: Runner, code: int) -> None:
    assert runner.grade(code).returncode == code
    assert runner.outputs["passed"] == "false"
    assert runner.outputs["score"] == "9/10"


def test_a_mistake_leaves_no_score_and_no_badge(runner: Runner) -> None:
    for stale in ("report.json", "badge.json", "badge.svg", "report.md"):
        _executable(runner.workspace / "out" / stale, '{"points": {"earned": 10, "possible": 10}}')
    assert runner.grade(4, REPORT="out").returncode == 4
    assert runner.outputs == {"passed": "false", "score": "", "badge": ""}
    assert not runner.summary.exists()


def test_a_report_folder(runner: Runner) -> None:
    assert runner.grade(0, REPORT="some/where").returncode == 0
    assert runner.outputs["badge"] == "some/where/badge.json"
    assert sorted(path.name for path in (runner.workspace / "some/where").iterdir()) == [
        "badge.json",
        "badge.svg",
        "report.json",
        "report.md",
    ]


def test_several_paths(runner: Runner) -> None:
    assert runner.grade(0, "a b.py\n\nmodels/c.py::Net\n").returncode == 0
    assert runner.arguments[-3:] == ["--", "a b.py", "models/c.py::Net"]


@pytest.mark.parametrize("hostile", ["$(touch planted)", "`touch planted`", '"; touch planted; "', "-q", "*"])
def test_an_input_is_a_path_and_nothing_else(runner: Runner, hostile: str) -> None:
    (runner.workspace / "file.py").touch()
    assert runner.grade(0, hostile, ASSIGNMENT=hostile, SANDBOX=hostile).returncode == 0
    assert runner.arguments[-2:] == ["--", hostile]
    assert runner.arguments[3] == runner.arguments[5] == hostile
    assert not (runner.workspace / "planted").exists()


def test_a_report_folder_can_not_write_other_outputs(runner: Runner) -> None:
    runner.grade(1, REPORT="out\npassed=true")
    assert runner.outputs == {"passed": "false", "score": "9/10", "badge": ""}


@pytest.mark.skipif(bool(missing()), reason=f"this system can't hold a submission: {', '.join(missing())}")
def test_the_real_command(runner: Runner) -> None:
    """A good network and one that breaks a rule, graded by an assignment from beside the workspace."""
    environment = runner.temp / "netgrade" / "bin"
    _executable(environment / "netgrade", f'#!/bin/sh\nexec "{sys.executable}" -m netgrade "$@"\n')
    (environment / "python").symlink_to(sys.executable)
    good = (_ROOT / "models" / "netv3.py").read_text(encoding="utf-8")
    (runner.workspace / "models").mkdir()
    (runner.workspace / "models" / "good.py").write_text(good, encoding="utf-8")
    assignment = runner.temp / "course.toml"
    assignment.write_text('extends = "mnist-20k"\n[rules.dropout]\npoints = 3\n', encoding="utf-8")
    given = {"MODEL_PATH": "models\n", "ASSIGNMENT": str(assignment), "SANDBOX": "require", "REPORT": ""}
    given["PYTHONPATH"] = str(_PACKAGE)
    done = runner.run(_scripts()["Grade"], **given)
    assert done.returncode == 0, done.stdout + done.stderr
    assert runner.outputs["passed"] == "true"
    assert runner.outputs["score"] == "12/12"
    (runner.workspace / "models" / "bad.py").write_text(good.replace("Dropout(", "Identity("), encoding="utf-8")
    runner.output.unlink()
    done = runner.run(_scripts()["Grade"], **given)
    assert done.returncode == 1, done.stdout + done.stderr
    assert runner.outputs["passed"] == "false"
    assert runner.outputs["score"] == "21/24"
    assert "::error file=models/bad.py," in done.stdout
    badge = json.loads(Path(runner.outputs["badge"]).read_text(encoding="utf-8"))
    assert badge["schemaVersion"] == 1
    assert "models/bad.py" in runner.summary.read_text(encoding="utf-8")
