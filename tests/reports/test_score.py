from pathlib import Path

import pytest
from msgspec.structs import replace

from netgrade.assignment import load
from netgrade.grading import judge, reports
from netgrade.messages import Examined, Failure
from netgrade.reports.report import Report, Run
from netgrade.reports.score import Score, of_check, of_network, of_run
from netgrade.rules.model import Outcome, Verdict


@pytest.mark.parametrize(
    ("outcome", "earned"), [("passed", 3), ("warned", 3), ("failed", 0), ("skipped", 0), ("error", 0)]
)
def test_a_rule_earns_all_or_nothing(outcome: Outcome, earned: int) -> None:
    check = Verdict(rule="macs", outcome=outcome, message="", points=3)
    assert of_check(check) == Score(earned=earned, possible=3)


def test_points_add_up(passing: Report, failing: Report, run: Run) -> None:
    assert of_network(passing) == Score(earned=10, possible=10)
    assert of_network(failing) == Score(earned=7, possible=13)
    assert of_run(run.reports) == Score(earned=17, possible=33)
    assert str(of_run(run.reports)) == "17 of 33 points"


def test_the_assignment_says_what_a_rule_is_worth(examined: Examined, tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_text(
        'extends = "mnist-20k"\n[rules.dropout]\npoints = 5\n[rules.parameter-budget]\nbelow = 10\npoints = 2\n'
    )
    assignment = load("course.toml", folder=tmp_path)
    (report,) = reports(examined, assignment, path="net.py")
    assert {check.rule: check.points for check in report.checks if check.points != 1} == {
        "dropout": 5,
        "parameter-budget": 2,
    }
    assert of_network(report) == Score(earned=13, possible=15)


def test_rules_that_are_skipped_or_unknown_keep_their_worth(examined: Examined, tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_text(
        "input-shape = [1, 28, 28]\nclasses = 10\n[rules.output-shape]\nclasses = 9\npoints = 2\n"
        "[rules.batch-independence]\npoints = 3\n[rules.macs]\nbelow = 9\npoints = 4\n"
    )
    (facts,) = examined.networks
    assert not isinstance(facts, Failure)
    verdicts = judge(replace(facts, macs=None, unknown=("stft",)), load("course.toml", folder=tmp_path))
    assert [(each.outcome, each.points) for each in verdicts] == [("failed", 2), ("skipped", 3), ("error", 4)]


def test_what_cannot_be_graded_earns_none_of_all_points(unloadable: Report) -> None:
    assert of_network(unloadable) == Score(earned=0, possible=10)


def test_passed_is_what_pytest_calls_passed(passing: Report, failing: Report, unloadable: Report, run: Run) -> None:
    assert (passing.passed, failing.passed, unloadable.passed) == (True, False, False)
    warned = Verdict(rule="macs", outcome="warned", message="")
    assert replace(passing, verdicts=(warned,)).passed
    assert not run.passed
    assert not replace(run, reports=()).passed
