"""No conftest.py and no configuration of a folder but the start folder's own takes part.

Every planted file leaves a mark when it runs.
"""

from typing import TYPE_CHECKING

import pytest

from netgrade.facts.model import Facts

if TYPE_CHECKING:
    from tests.plugin.conftest import Start

SPACE, EQUALS = "space", "equals"
FORMS = pytest.mark.parametrize("form", [SPACE, EQUALS])


def model_path(form: str, path: str) -> list[str]:
    return ["--model-path", path] if form == SPACE else [f"--model-path={path}"]


@FORMS
def test_a_conftest_beside_the_submission_is_not_read(start: "Start", small_net: Facts, form: str) -> None:
    start.has("student/net.py", small_net)
    start.plant("student/conftest.py")
    start.plant("student/tests/conftest.py")
    start.run(*model_path(form, "student/net.py")).assert_outcomes(passed=10)
    start.run(*model_path(form, "student")).assert_outcomes(passed=10)
    assert start.planted == []


@FORMS
def test_the_start_folders_conftest_is_read_and_no_other(start: "Start", small_net: Facts, form: str) -> None:
    start.has("test_student/net.py", small_net)
    start.plant("conftest.py")
    start.plant("test_student/conftest.py")
    start.plant("tests/conftest.py")
    start.write("pytest.ini", "[pytest]\ntestpaths = tests\n")
    start.run(*model_path(form, "test_student/net.py")).assert_outcomes(passed=10)
    assert start.planted == ["conftest.py"]


@FORMS
def test_a_conftest_above_the_start_folder_is_read_up_to_the_configuration(
    start: "Start", small_net: Facts, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start.has("course/week/net.py", small_net)
    start.plant("conftest.py")
    start.plant("course/conftest.py")
    start.plant("course/week/conftest.py")
    start.write("course/pytest.ini", "[pytest]\n")
    monkeypatch.chdir(start.folder / "course" / "week")
    start.run(*model_path(form, "net.py")).assert_outcomes(passed=10)
    assert start.planted == ["course/conftest.py", "course/week/conftest.py"]


@FORMS
def test_without_a_configuration_no_conftest_above_the_start_folder_is_read(
    start: "Start", small_net: Facts, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start.has("alice/net.py", small_net)
    start.plant("conftest.py")
    start.plant("alice/conftest.py")
    start.plant("bob/conftest.py")
    start.write("bob/test_own.py", "def test_own(): pass\n")
    monkeypatch.chdir(start.folder / "bob")
    start.run(*model_path(form, "../alice/net.py")).assert_outcomes(passed=10)
    start.run(*model_path(form, "../alice/net.py"), "test_own.py").assert_outcomes(passed=11)
    assert start.planted == ["bob/conftest.py"] * 2


CONFIGURATIONS = {
    "pytest.ini": "[pytest]\naddopts = {}\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '{}'\n",
    "tox.ini": "[pytest]\naddopts = {}\n",
    "setup.cfg": "[tool:pytest]\naddopts = {}\n",
}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        *((name, "--collect-only") for name in CONFIGURATIONS),
        *(("pytest.ini", options) for options in ("--help", "--version --version", "--markers", "-k nothing")),
    ],
)
def test_a_foreign_configuration_is_refused_after_a_space(
    start: "Start", large: Facts, name: str, options: str
) -> None:
    start.has("student/net.py", large)
    start.plant("student/conftest.py")
    start.write(f"student/{name}", CONFIGURATIONS[name].format(options))
    result = start.run("--model-path", "student/net.py")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    message = result.stderr.str()
    assert f"ERROR: pytest took its configuration from {start.folder}/student/{name}, outside the folder" in message
    assert "it can turn a failing run green, so nothing was graded" in message
    assert "write --model-path=student/net.py, with `=`, or choose the configuration with -c FILE" in message
    assert start.planted == []
    assert start.log == []


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_foreign_configuration_is_not_read_after_an_equals_sign(start: "Start", large: Facts, name: str) -> None:
    start.has("student/net.py", large)
    start.write(f"student/{name}", CONFIGURATIONS[name].format("--collect-only"))
    start.run("--model-path=student/net.py").assert_outcomes(failed=1, passed=9)


def test_a_foreign_configuration_that_switches_the_plugin_off_ends_in_an_error(start: "Start", large: Facts) -> None:
    start.has("student/net.py", large)
    start.write("student/pytest.ini", "[pytest]\naddopts = -p no:netgrade.plugin\n")
    result = start.run("--model-path", "student/net.py")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert start.log == []


@pytest.mark.parametrize("option", ["--rootdir=.", "--confcutdir=.", "--noconftest"])
def test_no_other_option_lets_a_foreign_configuration_in(start: "Start", large: Facts, option: str) -> None:
    start.has("student/net.py", large)
    start.write("student/pytest.ini", "[pytest]\naddopts = --collect-only\n")
    assert start.run("--model-path", "student/net.py", option).ret == pytest.ExitCode.USAGE_ERROR


def test_the_configuration_that_the_user_chooses_is_read(start: "Start", large: Facts) -> None:
    start.has("student/net.py", large)
    start.write("student/pytest.ini", "[pytest]\naddopts = --collect-only\n")
    start.write("mine.ini", "[pytest]\naddopts = -k dropout\n")
    start.run("-c", "mine.ini", "--model-path", "student/net.py").assert_outcomes(passed=1, deselected=11)


def test_a_foreign_configuration_of_a_positional_argument_is_refused(
    start: "Start", small_net: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    start.has("mine/net.py", small_net)
    start.write("other/pytest.ini", "[pytest]\n")
    start.write("other/test_own.py", "def test_own(): pass\n")
    monkeypatch.chdir(start.folder / "mine")
    result = start.run("--model-path=net.py", "../other")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "start pytest in that folder, or choose the configuration with -c FILE" in result.stderr.str()


@FORMS
@pytest.mark.parametrize("place", ["pytest.ini", "../pytest.ini"])
def test_both_forms_are_alike_where_the_configuration_is_the_users_own(
    start: "Start", small_net: Facts, form: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start.has("course/models/net.py", small_net)
    (start.folder / "course" / place).write_text("[pytest]\naddopts = -k dropout\n", encoding="utf-8")
    monkeypatch.chdir(start.folder / "course")
    start.run(*model_path(form, "models/net.py")).assert_outcomes(passed=1, deselected=11)


@FORMS
def test_both_forms_are_alike_where_there_is_no_configuration(start: "Start", small_net: Facts, form: str) -> None:
    start.has("models/net.py", small_net)
    result = start.run(*model_path(form, "models/net.py"), "-rA")
    result.stdout.fnmatch_lines(["PASSED models/net.py::dropout"])


def test_what_no_plugin_can_see_runs_before_it(start: "Start", small_net: Facts) -> None:
    """The limit that the help names: `-p` in a foreign ini file, after a space."""
    start.has("student/net.py", small_net)
    start.plant("student/evil.py")  # `python -m pytest` puts the start folder on the path
    start.write("student/pytest.ini", "[pytest]\naddopts = -p student.evil\n")
    start.run("--model-path=student/net.py").assert_outcomes(passed=10)
    assert start.planted == []
    assert start.run("--model-path", "student/net.py").ret == pytest.ExitCode.USAGE_ERROR
    assert start.planted == ["student/evil.py"]
