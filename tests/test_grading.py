"""Which rules are judged, and in which order."""

from collections.abc import Collection
from pathlib import Path

import pytest
from msgspec.structs import replace

from netgrade.assignment import Assignment, load, with_options
from netgrade.facts.model import Facts
from netgrade.facts.training import Epoch, Training, Trial
from netgrade.grading import judge, obstacle, reports, with_training, without_training
from netgrade.messages import Examined, Failure
from netgrade.reports.score import of_network
from netgrade.rules.model import Evidence, Verdict

TRAINED = ["untrained-start", "test-accuracy"]


@pytest.fixture
def assignment() -> Assignment:
    return with_options(load(folder=Path()), learns=True)


def training(count: int, start: int = 980) -> Training:
    epoch = Epoch(number=1, loss=0.1, train_correct=59_000, train_images=60_000, test_correct=count, seconds=1.0)
    trial = Trial(seed=0, start=start, epochs=(epoch,))
    return Training(data_set="MNIST", full=True, device="cpu", planned=1, test_images=10_000, trials=(trial,))


def outcomes(facts: Facts, assignment: Assignment, evidence: Collection[Evidence]) -> dict[str, str]:
    return {verdict.rule: verdict.outcome for verdict in judge(facts, assignment, evidence=evidence)}


def test_the_program_alone(small_net: Facts, assignment: Assignment) -> None:
    rules = [each.rule.id for each in assignment.requirements if each.rule.id not in ("learns", *TRAINED)]
    assert list(outcomes(small_net, assignment, {"program"})) == rules


def test_the_rules_that_need_a_training_are_left_out_at_first(small_net: Facts, assignment: Assignment) -> None:
    rules = [verdict.rule for verdict in judge(small_net, assignment)]
    assert rules == [each.rule.id for each in assignment.requirements if each.rule.id not in TRAINED]


def test_a_rule_that_lacks_its_evidence_is_never_passed(small_net: Facts, assignment: Assignment) -> None:
    (verdict,) = judge(small_net, assignment, evidence={"learning"})
    assert (verdict.rule, verdict.outcome) == ("learns", "error")
    assert verdict.message == "not trained on the small data set"


def test_the_training_alone(small_net: Facts, assignment: Assignment) -> None:
    well = replace(small_net, training=training(9_940))
    assert outcomes(well, assignment, {"training"}) == dict.fromkeys(TRAINED, "passed")
    badly = replace(small_net, training=training(9_939))
    assert outcomes(badly, assignment, {"training"}) == {"untrained-start": "passed", "test-accuracy": "failed"}


def test_what_a_rule_needs_is_looked_for_in_the_same_call(small_net: Facts, assignment: Assignment) -> None:
    shipped = replace(small_net, training=training(9_960, start=9_950))
    verdicts = judge(shipped, assignment, evidence={"training"})
    assert [verdict.outcome for verdict in verdicts] == ["failed", "skipped"]
    assert verdicts[1].message == "can't be checked until untrained-start passes"


def test_what_stands_before_a_training_is_the_cause_of_one_failure(assignment: Assignment) -> None:
    failure = Failure(stage="load", message="line 3 is no Python", hint="close the bracket")
    (report,) = reports(Examined(path="net.py", found=None, networks=(failure,)), assignment, path="net.py")
    before = obstacle(report, anyway=True)
    assert before is not None
    first, second = without_training(report, assignment, before).trained
    assert (first.rule, first.outcome) == ("untrained-start", "skipped")
    assert first.message == "can't be checked until the network is trained; test-accuracy says why it isn't"
    assert (second.rule, second.outcome) == ("test-accuracy", "failed")
    assert second.message == "not trained, because it can't be loaded: line 3 is no Python"


def test_a_training_that_is_skipped_is_skipped_for_its_own_reason(examined: Examined, assignment: Assignment) -> None:
    (report,) = reports(examined, assignment, path="net.py")
    skipped = Verdict(rule="", outcome="skipped", message="no GPU")
    assert [each.message for each in without_training(report, assignment, skipped).trained] == ["no GPU", "no GPU"]


def test_points_of_what_was_not_judged_are_not_possible(examined: Examined) -> None:
    held = load(folder=Path())
    (plain,) = reports(examined, held, path="net.py")
    assert (of_network(plain).earned, of_network(plain).possible) == (10, 10)
    trained = with_training(plain, training(9_939), held)
    assert (of_network(trained).earned, of_network(trained).possible) == (11, 12)


def test_a_file_that_can_not_be_loaded_has_the_same_points_to_lose(examined: Examined) -> None:
    held = load(folder=Path())
    failed = replace(examined, found=None, networks=(Failure(stage="load", message="no", hint=""),))
    (plain,) = reports(failed, held, path="net.py")
    assert (of_network(plain).earned, of_network(plain).possible) == (0, 10)
    before = obstacle(plain, anyway=False)
    assert before is not None
    assert of_network(without_training(plain, held, before)).possible == 12


def test_fewer_epochs_than_the_assignments_are_to_blame_before_any_layer(examined: Examined) -> None:
    held = with_options(load(folder=Path()), epochs=2)
    (report,) = reports(examined, held, path="net.py")
    two = training(9_000)
    two = replace(two, planned=2, trials=(replace(two.trials[0], epochs=two.trials[0].epochs * 2),))
    verdict = with_training(report, two, held).trained[1]
    assert [each.hint for each in verdict.violations] == ["2 of 20 epochs: train for all, without --epochs"]
    whole = with_options(load(folder=Path()), epochs=20)
    assert whole.epochs == 0
