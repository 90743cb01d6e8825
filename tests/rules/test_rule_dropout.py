from collections.abc import Callable
from typing import Any

import pytest

from netgrade.facts.model import Facts, Place
from netgrade.rules.dropout import Settings, check
from netgrade.rules.model import Violation

Edit = Callable[..., Facts]


@pytest.mark.parametrize("op", ["dropout", "feature_dropout", "alpha_dropout", "feature_alpha_dropout"])
def test_every_kind_of_dropout_passes(facts: Facts, edit: Edit, op: str) -> None:
    finding = check(edit(facts, "dropout", op=op), Settings())
    assert finding.message == "1 on the path, p = 0.1, off in eval mode"
    assert finding.violations == ()
    assert finding.numbers == {"dropouts": 1, "least": 0.001, "lowest_rate": 0.1, "highest_rate": 0.1}


def test_two_rates_are_both_shown(facts: Facts, edit: Edit) -> None:
    finding = check(edit(facts, "relu", "train", op="dropout", rate=0.05, training=True), Settings())
    assert finding.message == "2 on the path, p = 0.05 to 0.1, off in eval mode"


def test_one_good_one_beside_one_at_zero_is_enough(facts: Facts, edit: Edit) -> None:
    finding = check(edit(facts, "relu", "train", op="dropout", rate=0.0, training=True), Settings())
    assert finding.message == "1 on the path, p = 0.1, off in eval mode"


def test_none_in_eval_mode_passes(facts: Facts, edit: Edit) -> None:
    assert check(edit(facts, "dropout", "eval", op="relu"), Settings()).violations == ()


def test_none_at_all(facts: Facts, edit: Edit) -> None:
    finding = check(edit(facts, "dropout", op="relu"), Settings())
    assert finding.violations == (
        Violation(
            message="no dropout runs in train mode",
            hint="call an nn.Dropout in forward; a layer that is only declared does nothing",
        ),
    )
    assert finding.numbers == {"dropouts": 0, "least": 0.001}


FAULTS: list[tuple[dict[str, Any], str, str]] = [
    (
        {"rate": 0.0},
        "`drop1` at line 12 runs with p = 0: it never drops anything",
        "give it a rate of at least 0.001, such as 0.1",
    ),
    (
        {"rate": 1e-9},
        "`drop1` at line 12 runs with p = 1e-09, less than 0.001: it hardly ever drops anything",
        "give it a rate of at least 0.001, such as 0.1",
    ),
    (
        {"rate": 1.0},
        "`drop1` at line 12 runs with p = 1: it drops everything",
        "give it a rate well below 1, such as 0.1",
    ),
    (
        {"training": False},
        "`drop1` at line 12 is off in train mode too",
        "leave its mode to network.train(): training=self.training",
    ),
    (
        {"effective": False},
        "`drop1` at line 12 runs, but the scores don't depend on it",
        "use its result on the way to the scores",
    ),
]


@pytest.mark.parametrize(("changes", "message", "hint"), FAULTS)
def test_faults(facts: Facts, edit: Edit, changes: dict[str, Any], message: str, hint: str) -> None:
    finding = check(edit(facts, "dropout", "train", **changes), Settings())
    assert finding.violations == (Violation(message=message, hint=hint, place=Place(line=12)),)


def test_the_least_rate_is_inclusive(facts: Facts) -> None:
    assert check(facts, Settings(least=0.1)).violations == ()
    assert check(facts, Settings(least=0.2)).message == (
        "`drop1` at line 12 runs with p = 0.1, less than 0.2: it hardly ever drops anything"
    )


def test_always_on_fails_beside_a_good_one(facts: Facts, edit: Edit) -> None:
    finding = check(edit(facts, "relu", op="dropout", layer="", rate=0.2, training=True), Settings())
    assert finding.violations == (
        Violation(
            message="dropout at line 10 is always on: it drops in eval mode too",
            hint="F.dropout needs training=self.training; make an nn.Dropout in __init__, and not in a plain list",
            place=Place(line=10),
        ),
    )


def test_always_on_at_rate_zero_draws_nothing(facts: Facts, edit: Edit) -> None:
    assert check(edit(facts, "relu", op="dropout", rate=0.0, training=True), Settings()).violations == ()
