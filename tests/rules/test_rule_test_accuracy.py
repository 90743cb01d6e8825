from collections.abc import Callable
from typing import Any, Literal

import pytest
from msgspec.structs import replace

from netgrade.facts.model import Facts, Place
from netgrade.facts.training import Training, Trial
from netgrade.rules.model import Finding, Violation
from netgrade.rules.test_accuracy import Settings, check, next_trial

Trained = Callable[..., Training]
OneTrial = Callable[..., Trial]

BEST = Settings(accuracy=99.4)
LAST = Settings(accuracy=99.4, accuracy_at="last")
LAST_3 = Settings(accuracy=99.4, accuracy_at="last-3")
AUTO = Settings(accuracy=99.4, accuracy_at="last", seeds="auto")

Judged = Callable[..., Finding]


@pytest.fixture
def judged(facts: Facts, trained: Trained, trial: OneTrial) -> Judged:
    """Return a function that judges trials with these counts of their last epochs, one trial for each."""

    def judge(*last: int, settings: Settings = LAST, **others: Any) -> Finding:  # noqa: ANN401 - any field
        trials = (trial(9_700, 9_900, count, seed=seed) for seed, count in enumerate(last))
        return check(replace(facts, training=trained(*trials, **others)), settings)

    return judge


def test_the_last_epoch_decides(facts: Facts, training: Training) -> None:
    finding = check(replace(facts, training=training), LAST)
    assert finding.message == (
        "9,962 of 10,000 in the last epoch (99.62 %, 95 % interval 99.48–99.72), best 9,964, "
        "lowest of the last three 9,958; at least 9,940"
    )
    assert (finding.violations, finding.unknown) == ((), "")
    assert finding.numbers == {
        "needed": 9_940,
        "images": 10_000,
        "accuracy_at": "last",
        "seeds": 1,
        "counted": 9_962,
        "seed_0_best": 9_964,
        "seed_0_last": 9_962,
        "seed_0_lowest_of_last_three": 9_958,
    }


def test_the_interval_stays_with_the_last_epoch(facts: Facts, training: Training) -> None:
    finding = check(replace(facts, training=training), BEST)
    assert finding.message == (
        "9,964 of 10,000 in the best epoch (99.64 %), last 9,962 (95 % interval 99.48–99.72), "
        "lowest of the last three 9,958; at least 9,940"
    )
    assert finding.numbers["counted"] == 9_964


def test_the_lowest_of_the_last_three_decides(facts: Facts, training: Training) -> None:
    finding = check(replace(facts, training=training), LAST_3)
    assert finding.message == (
        "9,958 of 10,000 in the lowest of the last three epochs (99.58 %), best 9,964, "
        "last 9,962 (95 % interval 99.48–99.72); at least 9,940"
    )


def test_the_lowest_of_any_number(facts: Facts, training: Training) -> None:
    finding = check(replace(facts, training=training), Settings(accuracy=99.4, accuracy_at="last-4"))
    assert finding.violations[0].message == (
        "9,800 of 10,000 in the lowest of the last four epochs (98.00 %), best 9,964, "
        "last 9,962 (95 % interval 99.48–99.72), lowest of the last three 9,958; at least 9,940"
    )


@pytest.mark.parametrize(("last", "broken"), [(9_939, True), (9_940, False)])
def test_one_image_decides(judged: Judged, last: int, broken: bool) -> None:  # noqa: FBT001 - parametrized
    finding = judged(last)
    assert bool(finding.violations) == broken
    assert finding.message.endswith("; at least 9,940, BORDERLINE")


@pytest.mark.parametrize(("last", "doubt"), [(9_929, False), (9_930, True), (9_950, True), (9_951, False)])
def test_borderline_is_ten_images_to_either_side(judged: Judged, last: int, doubt: bool) -> None:  # noqa: FBT001 - parametrized
    assert judged(last).message.endswith(", BORDERLINE") == doubt


def test_a_fault_has_a_hint_by_the_training_images(judged: Judged, facts: Facts, training: Training) -> None:
    (violation,) = judged(9_800).violations
    assert violation == Violation(
        message=(
            "9,800 of 10,000 in the last epoch (98.00 %, 95 % interval 97.71–98.26), best 9,900, "
            "lowest of the last three 9,700; at least 9,940"
        ),
        hint="it gets 98.33 % of its training images right, more than of the test images: try more dropout",
    )
    (violation,) = judged(9_890).violations
    assert violation.hint == (
        "it gets 98.33 % of its augmented training images right: try less dropout, a batch norm after each "
        "convolution, or more channels if the budget allows"
    )
    scores = replace(facts.scores, kind="activated", operator="relu")
    (violation,) = check(
        replace(facts, training=training, scores=scores), Settings(accuracy=99.9, accuracy_at="last")
    ).violations
    assert violation.hint == "relu at line 16 cuts off or squashes the scores: return the last layer's output as it is"


def test_the_mean_of_several_seeds_decides(judged: Judged) -> None:
    several = Settings(accuracy=99.4, accuracy_at="last", seeds=3)
    finding = judged(9_930, 9_940, 9_950, settings=several)
    assert finding.violations == ()
    assert finding.message == (
        "mean 9,940.0 ± 10.0 of 10,000 in the last epoch (99.40 %), seeds 0, 1, 2: 9,930, 9,940, 9,950; "
        "best 9,930, 9,940, 9,950; lowest of the last three 9,700, 9,700, 9,700; at least 9,940, BORDERLINE"
    )
    assert (finding.numbers["counted"], finding.numbers["deviation"]) == (9_940, 10.0)
    assert [finding.numbers[f"seed_{seed}_last"] for seed in range(3)] == [9_930, 9_940, 9_950]
    (violation,) = judged(9_930, 9_940, 9_949, settings=several).violations
    assert violation.message.startswith("mean 9,939.7 ± 9.5 of 10,000 in the last epoch (99.40 %), seeds 0, 1, 2: ")


def test_each_seed_gives_its_own_best(facts: Facts, trained: Trained, trial: OneTrial) -> None:
    training = trained(trial(9_941, 9_800, 9_850, seed=5), trial(9_100, 9_939, 9_920, seed=6))
    finding = check(replace(facts, training=training), Settings(accuracy=99.4, seeds=2))
    assert finding.violations == ()
    assert finding.message == (
        "mean 9,940.0 ± 1.4 of 10,000 in the best epoch (99.40 %), seeds 5, 6: 9,941, 9,939; "
        "last 9,850, 9,920; lowest of the last three 9,800, 9,100; at least 9,940, BORDERLINE"
    )


@pytest.mark.parametrize(
    ("counts", "outcome"),
    [
        ([9_950], "passed"),
        ([9_949], "only 1 of 5 seeds are trained"),
        ([9_926], "only 1 of 5 seeds are trained"),
        ([9_925], "failed"),
        ([9_949, 9_960, 9_960, 9_960], "only 4 of 5 seeds are trained"),
        ([9_930, 9_940, 9_940, 9_940, 9_950], "passed"),
        ([9_930, 9_940, 9_940, 9_940, 9_949], "failed"),
    ],
)
def test_auto(judged: Judged, counts: list[int], outcome: str) -> None:
    finding = judged(*counts, settings=AUTO)
    assert (finding.unknown or ("failed" if finding.violations else "passed")) == outcome


@pytest.mark.parametrize(
    ("seeds", "counts", "more"),
    [
        (1, [], True),
        (1, [9_000], False),
        (3, [9_000], True),
        (3, [9_990, 9_990], True),
        (3, [9_000, 9_000, 9_000], False),
        ("auto", [], True),
        ("auto", [9_950], False),
        ("auto", [9_949], True),
        ("auto", [9_926], True),
        ("auto", [9_925], False),
        ("auto", [9_940, 9_000, 9_000, 9_000], True),
        ("auto", [9_940, 9_960, 9_960, 9_960, 9_960], False),
    ],
)
def test_whether_another_seed_is_trained(
    trained: Trained,
    trial: OneTrial,
    seeds: int | Literal["auto"],
    counts: list[int],
    more: bool,  # noqa: FBT001 - parametrized
) -> None:
    training = trained(*(trial(count, seed=seed) for seed, count in enumerate(counts)))
    assert next_trial(training, Settings(accuracy=99.4, accuracy_at="last", seeds=seeds)) == more


@pytest.mark.parametrize("ending", ["interrupted", "diverged", "memory", "frozen", "refused"])
def test_no_seed_is_trained_after_one_that_ended_early(trained: Trained, trial: OneTrial, ending: str) -> None:
    training = trained(trial(9_000, ending=ending), planned=20)
    assert not next_trial(training, Settings(accuracy=99.4, seeds=3))


@pytest.mark.parametrize("ending", ["diverged", "memory", "frozen", "refused"])
def test_a_trial_that_broke_off_fails(facts: Facts, trained: Trained, trial: OneTrial, ending: str) -> None:
    broken = trial(9_990, 9_990, seed=3, ending=ending, message=f"it is {ending}", hint="do this")
    finding = check(replace(facts, training=trained(broken, planned=20)), BEST)
    assert finding.violations == (Violation(message=f"it is {ending} (seed 3, after 2 of 20 epochs)", hint="do this"),)
    assert finding.unknown == ""


def test_a_trial_that_never_began_an_epoch(facts: Facts, trained: Trained, trial: OneTrial) -> None:
    broken = trial(ending="frozen", message="Net has no parameter that can be trained", hint="leave requires_grad on")
    finding = check(replace(facts, training=trained(broken, planned=20)), LAST_3)
    assert finding.message == "Net has no parameter that can be trained (seed 0, before the end of the first epoch)"


def test_an_interrupted_trial_is_no_verdict(facts: Facts, trained: Trained, trial: OneTrial) -> None:
    training = trained(trial(9_990, 9_990, ending="interrupted"), planned=20)
    finding = check(replace(facts, training=training), BEST)
    assert (finding.unknown, finding.violations) == ("interrupted: seed 0 has 2 of 20 epochs", ())


def test_too_few_epochs_are_no_verdict(facts: Facts, trained: Trained, trial: OneTrial) -> None:
    training = trained(trial(9_990, 9_990), planned=20)
    finding = check(replace(facts, training=training), BEST)
    assert (finding.unknown, finding.violations) == ("seed 0 has 2 of 20 epochs: fewer are never a pass", ())


def test_no_trial_is_no_verdict(facts: Facts, trained: Trained) -> None:
    assert check(replace(facts, training=trained()), BEST).unknown == "no seed has been trained"


def test_no_training_is_no_verdict(facts: Facts) -> None:
    assert check(facts, BEST).unknown == "not trained: run pytest with -m gpu_train"


@pytest.mark.parametrize("counts", [(10_000,), (9_800, 10_000, 9_900)])
def test_all_images_of_mnist_right_is_a_fault_of_the_data(
    facts: Facts, trained: Trained, trial: OneTrial, counts: tuple[int, ...]
) -> None:
    finding = check(replace(facts, training=trained(trial(*counts, seed=2))), LAST)
    assert finding.unknown == (
        "all 10,000 test images are right with seed 2: the test images must have been trained on, or the data are not "
        "MNIST's; look at the files of the data set"
    )
    assert finding.violations == ()


@pytest.mark.parametrize("others", [{"full": False}, {"data_set": "KMNIST"}])
def test_all_images_of_other_data_may_be_right(judged: Judged, others: dict[str, Any]) -> None:
    finding = judged(10_000, **others)
    assert (finding.unknown, finding.violations) == ("", ())


def test_a_network_near_chance_cannot_learn(facts: Facts, trained: Trained, trial: OneTrial) -> None:
    finding = check(replace(facts, training=trained(trial(980, 1_135, 1_135))), BEST)
    (violation,) = finding.violations
    assert violation.message == (
        "it can't learn: 1,135 of 10,000 test images are right after 3 epochs, and a guess gets about 1,000"
    )
    assert violation.hint.startswith("look for what keeps the image or the gradient out: a last layer under a ReLU, ")


def test_a_network_near_chance_after_one_epoch_may_learn_yet(facts: Facts, trained: Trained, trial: OneTrial) -> None:
    (violation,) = check(replace(facts, training=trained(trial(1_135))), BEST).violations
    assert violation.message == (
        "it has learned nothing yet: 1,135 of 10,000 test images are right after 1 epoch, and a guess gets about 1,000"
    )
    assert violation.hint.startswith(
        "one epoch tells little: train longer, and if that changes nothing, look for what "
    )


def test_a_network_near_chance_with_a_known_fault(facts: Facts, trained: Trained, trial: OneTrial) -> None:
    scores = replace(facts.scores, kind="log-probabilities over the batch")
    (violation,) = check(replace(facts, scores=scores, training=trained(trial(2_000))), BEST).violations
    assert violation.place == Place(line=16)
    assert violation.hint == (
        "log_softmax at line 16 compares the images of a batch with each other: give it the classes' dimension, dim=1"
    )
    (other,) = check(replace(facts, scores=scores, training=trained(trial(2_001))), BEST).violations
    assert other.message.startswith("2,001 of 10,000 in the best epoch (20.01 %)")


def test_a_small_test_set_has_its_own_limits(judged: Judged) -> None:
    finding = judged(994, test_images=1_000)
    assert finding.message.endswith("; at least 994, BORDERLINE")
    assert judged(995, settings=AUTO, test_images=1_000).unknown == ""
    assert judged(994, settings=AUTO, test_images=1_000).unknown == "only 1 of 5 seeds are trained"
