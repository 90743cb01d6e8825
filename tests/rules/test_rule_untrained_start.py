from collections.abc import Callable

import pytest
from msgspec.structs import replace

from netgrade.facts.model import Facts
from netgrade.facts.training import Training, Trial
from netgrade.rules.model import Violation
from netgrade.rules.untrained_start import Settings, check

Trained = Callable[..., Training]
OneTrial = Callable[..., Trial]


def test_a_guess_passes(facts: Facts, training: Training) -> None:
    finding = check(replace(facts, training=training), Settings())
    assert finding.message == "980 of 10,000 before training (9.8 %), at most 30 %"
    assert (finding.violations, finding.unknown) == ((), "")
    assert finding.numbers == {"start": 980, "images": 10_000, "at_most": 30.0}


@pytest.mark.parametrize(
    ("start", "at_most", "broken"),
    [(3_000, 30.0, False), (3_001, 30.0, True), (1_660, 16.6, False), (1_661, 16.6, True), (1, 0.005, True)],
)
def test_the_limit_itself_passes(  # noqa: PLR0913 - two of them are fixtures that make a training
    facts: Facts, trained: Trained, trial: OneTrial, start: int, at_most: float, *, broken: bool
) -> None:
    finding = check(replace(facts, training=trained(trial(start=start))), Settings(at_most=at_most))
    assert bool(finding.violations) == broken


def test_weights_that_come_trained(facts: Facts, trained: Trained, trial: OneTrial) -> None:
    training = trained(trial(9_950, start=990), trial(9_950, seed=1, start=9_953), trial(9_950, seed=2, start=9_000))
    finding = check(replace(facts, training=training), Settings())
    assert finding.violations == (
        Violation(
            message="9,953 of 10,000 before training (99.5 %) with seed 1: more than 30 %, so it comes trained",
            hint=(
                "weights that come with a submission never count as training: remove what loads them; an assignment "
                "that says `reinitialize = true` draws every parameter anew"
            ),
        ),
    )
    assert finding.numbers["start"] == 9_953


def test_a_trial_that_broke_off_has_a_start_too(facts: Facts, trained: Trained, trial: OneTrial) -> None:
    finding = check(replace(facts, training=trained(trial(start=9_000, ending="frozen"))), Settings())
    assert finding.message.startswith("9,000 of 10,000 before training (90.0 %)")
    assert finding.violations


def test_no_training_is_no_verdict(facts: Facts, trained: Trained) -> None:
    unknown = "not trained: the accuracy before training isn't known"
    assert check(facts, Settings()).unknown == unknown
    assert check(replace(facts, training=trained()), Settings()).unknown == unknown
