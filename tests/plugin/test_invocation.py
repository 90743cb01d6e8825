"""What the command line may say, and what is refused before anything runs."""

from typing import TYPE_CHECKING

import pytest

from netgrade.facts.model import Facts
from netgrade.messages import Failure

if TYPE_CHECKING:
    from tests.plugin.conftest import Start

OWN_TEST = "def test_own(): pass\n"


def refused(result: pytest.RunResult) -> str:
    """The message of a run that pytest ends with its code for a user's mistake."""
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    return result.stderr.str().strip()


def test_without_a_positional_argument_nothing_else_is_collected(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    start.write("tests/test_own.py", OWN_TEST)
    start.write("test_here.py", OWN_TEST)
    start.write("pytest.ini", "[pytest]\ntestpaths = tests\n")
    result = start.run("--model-path", "net.py")
    result.assert_outcomes(passed=10)
    result.stdout.no_fnmatch_line("testpaths:*")


def test_with_a_positional_argument_pytests_own_collection_comes_too(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    start.write("tests/test_own.py", OWN_TEST)
    start.write("test_here.py", OWN_TEST)
    start.run("--model-path", "net.py", "tests").assert_outcomes(passed=11)
    start.run("test_here.py::test_own", "--model-path=net.py").assert_outcomes(passed=11)


def test_pytests_own_collection_does_not_import_a_submission(start: "Start", small_net: Facts) -> None:
    start.has("nets/test_net.py", small_net)
    start.write("nets/test_own.py", OWN_TEST)
    start.run("--model-path", "nets/test_net.py", "nets").assert_outcomes(passed=11)
    assert start.planted == []


def test_it_registers_once_however_often_it_is_named(
    start: "Start", small_net: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD")  # the entry point, where the package is installed
    start.has("net.py", small_net)
    start.write("conftest.py", 'pytest_plugins = ["netgrade.plugin"]\n')
    start.run("--model-path", "net.py").assert_outcomes(passed=10)


@pytest.mark.parametrize("form", [["--model-path", "models/net.py"], ["--model-path=models/net.py"]])
def test_a_conftest_alone_can_bring_the_plugin(start: "Start", small_net: Facts, form: list[str]) -> None:
    start.has("models/net.py", small_net)
    start.write("conftest.py", 'pytest_plugins = ["netgrade.plugin"]\n')
    start.write("pytest.ini", "[pytest]\n")
    start.run(*form, plugin=False).assert_outcomes(passed=10)


def test_without_model_path_pytest_runs_as_ever(start: "Start") -> None:
    start.write("tests/test_own.py", OWN_TEST)
    start.write("tests/conftest.py", "")
    result = start.run("-v")
    result.assert_outcomes(passed=1)
    assert "netgrade 0" not in result.stdout.str()
    assert start.log == []


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("nett.py", "ERROR: --model-path nett.py: no such file or folder; did you mean `net.py`?"),
        ("pytest.ini", "ERROR: --model-path pytest.ini: not a .py or .ipynb file; *"),
        ("empty", "ERROR: --model-path empty: no .py or .ipynb file in this folder; name the file, or its folder"),
    ],
)
def test_a_value_that_names_no_submission(start: "Start", small_net: Facts, value: str, message: str) -> None:
    start.has("net.py", small_net)
    start.write("pytest.ini", "[pytest]\n")
    start.write("empty/readme.txt", "")
    for form in (["--model-path", value], [f"--model-path={value}"]):
        result = start.run(*form, "--model-path=net.py")
        refused(result)
        result.stderr.fnmatch_lines([message])
    assert start.log == []


def test_a_strangers_file_name_in_a_message_is_shown_by_its_codes(start: "Start", small_net: Facts) -> None:
    start.has("nets/evil\x1b[2J.py", small_net)
    message = refused(start.run("--model-path=nets/evil.py"))
    assert message == r"ERROR: --model-path nets/evil.py: no such file or folder; did you mean `evil\x1b[2J.py`?"


def test_an_unknown_network_is_a_mistake_that_lists_the_candidates(start: "Start") -> None:
    failure = Failure(stage="find", network="Modle_2", message="no such", candidates=("Model_1", "Model_2"))
    start.has("all.py", failure, names=("Model_1", "Model_2"))
    for extra in ([], ["-p", "xdist", "-n2"], ["--collect-only"]):
        message = refused(start.run("--model-path=all.py::Modle_2", *extra))
        assert message == (
            "ERROR: --model-path all.py::Modle_2: unknown network `Modle_2`; did you mean `Model_2`? "
            "(networks: Model_1, Model_2)"
        )


def test_an_unknown_network_that_is_a_rule_names_k(start: "Start") -> None:
    failure = Failure(stage="find", network="dropout", message="no such", candidates=("Net",))
    start.has("net.py", failure, names=("Net",))
    message = refused(start.run("--model-path=net.py::dropout"))
    assert message.endswith("(networks: Net); a rule is chosen with -k: pytest --model-path=net.py -k dropout")


@pytest.mark.parametrize(
    "arguments", [["net.py::dropout", "--model-path=net.py"], ["--model-path", "net.py", "net.py::dropout"]]
)
def test_a_positional_check_is_refused_before_anything_is_imported(
    start: "Start", small_net: Facts, arguments: list[str]
) -> None:
    start.has("net.py", small_net)
    start.plant("conftest.py")
    message = refused(start.run(*arguments))
    assert message == ("ERROR: net.py::dropout: a rule is chosen with -k: pytest --model-path=net.py -k dropout")
    assert start.planted == []
    assert start.log == []


def test_a_check_pasted_without_model_path_is_refused_too(start: "Start", small_net: Facts) -> None:
    start.has("nets/net.py", small_net)
    start.plant("nets/conftest.py")
    message = refused(start.run("nets/net.py::batch-norm"))
    assert message == (
        "ERROR: nets/net.py::batch-norm: batch-norm is a rule, no test: pytest --model-path=nets/net.py -k batch-norm"
    )
    assert start.planted == []


def test_a_submission_is_no_test_file(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    message = refused(start.run("--model-path=net.py", "net.py"))
    assert "net.py: this file is graded by --model-path and no test file" in message
    assert start.planted == []


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "soon"])
def test_a_timeout_that_is_none(start: "Start", small_net: Facts, value: str) -> None:
    start.has("net.py", small_net)
    message = refused(start.run("--model-path=net.py", f"--model-timeout={value}"))
    assert f"argument --model-timeout: '{value}' is no number of seconds above 0" in message


def test_the_timeout_reaches_the_sandbox(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    start.run("--model-path=net.py", "--model-timeout=2.5")
    assert start.log[1] == "submit net.py None 2.5 (1, 28, 28) 10"


COURSE = "input-shape = [3, 32, 32]\nclasses = 7\n[rules.parameter-budget]\nbelow = 1000\n"


def test_an_assignment_by_name(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    result = start.run("--model-path=net.py", "--assignment", "cifar10-200k")
    result.stdout.fnmatch_lines(["netgrade 0.1.0 · cifar10-200k · torch *"])
    assert start.log[1] == "submit net.py None 60 (3, 32, 32) 10"


def test_an_assignment_by_file(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    start.write("course.toml", COURSE)
    result = start.run("--model-path=net.py", "--assignment=course.toml")
    result.assert_outcomes(failed=1)
    assert start.log[1] == "submit net.py None 60 (3, 32, 32) 7"


def test_an_assignment_of_the_start_folders_pyproject(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    start.write("course.toml", COURSE)
    start.write("pyproject.toml", '[tool.netgrade]\nassignment = "course.toml"\n')
    start.run("--model-path=net.py").assert_outcomes(failed=1)
    start.run("--model-path=net.py", "--assignment=mnist-20k").assert_outcomes(passed=10)


def test_the_pyproject_of_the_submissions_folder_is_not_read(start: "Start", small_net: Facts) -> None:
    start.has("student/net.py", small_net)
    start.write("student/pyproject.toml", '[tool.netgrade]\nassignment = "mine.toml"\n')
    start.run("--model-path=student/net.py").assert_outcomes(passed=10)


def test_a_mistake_in_an_assignment(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    start.write("course.toml", COURSE.replace("below", "belwo"))
    message = refused(start.run("--model-path=net.py", "--assignment=course.toml"))
    assert message.startswith("ERROR: course.toml: rules.parameter-budget.belwo: unknown key; did you mean `below`?")
    assert start.log == ["start", "close"]


def test_an_assignment_without_a_submission_is_a_mistake(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    message = refused(start.run("--assignment=mnist-8k", "net.py"))
    assert message == "ERROR: --assignment grades nothing by itself: add --model-path=FILE.py, the submission"
    assert start.planted == []


def test_an_assignment_in_the_ini_file_waits_for_a_run_that_grades(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    start.write("pytest.ini", "[pytest]\naddopts = --assignment=cifar10-200k\n")
    start.write("test_own.py", OWN_TEST)
    start.run().assert_outcomes(passed=1)
    start.run("--model-path=net.py").stdout.fnmatch_lines(["netgrade 0.1.0 · cifar10-200k · torch *"])


def test_model_path_in_the_start_folders_ini(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    start.write("pytest.ini", "[pytest]\naddopts = --model-path net.py\n")
    start.run().assert_outcomes(passed=10)
