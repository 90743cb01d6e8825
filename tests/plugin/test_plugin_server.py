"""When the server runs, how its failures look, and what a run without it costs."""

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from netgrade.facts.model import Facts

if TYPE_CHECKING:
    from tests.plugin.conftest import Start

WORK = ["start", "submit net.py None 60 (1, 28, 28) 10", "result net.py", "close"]


def test_it_is_started_once_and_closed(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    start.run("--model-path=net.py")
    assert start.log == WORK


@pytest.mark.parametrize("option", ["--help", "--version", "--markers", "--cache-show", "--fixtures"])
def test_it_is_not_started_where_nothing_is_graded(start: "Start", small_net: Facts, option: str) -> None:
    start.has("net.py", small_net)
    assert start.run("--model-path=net.py", option).ret == 0
    assert start.log == []


def test_help_works_with_a_path_that_is_missing(start: "Start") -> None:
    start.run("--help").stdout.fnmatch_lines(["*--model-path=PATH*", "*--assignment=NAME|FILE.toml*"])


def test_ctrl_c_closes_it(start: "Start") -> None:
    start.has("net.py")
    start.answer("net.py", "Ctrl-C")
    result = start.run("--model-path=net.py")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert start.log == WORK


def test_its_own_failure_is_said_to_be_ours(start: "Start") -> None:
    start.has("net.py")
    start.answer("net.py", "the server died with exit status 1")
    result = start.run("--model-path=net.py")
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    result.stdout.fnmatch_lines(["!* _pytest.outcomes.Exit: the server died with exit status 1 !*"])
    assert "Traceback" not in result.stdout.str()
    assert start.log == WORK


def test_its_own_failure_under_xdist(start: "Start") -> None:
    start.has("net.py")
    start.answer("net.py", "the server died with exit status 1")
    result = start.run("--model-path=net.py", "-p", "xdist", "-n2")
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    assert "Exit: the server died with exit status 1" in result.stderr.str()


def test_an_examination_without_a_result_is_not_green(start: "Start") -> None:
    start.has("net.py")
    result = start.run("--model-path=net.py")
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    assert "net.py was examined without a result" in result.stdout.str()


def test_progress_is_a_line_every_ten_seconds_where_none_can_be_overwritten(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    result = start.run("--model-path=net.py")
    told = [line for line in result.stdout.lines if "capturing" in line]
    assert told == ["net.py: capturing Net, 12 s", "net.py: capturing Net, 23 s"]


def test_progress_is_a_live_line_on_a_terminal(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    result = start.run("--model-path=net.py", "-p", "on_a_terminal")
    lines = [line.rstrip() for line in result.stdout.lines]  # a carriage return ends a line here
    begin = lines.index("collecting ...")
    assert lines[begin + 1 : begin + 7] == [
        "net.py: capturing Net, 9 s",
        "net.py: capturing Net, 12 s",
        "net.py: capturing Net, 15 s",
        "net.py: capturing Net, 23 s",
        "",
        "collected 12 items / 2 deselected / 10 selected",
    ]


def test_a_quiet_run_shows_no_progress(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    assert "capturing" not in start.run("--model-path=net.py", "-q").stdout.str()


def imported(arguments: list[str], folder: str) -> set[str]:
    """Names of the modules that pytest's process has imported at its end."""
    code = "import sys, pytest; pytest.main(sys.argv[1:]); print('\\n'.join(['MODULES', *sys.modules]))"
    run = subprocess.run(  # noqa: S603, our own command
        [sys.executable, "-P", "-c", code, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    return set(run.stdout.partition("MODULES\n")[2].split())


def test_torch_is_never_imported(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    modules = imported(["-p", "netgrade.plugin", "-p", "stand_in", "--model-path=net.py"], str(start.folder))
    assert "netgrade.plugin.controller" in modules
    assert not {"torch", "numpy"} & modules


def test_without_model_path_nothing_is_imported_but_the_plugin(start: "Start") -> None:
    modules = imported(["-p", "netgrade.plugin"], str(start.folder))
    assert {name for name in modules if name.startswith("netgrade")} == {"netgrade", "netgrade.plugin"}
    assert not {"msgspec", "torch"} & modules


def test_a_test_named_by_its_id_costs_no_import_of_rules(start: "Start") -> None:
    start.write("test_own.py", "def test_b(): pass\n")
    modules = imported(["-p", "netgrade.plugin", "test_own.py::test_b"], str(start.folder))
    assert not {"msgspec", "torch", "netgrade.rules"} & modules


def test_limits_alone(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    start.run("--model-path=net.py", "--sandbox=off")
    assert start.log[0] == "start off"


def test_a_system_that_lacks_what_is_required(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    result = start.run("--model-path=net.py", "--sandbox=require")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "ERROR: --sandbox require: this system has no landlock; use --sandbox auto" in result.stderr.str()
    assert start.log == ["start require"]


def test_files_of_one_folder_are_kept_apart(start: "Start", small_net: Facts) -> None:
    start.has("nets/a.py", small_net)
    start.has("nets/b.py", small_net)
    start.run("--model-path=nets")
    assert "submit a.py None 60 (1, 28, 28) 10 alone" in start.log
