"""The hook for pre-commit, tried by the real pre-commit on a scratch repository."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_GOOD = (_ROOT / "models" / "netv3.py").read_text(encoding="utf-8")
_BAD = _GOOD.replace("Dropout(", "Identity(")

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
        _git(self.folder, "add", name)

    def run(self) -> subprocess.CompletedProcess[str]:
        command = ["pre-commit", "try-repo", str(self.hooks), "netgrade", "--verbose"]
        return subprocess.run(  # noqa: S603 - fixed words
            command, cwd=self.folder, capture_output=True, text=True, check=False
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
