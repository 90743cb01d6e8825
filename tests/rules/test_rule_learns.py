from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from netgrade.facts.model import Facts, Place
from netgrade.facts.training import Training, Trial
from netgrade.rules.learns import Settings, check
from netgrade.rules.model import Finding, Violation

Taught = Callable[..., Finding]


@pytest.fixture
def taught(facts: Facts, trained: Callable[..., Training], trial: Callable[..., Trial]) -> Taught:
    """Return a function that judges a quick training that ends with this count of 1,000."""

    def judge(*counts: int, scores: dict[str, Any] | None = None, planned: int | None = None, **others: Any) -> Finding:  # noqa: ANN401 - any field
        one = trial(*counts, start=98, **others)
        epochs = tuple(replace(epoch, train_images=2_000) for epoch in one.epochs)
        training = trained(
            replace(one, epochs=epochs),
            data_set="digits",
            full=False,
            test_images=1_000,
            planned=planned or len(counts) or 1,
        )
        changed = replace(facts, learning=training, scores=replace(facts.scores, **(scores or {})))
        return check(changed, Settings())

    return judge


def test_a_network_that_learns(taught: Taught) -> None:
    finding = taught(500, 880, 934)
    assert finding.message == "934 of 1,000 test images after 3 epochs on 2,000 images (93.4 %), at least 300"
    assert (finding.violations, finding.unknown) == ((), "")
    assert finding.numbers == {"correct": 934, "images": 1_000, "needed": 300}


@pytest.mark.parametrize(("last", "broken"), [(299, True), (300, False)])
def test_the_limit_itself_passes(taught: Taught, last: int, *, broken: bool) -> None:
    assert bool(taught(400, last).violations) == broken


def test_a_network_that_hardly_learns(taught: Taught) -> None:
    assert taught(120, 241).violations == (
        Violation(
            message=(
                "it hardly learns: 241 of 1,000 test images after 2 epochs on 2,000 images (24.1 %), fewer than 300"
            ),
            hint=(
                "a batch norm after each convolution lets a network learn fast; dropout of 0.02 to 0.10 is enough for "
                "a small one"
            ),
        ),
    )


def test_a_dead_network(taught: Taught) -> None:
    assert taught(98, 113).violations == (
        Violation(
            message="it can't learn: 113 of 1,000 test images are right after 2 epochs, and a guess gets about 100",
            hint=(
                "look for what keeps the image or the gradient out: a last layer under a ReLU, weights that all start "
                "at zero, a detach() or no_grad() on the way, dropout near 1"
            ),
        ),
    )


KINDS = [
    (
        {"kind": "log-probabilities over the batch"},
        "log_softmax at line 16 compares the images of a batch with each other: give it the classes' dimension, dim=1",
    ),
    (
        {"kind": "activated", "operator": "relu"},
        "relu at line 16 cuts off or squashes the scores: return the last layer's output as it is",
    ),
    (
        {"kind": "probabilities", "operator": "softmax"},
        "softmax at line 16 makes probabilities, on which gradients are small: return the last layer's output as it is",
    ),
]


@pytest.mark.parametrize(("scores", "hint"), KINDS)
@pytest.mark.parametrize("last", [113, 241])
def test_the_scores_own_fault_comes_first(taught: Taught, scores: dict[str, Any], hint: str, last: int) -> None:
    (violation,) = taught(98, last, scores=scores).violations
    assert (violation.hint, violation.place) == (hint, Place(line=16))


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (
            0,
            "the scores are log-probabilities over the images of a batch, not the classes; 972 of 1,000 test images",
        ),
        (1, "an activation stands on the scores; 972 of 1,000 test images"),
    ],
)
def test_scores_that_no_loss_should_get_fail_though_it_learns(taught: Taught, number: int, message: str) -> None:
    scores, hint = KINDS[number]
    assert taught(98, 972, scores=scores).violations == (
        Violation(message=f"{message} are right all the same", hint=hint, place=Place(line=16)),
    )


def test_probabilities_that_it_learns_by_pass(taught: Taught) -> None:
    assert taught(98, 900, scores=KINDS[2][0]).violations == ()


def test_a_loss_that_is_no_number(taught: Taught) -> None:
    finding = taught(
        98, 950, planned=6, ending="diverged", message="the loss of Net became NaN or infinite in epoch 3", hint="so"
    )
    assert finding.violations == (
        Violation(message="the loss of Net became NaN or infinite in epoch 3 (seed 0, after 2 of 6 epochs)", hint="so"),
    )


def test_an_interrupted_one_is_no_verdict(taught: Taught) -> None:
    assert taught(98, 950, planned=3, ending="interrupted").unknown == "interrupted: seed 0 has 2 of 3 epochs"


def test_not_trained(facts: Facts) -> None:
    assert check(facts, Settings()).unknown == "not trained on the small data set"


def test_a_machine_that_is_too_slow_is_no_fault_of_the_network(taught: Taught) -> None:
    message = "its training takes longer than 300 s"
    found = taught(98, 120, 280, planned=6, ending="slow", message=message, hint="so")
    assert found.unknown == (
        f"{message} on this machine, 3 of 6 epochs done; end other programs, or set OMP_NUM_THREADS=1, and try again"
    )
    assert not found.violations
    assert "0 of 6 epochs done" in taught(planned=6, ending="slow", message=message, hint="so").unknown


def test_what_is_learned_before_the_time_is_over_counts(taught: Taught) -> None:
    found = taught(98, 400, planned=6, ending="slow", message="its training takes longer than 300 s", hint="so")
    assert (found.violations, found.unknown) == ((), "")
    assert found.message == "400 of 1,000 test images after 2 epochs on 2,000 images (40.0 %), at least 300"
