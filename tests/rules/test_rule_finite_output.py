from collections.abc import Callable

from netgrade.facts.model import Facts
from netgrade.rules.finite_output import check
from netgrade.rules.model import Settings, Violation

Edit = Callable[..., Facts]


def test_finite_scores_pass(facts: Facts) -> None:
    finding = check(facts, Settings())
    assert finding.message == "no NaN, no infinity"
    assert finding.violations == ()
    assert finding.numbers == {"finite": "yes"}


def test_other_scores_fail(facts: Facts, edit_scores: Edit) -> None:
    finding = check(edit_scores(facts, finite=False), Settings())
    assert finding.violations == (
        Violation(
            message="some scores are NaN or infinite before any training",
            hint="look for a logarithm, a root or a division whose argument can be zero; "
            "F.log_softmax(x, dim=1) is safe where log(softmax(x)) isn't",
        ),
    )
    assert finding.numbers == {"finite": "no"}
