"""`netgrade rules` and `netgrade doctor`, and what every command does with a mistake."""

import pytest

from netgrade.__main__ import main
from netgrade.rules import all_rules
from netgrade.sandbox.isolation import missing

Capture = pytest.CaptureFixture[str]


def test_the_list(capsys: Capture) -> None:
    assert main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(all_rules())
    assert "dropout                 Dropout works in train mode and is off in eval mode." in lines


def test_a_page(capsys: Capture) -> None:
    assert main(["rules", "dropout"]) == 0
    assert capsys.readouterr().out == f"dropout: {all_rules()['dropout'].page}"


def test_the_table(capsys: Capture) -> None:
    assert main(["rules", "--markdown"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["| Rule | Holds when | Settings |", "| --- | --- | --- |"]
    assert [line.split("`")[1] for line in lines[2:]] == list(all_rules())
    assert (
        "| `parameter-budget` | The network has no more parameters than the budget allows. "
        '| `below`, `at-most`, `count = "total"` |'
    ) in lines
    assert "| `output-shape` | The scores are one row an image, with one number a class. | `classes` |" in lines
    assert "| `dropout` | Dropout works in train mode and is off in eval mode. | `least = 0.001` |" in lines
    assert "| `finite-output` | The scores are finite numbers. |  |" in lines


def test_an_unknown_rule(capsys: Capture) -> None:
    assert main(["rules", "droput"]) == 4
    errors = capsys.readouterr().err
    assert errors.endswith(f"Error: unknown rule `droput`; did you mean `dropout`? (rules: {', '.join(all_rules())})\n")


def test_an_unknown_command(capsys: Capture) -> None:
    assert main(["rule"]) == 4
    assert "No such command 'rule'" in capsys.readouterr().err


def test_no_command(capsys: Capture) -> None:
    assert main([]) == 4
    assert "Usage: netgrade [OPTIONS] COMMAND" in capsys.readouterr().err


@pytest.mark.skipif(bool(missing()), reason=f"this system lacks {', '.join(missing())}")
def test_the_doctor_finds_that_the_sandbox_holds(capsys: Capture) -> None:
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("sandbox: landlock ")
    assert lines[-1] == "{0} of {0} as they should be".format(sum(line.startswith("  ✓") for line in lines))


def test_the_doctor_finds_that_limits_alone_do_not(capsys: Capture) -> None:
    assert main(["doctor", "--sandbox=off"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "sandbox: limits"
    assert any(line.startswith("  ✗ connect to a port") and line.endswith("works   ← should fail") for line in lines)
