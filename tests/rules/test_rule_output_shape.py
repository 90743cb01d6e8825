from collections.abc import Callable

import pytest

from netgrade.facts.model import Facts, Shape
from netgrade.rules.model import Violation
from netgrade.rules.output_shape import Settings, check

Edit = Callable[..., Facts]


def test_batch_by_classes_passes(facts: Facts) -> None:
    finding = check(facts, Settings(classes=10))
    assert finding.message == "batch × 10, also for a batch of one"
    assert finding.violations == ()
    assert finding.numbers == {"classes": 10, "shape_of_1": "1 × 10", "shape_of_5": "5 × 10", "shape_of_8": "8 × 10"}


FAULTS: list[tuple[dict[int, Shape], str, str]] = [
    (
        {1: (1, 32), 5: (5, 32), 8: (8, 32)},
        "the scores are batch × 32, not batch × 10",
        "let the last layer have 10 outputs, one a class",
    ),
    (
        {1: (1, 10, 1, 1), 5: (5, 10, 1, 1), 8: (8, 10, 1, 1)},
        "the scores are batch × 10 × 1 × 1, not batch × 10",
        "flatten(1) after the last pool leaves one row an image",
    ),
    (
        {1: (10,), 5: (5, 10), 8: (8, 10)},
        "a batch of 1 image gives 10, not 1 × 10",
        "squeeze() removes a batch of one too: use flatten(1)",
    ),
    (
        {1: (4, 10), 5: (20, 10), 8: (32, 10)},
        "a batch of 8 images gives 32 × 10, not 8 × 10",
        "keep the batch as the first dimension: x.flatten(1), never x.view(-1, n) or a fixed batch size",
    ),
    (
        {1: (), 5: (), 8: ()},
        "a batch of 8 images gives a single number, not 8 × 10",
        "keep the batch as the first dimension: x.flatten(1), never x.view(-1, n) or a fixed batch size",
    ),
    (
        {1: (1,), 5: (5,), 8: (8,)},
        "the scores are batch, not batch × 10",
        "flatten(1) after the last pool leaves one row an image",
    ),
]


@pytest.mark.parametrize(("shapes", "message", "hint"), FAULTS)
def test_faults(facts: Facts, edit_scores: Edit, shapes: dict[int, Shape], message: str, hint: str) -> None:
    finding = check(edit_scores(facts, shapes=shapes), Settings(classes=10))
    assert finding.violations == (Violation(message=message, hint=hint),)


@pytest.mark.parametrize(
    ("raises", "message", "hint"),
    [
        (
            {1: "Dimension out of range"},
            "a batch of 1 image raises: Dimension out of range",
            "squeeze() removes a batch of one too: use flatten(1)",
        ),
        (
            {8: "shape '[5, -1]' is invalid"},
            "a batch of 8 images raises: shape '[5, -1]' is invalid",
            "keep the batch as the first dimension: x.flatten(1), never x.view(-1, n) or a fixed batch size",
        ),
    ],
)
def test_a_batch_that_raises(facts: Facts, edit_scores: Edit, raises: dict[int, str], message: str, hint: str) -> None:
    shapes = {batch: shape for batch, shape in facts.scores.shapes.items() if batch not in raises}
    finding = check(edit_scores(facts, shapes=shapes, raises=raises), Settings(classes=10))
    assert finding.violations == (Violation(message=message, hint=hint),)
