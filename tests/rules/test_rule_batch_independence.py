from collections.abc import Callable

from netgrade.facts.model import Facts, Place
from netgrade.rules.batch_independence import NEEDS, check
from netgrade.rules.model import Settings, Violation

Edit = Callable[..., Facts]


def test_it_needs_scores_that_can_be_compared() -> None:
    assert NEEDS == ("output-shape", "finite-output", "deterministic-eval")


def test_independent_scores_pass(facts: Facts) -> None:
    finding = check(facts, Settings())
    assert finding.message == "each image is judged alone"
    assert finding.violations == ()
    assert finding.numbers == {"leaks": 0.0}


def test_a_leak_of_unknown_cause(facts: Facts, edit_scores: Edit) -> None:
    finding = check(edit_scores(facts, batch_independent=False, leaks=0.25), Settings())
    assert finding.violations == (
        Violation(
            message="the other images of a batch change an image's scores by up to 0.25 of their spread",
            hint="take means and normalise over the dimensions of one image, never over dimension 0",
        ),
    )
    assert finding.numbers == {"leaks": 0.25}


def test_batch_statistics_are_named(facts: Facts, edit: Edit, edit_scores: Edit) -> None:
    leaky = edit(edit_scores(facts, batch_independent=False, leaks=0.25), "batch_norm", "eval", training=True)
    assert check(leaky, Settings()).violations == (
        Violation(
            message="the other images of a batch change an image's scores by up to 0.25 of their spread: "
            "`bn1` at line 11 uses the batch's own statistics in eval mode",
            hint="let batch norm keep running statistics and follow network.eval()",
            place=Place(line=11),
        ),
    )


def test_a_softmax_over_the_batch_is_named(facts: Facts, edit_scores: Edit) -> None:
    leaky = edit_scores(facts, batch_independent=False, leaks=1.5, kind="log-probabilities over the batch")
    assert check(leaky, Settings()).violations == (
        Violation(
            message="the other images of a batch change an image's scores by up to 1.5 of their spread: "
            "log_softmax runs over the batch",
            hint="F.log_softmax(x, dim=1) runs over the classes",
            place=Place(line=16),
        ),
    )
