from collections.abc import Callable

from msgspec.structs import replace

from netgrade.facts.model import Facts, Parameter, Place
from netgrade.rules.model import Settings, Violation
from netgrade.rules.used_layers import check

Edit = Callable[..., Facts]


def unused(facts: Facts, *names: str) -> Facts:
    """Mark parameters as unused, and add those of a layer `spare` that never runs."""
    spare = (
        Parameter(name="spare.weight", shape=(100, 10), elements=1000, trainable=True, used=True),
        Parameter(name="spare.bias", shape=(10,), elements=10, trainable=True, used=True),
    )
    parameters = (*facts.parameters, *(spare if "spare.weight" in names else ()))
    return replace(
        facts, parameters=tuple(replace(each, used=False) if each.name in names else each for each in parameters)
    )


def test_all_used_passes(facts: Facts) -> None:
    finding = check(facts, Settings())
    assert finding.message == "all 4 parameter tensors count"
    assert finding.violations == ()
    assert finding.numbers == {"unused_tensors": 0, "unused_parameters": 0}


def test_a_layer_that_never_runs(facts: Facts) -> None:
    finding = check(unused(facts, "spare.weight", "spare.bias"), Settings())
    assert finding.violations == (
        Violation(
            message="declared, but no part of the scores: `spare` (1,010 parameters)",
            hint="call it in forward, or delete it from __init__",
        ),
    )
    assert finding.numbers == {"unused_tensors": 2, "unused_parameters": 1010}


def test_a_layer_that_runs_in_vain(facts: Facts, edit: Edit) -> None:
    vain = edit(unused(facts, "bn1.weight", "bn1.bias"), "batch_norm", effective=False)
    assert check(vain, Settings()).violations == (
        Violation(
            message="runs, but the scores don't depend on it: `bn1` at line 11 (32 parameters)",
            hint="use its result, or delete the layer",
            place=Place(line=11),
        ),
    )


def test_a_bias_that_is_cancelled(facts: Facts) -> None:
    finding = check(unused(facts, "bn1.bias"), Settings())
    assert finding.violations == (
        Violation(
            message="changes nothing in the scores: `bn1.bias` (16 parameters)",
            hint="delete it; a bias right before a batch norm is subtracted again, so bias=False saves it",
        ),
    )


def test_each_kind_is_said_apart(facts: Facts, edit: Edit) -> None:
    every = edit(unused(facts, "spare.weight", "conv2.weight", "bn1.bias"), "conv2", effective=False)
    assert [violation.message for violation in check(every, Settings()).violations] == [
        "runs, but the scores don't depend on it: `conv2` at line 13 (160 parameters)",
        "declared, but no part of the scores: `spare` (1,000 parameters)",
        "changes nothing in the scores: `bn1.bias` (16 parameters)",
    ]
