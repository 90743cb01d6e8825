"""The hooks for pre-commit, tried by the real pre-commit on a scratch repository."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from netgrade.command import main

_ROOT = Path(__file__).parents[1]
_GOOD = (_ROOT / "models" / "netv3.py").read_text(encoding="utf-8")
_BAD = _GOOD.replace("Dropout(", "Identity(")
_HELPER = "def accuracy(scores, labels):\n    return (scores.argmax(1) == labels).float().mean().item()\n"
_GIB = 2**30

pytestmark = [
    pytest.mark.skipif(not shutil.which("pre-commit"), reason="pre-commit is not installed"),
    pytest.mark.skipif(not shutil.which("git"), reason="git is not installed"),
]


def _git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org", "-c", "init.defaultBranch=main")
    command = ["git", *who, *arguments]
    return subprocess.run(  # noqa: S603 - fixed words
        command, cwd=folder, capture_output=True, text=True, check=True
    ).stdout


class Scratch:
    """A repository with changed files, and one that offers the hook."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hooks, self.folder = folder / "hooks", folder / "course"
        for each in (self.hooks, self.folder):
            each.mkdir()
            _git(each, "init", "--quiet")
        shutil.copy(_ROOT / ".pre-commit-hooks.yaml", self.hooks)
        _git(self.hooks, "add", ".")
        _git(self.hooks, "commit", "--quiet", "--message", "Hooks")
        _git(self.folder, "commit", "--quiet", "--allow-empty", "--message", "Begin")
        monkeypatch.setenv("PRE_COMMIT_HOME", str(folder / "cache"))
        for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"):
            monkeypatch.delenv(name, raising=False)
        command = folder / "bin" / "netgrade"
        command.parent.mkdir()
        command.write_text(f'#!/bin/sh\necho run >> "{folder}/runs"\nexec "{sys.executable}" -m netgrade "$@"\n')
        command.chmod(0o755)
        monkeypatch.setenv("PATH", str(command.parent), prepend=":")
        self._runs = folder / "runs"

    def stage(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        _git(self.folder, "add", "--", name)

    def run(self, hook: str = "netgrade", *, source: Path | None = None) -> subprocess.CompletedProcess[str]:
        return self._pre_commit("try-repo", str(source or self.hooks), hook, "--verbose")

    def run_configured(self, config: str) -> subprocess.CompletedProcess[str]:
        """Run as a commit does, by the course's own configuration."""
        revision = _git(self.hooks, "rev-parse", "HEAD").strip()
        config = config.replace("https://github.com/OWNER/netgrade", str(self.hooks)).replace("COMMIT", revision)
        self.stage(".pre-commit-config.yaml", config)
        return self._pre_commit("run", "--verbose")

    def _pre_commit(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - fixed words
            ["pre-commit", *arguments],  # noqa: S607 - the one on the path is meant
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def runs(self) -> int:
        return len(self._runs.read_text(encoding="utf-8").splitlines()) if self._runs.exists() else 0


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    return Scratch(tmp_path, monkeypatch)


def test_ten_good_files_pass_in_one_run(scratch: Scratch) -> None:
    for number in range(10):
        scratch.stage(f"models/net {number}.py", _GOOD)
    before = _git(scratch.folder, "status", "--porcelain", "--ignored")
    done = scratch.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "100 passed" in done.stdout
    assert scratch.runs == 1
    assert _git(scratch.folder, "status", "--porcelain", "--ignored") == before


def test_a_bad_file_is_stopped(scratch: Scratch) -> None:
    scratch.stage("models/good.py", _GOOD)
    scratch.stage("models/bad.py", _BAD)
    done = scratch.run()
    assert done.returncode == 1
    assert "✗ models/bad.py · NetV3" in done.stdout
    assert "✗ dropout" in done.stdout
    assert "models/good.py" not in done.stdout
    assert (scratch.folder / "models/bad.py").read_text(encoding="utf-8") == _BAD


def test_other_files_start_nothing(scratch: Scratch) -> None:
    scratch.stage("README.md", "A course.\n")
    scratch.stage("tests/test_net.py", "raise RuntimeError\n")
    done = scratch.run()
    assert done.returncode == 0, done.stdout
    assert "Skipped" in done.stdout
    assert scratch.runs == 0


def test_a_file_without_a_network_is_passed_over(scratch: Scratch) -> None:
    scratch.stage("utils.py", _HELPER)
    scratch.stage("models/good.py", _GOOD)
    done = scratch.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "left out: utils.py defines no network\n10 passed\n" in done.stdout


def test_a_course_that_names_its_folder_has_it_fail(scratch: Scratch) -> None:
    (config,) = re.findall(r"```yaml\n(repos:.*?)```", (_ROOT / "docs" / "github.md").read_text("utf-8"), re.DOTALL)
    scratch.stage("course.toml", 'extends = "mnist-20k"\n')
    scratch.stage("models/empty.py", _HELPER)
    scratch.stage("utils.py", _HELPER)
    done = scratch.run_configured(config)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "empty.py defines no nn.Module" in done.stdout
    assert "utils.py" not in done.stdout
    assert scratch.runs == 1


def test_a_name_is_a_path_and_nothing_else(scratch: Scratch) -> None:
    names = ["--report=html=good.py", "--sandbox=off.py", "-q.py", "a blank.py", "a\nline.py", "ü.py", "~nobody.py"]
    for name in names:
        scratch.stage(name, _GOOD)
    scratch.stage("good.py", _GOOD)
    scratch.stage("--skip-helpers.py", _BAD)
    done = scratch.run()
    assert done.returncode == 1, done.stdout + done.stderr
    assert "✗ ./--skip-helpers.py · NetV3" in done.stdout
    assert "1 failed, 89 passed" in done.stdout
    assert scratch.runs == 1
    assert (scratch.folder / "good.py").read_text(encoding="utf-8") == _GOOD


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a name is always text")
def test_a_name_that_is_no_text_stops_the_commit(scratch: Scratch) -> None:
    """pre-commit itself can't read it."""
    name = os.fsdecode(b"\xff.py")
    (scratch.folder / name).write_text(_GOOD, encoding="utf-8")
    _git(scratch.folder, "add", ".")
    assert scratch.run().returncode != 0


@pytest.mark.skipif(
    not os.environ.get("NETGRADE_TEST_ISOLATED"), reason="installs torch anew; NETGRADE_TEST_ISOLATED=1 does it"
)
def test_the_hook_with_an_environment_of_its_own(scratch: Scratch, tmp_path: Path) -> None:
    assert shutil.disk_usage(tmp_path).free > 12 * _GIB, "torch needs some gigabytes"
    source = tmp_path / "netgrade"
    tracked = _git(_ROOT, "ls-files", "-z").split("\0")[:-1]
    for name in tracked:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(_ROOT / name, source / name)
    for arguments in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "All"]):
        _git(source, *arguments)
    scratch.stage("models/good.py", _GOOD)
    scratch.stage("models/bad.py", _BAD)
    scratch.stage("utils.py", _HELPER)
    done = scratch.run("netgrade-isolated", source=source)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "✗ models/bad.py · NetV3" in done.stdout
    assert "left out: utils.py defines no network\n1 failed, 19 passed\n" in done.stdout
    assert scratch.runs == 0


def test_the_hook_that_init_writes(scratch: Scratch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(scratch.folder)]) == 0
    assert "wrote      .pre-commit-config.yaml" in capsys.readouterr().out
    scratch.stage("models/bad.py", _BAD)
    scratch.stage("train.py", "raise RuntimeError\n")
    done = scratch.run_configured((scratch.folder / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "✗ models/bad.py · NetV3" in done.stdout
    assert "1 failed, 9 passed" in done.stdout
