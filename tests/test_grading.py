"""Which rules are judged, and in which order."""

from collections.abc import Collection
from pathlib import Path

import pytest
from msgspec.structs import replace

from netgrade.assignment import Assignment, load, with_options
from netgrade.facts.model import Facts
from netgrade.facts.training import Epoch, Training, Trial
from netgrade.grading import judge
from netgrade.rules.model import Evidence

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
