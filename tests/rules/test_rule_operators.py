from collections.abc import Callable

import pytest

from netgrade.facts.model import Facts, Place
from netgrade.rules.model import Violation
from netgrade.rules.operators import Settings, check

Edit = Callable[..., Facts]


def test_kept_rules_are_listed(facts: Facts) -> None:
    finding = check(facts, Settings(required=("conv", "dropout"), forbidden=("max-pool", "linear")))
    assert finding.message == "has conv and dropout; no max-pool and no linear"
    assert finding.violations == ()
    assert finding.numbers == {"required": "conv, dropout", "forbidden": "max-pool, linear"}


def test_a_missing_one(facts: Facts) -> None:
    assert check(facts, Settings(required=("max-pool",))).violations == (
        Violation(message="no max-pool runs", hint="this assignment requires max-pool on the way to the scores"),
    )


def test_a_dead_one_is_missing(facts: Facts, edit: Edit) -> None:
    finding = check(edit(facts, "relu", effective=False), Settings(required=("relu",)))
    assert finding.violations == (
        Violation(
            message="`relu` at line 10 runs, but the scores don't depend on it",
            hint="use its result on the way to what forward returns",
            place=Place(line=10),
        ),
    )


def test_dropout_is_required_in_train_mode_alone(facts: Facts, edit: Edit) -> None:
    train_only = edit(facts, "dropout", "eval", op="relu")
    assert check(train_only, Settings(required=("dropout",))).violations == ()
    assert check(edit(facts, "batch_norm", "eval", op="relu"), Settings(required=("batch-norm",))).message == (
        "`bn1` at line 11 runs in train mode only"
    )


@pytest.mark.parametrize("mode", ["train", "eval", "both"])
def test_a_forbidden_one_in_either_mode_even_if_dead(facts: Facts, edit: Edit, mode: str) -> None:
    pooled = edit(facts, "relu", mode, op="max_pool2d", layer="pool", effective=False)
    assert check(pooled, Settings(forbidden=("max-pool",))).violations == (
        Violation(
            message="max-pool is forbidden: `pool` at line 10",
            hint="do without max-pool; it counts even where the scores don't depend on it",
            place=Place(line=10),
        ),
    )


def test_every_place_of_a_forbidden_one_is_named(facts: Facts) -> None:
    assert check(facts, Settings(forbidden=("conv",))).message == (
        "conv is forbidden: `conv1` at line 10 and `conv2` at line 13"
    )


def test_each_word_is_one_violation(facts: Facts) -> None:
    finding = check(facts, Settings(required=("max-pool",), forbidden=("relu", "tanh", "dropout")))
    assert [violation.message for violation in finding.violations] == [
        "no max-pool runs",
        "relu is forbidden: `relu` at line 10",
        "dropout is forbidden: `drop1` at line 12",
    ]


@pytest.mark.parametrize("op", ["matmul", "addmm", "einsum"])
def test_a_product_with_a_parameter_is_linear(facts: Facts, edit: Edit, op: str) -> None:
    product = edit(facts, "relu", op=op, layer="", parameters=320)
    assert check(product, Settings(forbidden=("linear",))).message == f"linear is forbidden: {op} at line 10"
    assert check(edit(facts, "relu", op=op, layer=""), Settings(forbidden=("linear",))).violations == ()
