import os
from pathlib import Path

import pytest

from netgrade.messages import Task
from netgrade.sandbox import folders
from netgrade.sandbox.landlock import Access


def laid_out(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def own(root: Path, file: str, *, alone: bool = False) -> dict[str, Access]:
    """What is allowed beneath a folder besides the scratch folder, by names relative to it."""
    rules = folders.rules(Task(path=str(root / file), alone=alone), str(root / "scratch"))
    paths = ((Path(path), access) for path, access in rules)
    return {
        path.relative_to(root).as_posix(): access
        for path, access in paths
        if path.is_relative_to(root) and path.name != "scratch"
    }


def test_a_repository_without_its_history(tmp_path: Path) -> None:
    laid_out(tmp_path, ".git/config", "README.md", "models/net.py", "models/blocks.py", "utils/data.py")
    assert own(tmp_path, "models/net.py") == {
        ".": Access.LIST,
        "README.md": Access.READ,
        "models": Access.READ,
        "models/net.py": Access.READ,
        "utils": Access.READ,
    }


def test_a_folder_without_a_repository(tmp_path: Path) -> None:
    laid_out(tmp_path, "alice/net.py", "alice/blocks.py", "bob/net.py")
    assert own(tmp_path, "alice/net.py") == {"alice": Access.READ, "alice/net.py": Access.READ}


def test_a_folder_of_several_people(tmp_path: Path) -> None:
    laid_out(tmp_path, "alice.py", "bob.py")
    assert own(tmp_path, "alice.py", alone=True) == {"alice.py": Access.READ}


@pytest.mark.parametrize("shared", ["HOME", "TMPDIR"])
def test_no_project_is_as_large_as_a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: str) -> None:
    laid_out(tmp_path, ".git/config", ".ssh/id_rsa", "net.py", "blocks.py", "letter.txt")
    monkeypatch.setenv(shared, str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert own(tmp_path, "net.py") == {".": Access.LIST, "net.py": Access.READ, "blocks.py": Access.READ}


def test_an_importable_folder_above_the_submission_is_not_opened_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid_out(tmp_path, "course/helpers.py", "submissions/alice/net.py", "submissions/bob/net.py")
    monkeypatch.syspath_prepend(str(tmp_path / "submissions"))
    monkeypatch.syspath_prepend(str(tmp_path / "course"))
    assert own(tmp_path, "submissions/alice/net.py").keys() == {
        "course",
        "submissions/alice",
        "submissions/alice/net.py",
    }


def test_the_scratch_folder_alone_can_be_changed(tmp_path: Path) -> None:
    rules = folders.rules(Task(path=str(tmp_path / "net.py")), "/scratch")
    assert [path for path, access in rules if access is Access.CHANGE] == ["/scratch"]


def test_one_process_is_visible(tmp_path: Path) -> None:
    rules = folders.rules(Task(path=str(tmp_path / "net.py")), "/scratch")
    processes = [path for path, _ in rules if path.startswith("/proc/") and path[6].isdigit()]
    assert processes == [f"/proc/{os.getpid()}"]
