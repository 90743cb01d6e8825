from collections.abc import Callable

import pytest

from netgrade.facts.model import Facts, Place
from netgrade.rules.model import Violation
from netgrade.rules.output_kind import Settings, check

Edit = Callable[..., Facts]

EITHER = "return the last layer's output as it is, or return F.log_softmax(x, dim=1)"


def test_log_probabilities_pass(facts: Facts) -> None:
    finding = check(facts, Settings())
    assert finding.message == "log-probabilities"
    assert finding.violations == ()
    assert finding.numbers == {"kind": "log-probabilities", "operator": "log_softmax"}


def test_logits_pass(facts: Facts, edit_scores: Edit) -> None:
    finding = check(edit_scores(facts, kind="logits", operator="", place=None), Settings())
    assert finding.message == "logits"
    assert finding.violations == ()


FAULTS = [
    (
        "probabilities",
        "softmax",
        "softmax at line 16 makes probabilities of the scores; cross-entropy applies a log-softmax of its own",
    ),
    (
        "log-probabilities over the batch",
        "log_softmax",
        "log_softmax at line 16 compares the images of a batch, not the classes: its dimension is the batch",
    ),
    ("activated", "relu", "relu at line 16 stands on the scores and cuts them off or squashes them"),
]


@pytest.mark.parametrize(("kind", "operator", "message"), FAULTS)
def test_faults(facts: Facts, edit_scores: Edit, kind: str, operator: str, message: str) -> None:
    finding = check(edit_scores(facts, kind=kind, operator=operator), Settings())
    assert finding.violations == (Violation(message=message, hint=EITHER, place=Place(line=16)),)


def test_probabilities_pass_where_allowed(facts: Facts, edit_scores: Edit) -> None:
    probabilities = edit_scores(facts, kind="probabilities", operator="softmax")
    assert check(probabilities, Settings(allow=("probabilities",))).violations == ()


def test_log_probabilities_fail_where_not_allowed(facts: Facts) -> None:
    finding = check(facts, Settings(allow=("logits",)))
    assert finding.violations == (
        Violation(
            message="the scores are log-probabilities, which this assignment doesn't take",
            hint="return the last layer's output as it is",
            place=Place(line=16),
        ),
    )


def test_each_allowed_kind_has_its_hint(facts: Facts, edit_scores: Edit) -> None:
    finding = check(edit_scores(facts, kind="logits"), Settings(allow=("log-probabilities", "probabilities")))
    assert finding.violations[0].hint == "return F.log_softmax(x, dim=1), or return F.softmax(x, dim=1)"
