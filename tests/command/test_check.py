"""`netgrade check`: the same verdicts and words as the plugin's, and exit codes that a script can trust."""

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from netgrade.command import main
from netgrade.facts.model import Facts
from netgrade.messages import Failure
from netgrade.sandbox.client import SandboxError

if TYPE_CHECKING:
    from tests.command.conftest import StandIn

Capture = pytest.CaptureFixture[str]


def test_a_good_network(server: "StandIn", small_net: Facts, capsys: Capture) -> None:
    server.has("net.py", small_net)
    assert main(["check", "net.py"]) == 0
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert lines[0].startswith("netgrade 0.1.0 · mnist-20k · torch ")
    assert lines[0].endswith(" · sandbox: limits")
    assert lines[2].startswith("net.py · Net · 1,432 parameters · ")
    assert "  ✓ dropout                   2 on the path, p = 0.1, off in eval mode" in lines
    assert lines[-2:] == ["1 training left out: see netgrade train", "10 passed"]
    assert "\x1b" not in shown.out
    assert server.closed == 1


def test_a_broken_rule(server: "StandIn", large: Facts, capsys: Capture) -> None:
    server.has("net.py", large)
    assert main(["check", "-q", "net.py"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        "✗ net.py · Large · 21,360 parameters",
        "  ✗ parameter-budget          21,360 is not fewer than 20,000",
    ]
    assert lines[-1] == "1 failed, 9 passed"


def test_a_submission_that_can_not_be_loaded(server: "StandIn", capsys: Capture) -> None:
    server.has("net.py", Failure(stage="load", message="line 3 is no Python", hint="close the bracket"))
    assert main(["check", "net.py"]) == 1
    out = capsys.readouterr().out
    assert (
        "  ✗ loads                     line 3 is no Python\n                              → close the bracket\n" in out
    )
    assert out.endswith("1 failed\n")


def test_one_bad_file_of_ten_fails_the_run(server: "StandIn", small_net: Facts, large: Facts, capsys: Capture) -> None:
    for number in range(10):
        server.has(f"net{number}.py", large if number == 6 else small_net)
    assert main(["check", *(f"net{number}.py" for number in range(10))]) == 1
    assert capsys.readouterr().out.endswith("1 failed, 99 passed\n")
    assert server.closed == 1


def test_several_networks_are_named_as_this_command_takes_them(
    server: "StandIn", small_net: Facts, large: Facts, capsys: Capture
) -> None:
    server.has("net.py", small_net, large)
    assert main(["check", "net.py"]) == 1
    out = capsys.readouterr().out
    assert "net.py has 2 networks; grade one of them with netgrade check net.py::Large\n" in out
    assert "--model-path" not in out


def test_the_options_reach_the_server(server: "StandIn", small_net: Facts) -> None:
    server.has("net.py", small_net)
    arguments = ["--assignment", "cifar10-200k", "--model-timeout=2.5", "--sandbox", "off"]
    assert main(["check", "net.py::Net", *arguments]) == 1
    (task,) = server.tasks
    assert (task.network, task.input_shape, task.timeout) == ("Net", (3, 32, 32), 2.5)
    assert server.isolation == "off"


def test_no_configuration_of_the_folder_is_read(server: "StandIn", large: Facts, capsys: Capture) -> None:
    server.has("net.py", large)
    Path("pyproject.toml").write_text(
        '[tool.netgrade]\nassignment = "easy.toml"\n[tool.pytest.ini_options]\naddopts = "--collect-only"\n',
        encoding="utf-8",
    )
    Path("easy.toml").write_text('extends = "mnist-20k"\nwithout = ["parameter-budget"]\n', encoding="utf-8")
    Path("conftest.py").write_text("raise SystemExit(0)\n", encoding="utf-8")
    assert main(["check", "net.py"]) == 1
    assert " · mnist-20k · " in capsys.readouterr().out
    assert main(["check", "net.py", "--assignment", "easy.toml"]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing argument 'PATH...'"),
        (["nte.py"], "Error: nte.py: no such file or folder; did you mean `net.py`?\n"),
        (["net.py", "--assignment", "mnist"], "Error: unknown assignment `mnist`; did you mean `mnist-"),
        (["net.py", "--model-timeout", "-1"], "'-1' is no number of seconds above 0"),
        (["net.py", "--model-timeout", "nan"], "'nan' is no number of seconds above 0"),
        (["net.py", "--sandbox", "none"], "'none' is not one of 'auto', 'require', 'off'"),
        (
            ["net.py", "--sandbox", "require"],
            "Error: --sandbox require: this system has no landlock; use --sandbox auto",
        ),
        (["net.py", "--fast"], "No such option"),
    ],
)
def test_a_mistake(server: "StandIn", small_net: Facts, capsys: Capture, arguments: list[str], message: str) -> None:
    server.has("net.py", small_net)
    assert main(["check", *arguments]) == 4
    assert message in capsys.readouterr().err


def test_a_network_that_the_file_does_not_have(server: "StandIn", capsys: Capture) -> None:
    server.has("net.py", Failure(stage="find", message="no Nte", candidates=("Net",)))
    assert main(["check", "net.py::Nte"]) == 4
    assert capsys.readouterr().err.endswith("Error: net.py::Nte: unknown network `Nte` (networks: Net)\n")
    assert server.closed == 1


def test_our_own_fault_is_no_verdict(server: "StandIn", capsys: Capture) -> None:
    server.has("net.py")
    server.answers["net.py"] = SandboxError("netgrade's server ended with signal 9")
    assert main(["check", "net.py"]) == 3
    assert capsys.readouterr().err.endswith("netgrade: netgrade's server ended with signal 9\n")
    server.has("net.py")  # examined, without a network or a reason
    assert main(["check", "net.py"]) == 3
    assert "net.py was examined without a result" in capsys.readouterr().err


def test_an_interruption(server: "StandIn", capsys: Capture) -> None:
    server.has("net.py")
    server.answers["net.py"] = KeyboardInterrupt()
    assert main(["check", "net.py"]) == 2
    assert capsys.readouterr().err.endswith("netgrade: interrupted\n")
    assert server.closed == 1


def test_waiting_is_told_on_standard_error(server: "StandIn", small_net: Facts, capsys: Capture) -> None:
    server.has("net.py", small_net)
    main(["check", "net.py"])
    shown = capsys.readouterr()
    assert shown.err == "net.py: capturing Net, 12 s\nnet.py: capturing Net, 23 s\n"
    assert "capturing" not in shown.out
    main(["check", "-q", "net.py"])
    assert capsys.readouterr().err == ""


def test_colour_on_a_terminal_and_not_with_no_color(
    server: "StandIn", large: Facts, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.has("net.py", large)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    main(["check", "net.py"])
    out = capsys.readouterr().out
    assert "\x1b[31m  ✗ parameter-budget          21,360 is not fewer than 20,000\x1b[0m" in out
    monkeypatch.setenv("NO_COLOR", "1")
    main(["check", "net.py"])
    assert "\x1b" not in capsys.readouterr().out


def test_a_path_can_not_colour_the_terminal(server: "StandIn", large: Facts, capsys: Capture) -> None:
    server.has("a\x1b[31m.py", large)
    assert main(["check", "a\x1b[31m.py"]) == 1
    assert "\x1b" not in capsys.readouterr().out


def test_a_shell_can_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    for line, words in {
        "netgrade ": {"check", "train", "show", "rules", "init", "doctor"},
        "netgrade rules drop": {"dropout"},
        "netgrade check --assignment mnist-2": {"mnist-20k", "mnist-20k-gap-or-fc"},
        "netgrade train --device c": {"cuda", "cpu"},
        "netgrade train --accuracy-at l": {"last", "last-3"},
    }.items():
        monkeypatch.setenv("COMP_WORDS", line)
        monkeypatch.setenv("COMP_CWORD", str(line.count(" ")))
        monkeypatch.setenv("_NETGRADE_COMPLETE", "bash_complete")
        command = [sys.executable, "-c", "from netgrade.command import main; main()"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
        assert {entry.partition(",")[2] for entry in done.stdout.split()} == words


def test_a_real_network_without_pytest_or_torch_in_the_controller(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    code = (
        "import sys; from netgrade.command import main; code = main();"
        "print(sorted({'torch', 'numpy', 'pytest', '_pytest'} & sys.modules.keys())); sys.exit(code)"
    )
    command = [sys.executable, "-c", code, "check", str(root / "models/netv3.py")]
    done = subprocess.run(  # noqa: S603 - fixed words
        command, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == ["10 passed", "[]"]


_HELPER = Failure(stage="find", message="utils.py defines no nn.Module", hint="define the network", helper=True)


def test_a_file_without_a_network_fails(server: "StandIn", capsys: Capture) -> None:
    server.has("utils.py", _HELPER)
    assert main(["check", "utils.py"]) == 1
    assert "  ✗ loads                     utils.py defines no nn.Module\n" in capsys.readouterr().out


def test_helpers_can_be_passed_over(server: "StandIn", small_net: Facts, capsys: Capture) -> None:
    server.has("utils.py", _HELPER)
    server.has("net.py", small_net)
    assert main(["check", "-q", "--skip-helpers", "--report", "markdown=report.md", "utils.py", "net.py"]) == 0
    assert capsys.readouterr().out == "left out: utils.py defines no network\n10 passed\n"
    report = Path("report.md").read_text(encoding="utf-8")
    assert "utils.py defines no network" in report
    assert "### ❌ utils.py" not in report
    assert "10 of 10 points" in report


def test_nothing_but_helpers(server: "StandIn", capsys: Capture) -> None:
    server.has("utils.py", _HELPER)
    assert main(["check", "--skip-helpers", "utils.py"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith(" · sandbox: limits")
    assert lines[-2:] == ["left out: utils.py defines no network", "nothing was graded"]


def test_another_failure_is_not_passed_over(server: "StandIn", capsys: Capture) -> None:
    server.has("net.py", Failure(stage="load", message="line 3 is no Python"))
    assert main(["check", "--skip-helpers", "net.py"]) == 1
    assert "line 3 is no Python" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["-q.py", "--sandbox=off.py", "--report=html=net.ipynb"])
def test_a_file_is_no_option(server: "StandIn", small_net: Facts, capsys: Capture, name: str) -> None:
    server.has(name, small_net)
    assert main(["check", name]) == 0
    assert f"./{name} · Net" in capsys.readouterr().out
    assert server.isolation == "auto"
