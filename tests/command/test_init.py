"""`netgrade init`: what a course's repository needs, and nothing overwritten without being asked for."""

import io
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from netgrade.assignment import load
from netgrade.command import main

Capture = pytest.CaptureFixture[str]
FILES = ["course.toml", ".github/workflows/netgrade.yml", ".pre-commit-config.yaml"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_a_new_repository(capsys: Capture, folder: Path) -> None:
    assert main(["init"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        *(f"wrote      {name}" for name in FILES),
        "Next: in .github/workflows/netgrade.yml write netgrade's repository and a commit for OWNER/netgrade@COMMIT.",
    ]
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()) == sorted(FILES)
    assert load("course.toml", folder=folder).requirements == load("mnist-20k", folder=folder).requirements


def test_what_is_chosen_stands_in_the_files(capsys: Capture, folder: Path) -> None:
    action = f"someone/grading@{'0' * 40}"
    assert main(["init", "--extends", "cifar10-200k", "--models", "work/nets", "--action", action]) == 0
    assert "Next" not in capsys.readouterr().out
    course, workflow, hooks = ((folder / name).read_text(encoding="utf-8") for name in FILES)
    assert 'extends = "cifar10-200k"' in course
    assert f"uses: {action}\n" in workflow
    assert "model-path: work/nets\n" in workflow
    assert "files: ^work/nets/" in hooks
    assert not re.search(r"@[A-Z]+@", course + workflow + hooks)


def test_it_asks_before_it_overwrites(capsys: Capture, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "course.toml").write_text("mine", encoding="utf-8")
    _answer(monkeypatch, "n\n")
    assert main(["init"]) == 0
    out = capsys.readouterr().out
    assert "course.toml is there already. Overwrite it? [y/N]: " in out
    assert "kept       course.toml" in out
    assert (folder / "course.toml").read_text(encoding="utf-8") == "mine"
    assert (folder / FILES[1]).is_file()
    _answer(monkeypatch, "y\n")
    assert main(["init"]) == 0
    assert "wrote      course.toml\n" in capsys.readouterr().out
    assert (folder / "course.toml").read_text(encoding="utf-8") != "mine"


def test_without_an_answer_nothing_is_written(capsys: Capture, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / FILES[2]).write_text("mine", encoding="utf-8")
    _answer(monkeypatch, "")
    assert main(["init"]) == 2
    assert "interrupted" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == [FILES[2]]


def test_force_asks_nothing(capsys: Capture, folder: Path) -> None:
    for name in FILES[::2]:
        (folder / name).write_text("mine", encoding="utf-8")
    assert main(["init", "--force"]) == 0
    assert "?" not in capsys.readouterr().out
    assert "mine" not in [(folder / name).read_text(encoding="utf-8") for name in FILES]


def test_a_second_time_nothing_changes(capsys: Capture) -> None:
    assert main(["init"]) == 0
    capsys.readouterr()
    assert main(["init"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"unchanged  {name}" for name in FILES]


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_the_workflow_takes_the_assignment_of_the_base_branch(folder: Path) -> None:
    assert main(["init"]) == 0
    workflow = yaml.safe_load((folder / FILES[1]).read_text(encoding="utf-8"))
    (script,) = (step["run"] for step in workflow["jobs"]["check"]["steps"] if "run" in step)

    def shell(text: str, *, code: int = 0, **variables: str) -> str:
        environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "RUNNER_TEMP": str(folder.parent), **variables}
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
        assert done.returncode == code, done.stderr
        return done.stdout

    git = "git -c user.name=a -c user.email=a@example.org"
    commit = f"git add . && {git} commit --quiet --message change"
    shell(f"git init --quiet --initial-branch=main && {commit} && git checkout --quiet -b change")
    shell(f"echo forged > course.toml && {commit} && git checkout --quiet main")
    shell(f"{git} merge --quiet --no-ff --message merge change")  # as GitHub checks a pull request out
    assert (folder / "course.toml").read_text(encoding="utf-8") == "forged\n"
    shell(f"{git} rm --quiet course.toml && {git} commit --quiet --message removed && git checkout --quiet -b later")
    assert shell(script, code=1, BASE="HEAD") == (
        "::error::course.toml is not on the base branch; merge it there, and pull requests are graded from then on\n"
    )
    shell("git checkout --quiet HEAD^")
    for base, taken in {"HEAD^1": 'extends = "mnist-20k"', "HEAD": "forged"}.items():
        shell(script, BASE=base)
        assert taken in (folder.parent / "course.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--extends", "mnist-20"], "unknown assignment `mnist-20`; did you mean `mnist-20k`?"),
        (["--models", "../nets"], "--models ../nets: name a folder inside the repository"),
        (["--models", "/nets"], "--models /nets: name a folder inside the repository"),
        (["--models", "${{ x }}"], "--models ${{ x }}: name a folder inside the repository"),
        (["--action", "netgrade"], "--action netgrade: write OWNER/REPOSITORY@COMMIT"),
        (["nowhere"], "Directory 'nowhere' does not exist"),
    ],
)
def test_a_mistake(capsys: Capture, folder: Path, arguments: list[str], message: str) -> None:
    assert main(["init", *arguments]) == 4
    assert message in capsys.readouterr().err
    assert list(folder.iterdir()) == []


def test_a_folder_in_the_way(capsys: Capture, folder: Path) -> None:
    (folder / "course.toml").mkdir()
    assert main(["init", "--force"]) == 4
    assert (
        "Error: course.toml is a folder, and a file is to be written there; move it away\n" in capsys.readouterr().err
    )
    assert [path.name for path in folder.iterdir()] == ["course.toml"]
