from collections.abc import Callable

from netgrade.facts.model import Facts, Place
from netgrade.rules.deterministic_eval import NEEDS, check
from netgrade.rules.model import Settings, Violation

Edit = Callable[..., Facts]

HINT = "draw only if self.training; F.dropout needs training=self.training"


def test_it_needs_finite_scores() -> None:
    assert NEEDS == ("finite-output",)


def test_equal_runs_pass(facts: Facts) -> None:
    finding = check(facts, Settings())
    assert finding.message == "two runs give the same scores"
    assert finding.violations == ()
    assert finding.numbers == {"varies_by": 0.0}


def test_what_draws_is_named(facts: Facts, edit: Edit, edit_scores: Edit) -> None:
    noisy = edit(edit(facts, "dropout", "eval", training=True), "relu", op="randn_like", layer="")
    finding = check(edit_scores(noisy, deterministic=False, varies_by=0.3125), Settings())
    assert finding.violations == (
        Violation(
            message="two runs on the same images differ by up to 0.312 of the scores' spread; drawing in eval mode: "
            "randn_like at line 10 and `drop1` at line 12",
            hint=HINT,
            place=Place(line=10),
        ),
    )
    assert finding.numbers == {"varies_by": 0.3125}


def test_nothing_to_name(facts: Facts, edit_scores: Edit) -> None:
    finding = check(edit_scores(facts, deterministic=False, varies_by=0.5), Settings())
    assert finding.violations == (
        Violation(message="two runs on the same images differ by up to 0.5 of the scores' spread", hint=HINT),
    )
