from pathlib import Path

import pytest

from netgrade.trust import configuration_folder, foreign, own_conftest


@pytest.fixture
def start(tmp_path: Path) -> Path:
    start = tmp_path / "course" / "start"
    (start / "student").mkdir(parents=True)
    return start


def test_no_configuration_is_no_danger(start: Path) -> None:
    assert foreign(None, start, ["--model-path", "student/net.py"]) is None


@pytest.mark.parametrize("place", [".", ".."])
def test_the_start_folder_and_above_are_the_users_own(start: Path, place: str) -> None:
    assert foreign((start / place).resolve() / "pytest.ini", start, ["--model-path", "student/net.py"]) is None


def test_a_configuration_below_is_foreign_and_the_way_out_is_named(start: Path) -> None:
    ini = start / "student" / "pytest.ini"
    assert foreign(ini, start, ["-q", "--model-path", "student/net.py"]) == (
        f"pytest took its configuration from {ini}, outside the folder that the command starts in ({start}): it can "
        "turn a failing run green, so nothing was graded; write --model-path=student/net.py, with `=`, or choose the "
        "configuration with -c FILE"
    )


def test_a_configuration_beside_that_a_positional_argument_brings(start: Path) -> None:
    ini = start.parent / "other" / "pytest.ini"
    fault = foreign(ini, start, ["--model-path=net.py", "../other"])
    assert fault is not None
    assert "start pytest in that folder, or choose the configuration with -c FILE" in fault


@pytest.mark.parametrize(
    "option", [["-c", "student/pytest.ini"], ["-cstudent/pytest.ini"], ["--config-file=student/pytest.ini"]]
)
def test_a_configuration_that_the_user_names_is_read(start: Path, option: list[str]) -> None:
    assert foreign(start / "student" / "pytest.ini", start, [*option, "--model-path", "student/net.py"]) is None


@pytest.mark.parametrize("option", [["-c", "mine.ini"], ["-c"], ["--rootdir=student"]])
def test_another_option_does_not_make_it_the_users_own(start: Path, option: list[str]) -> None:
    assert foreign(start / "student" / "pytest.ini", start, ["--model-path", "student/net.py", *option]) is not None


def test_the_nearest_conftest_up_to_the_configuration(start: Path) -> None:
    course = start.parent
    (course / "conftest.py").touch()
    assert own_conftest(course / "pytest.ini", start) == course / "conftest.py"
    assert own_conftest(None, start) is None
    (start / "conftest.py").touch()
    assert own_conftest(course / "pytest.ini", start) == start / "conftest.py"


def test_a_foreign_configuration_does_not_widen_trust(start: Path) -> None:
    assert configuration_folder(start / "student" / "pytest.ini", start) == start
