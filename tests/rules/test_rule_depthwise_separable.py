from collections.abc import Callable
from typing import Any

import pytest

from netgrade.facts.model import Facts, Place
from netgrade.rules.depthwise_separable import Settings, check
from netgrade.rules.model import Violation

Edit = Callable[..., Facts]

HINT = "nn.Conv2d(c, c, 3, padding=1, groups=c) and after it nn.Conv2d(c, n, 1)"
DEPTHWISE: dict[str, Any] = {"channels": (16, 32), "groups": 16}


def test_a_pair_passes(facts: Facts, edit: Edit) -> None:
    finding = check(edit(facts, "conv1", **DEPTHWISE), Settings())
    assert finding.message == "1 pair, the first: `conv1` at line 10"
    assert finding.violations == ()
    assert finding.numbers == {"pairs": 1, "least": 1}


def test_fewer_pairs_than_asked_for(facts: Facts, edit: Edit) -> None:
    finding = check(edit(facts, "conv1", **DEPTHWISE), Settings(least=2))
    assert finding.violations == (Violation(message="1 depthwise-separable convolution, fewer than 2", hint=HINT),)


def test_none_at_all(facts: Facts) -> None:
    assert check(facts, Settings()).violations == (Violation(message="no depthwise convolution runs", hint=HINT),)


NO_POINTWISE = "`conv1` at line 10 is depthwise, but the next convolution is not a 1×1 in one group"
MISSES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (DEPTHWISE, {"kernel": (3, 3)}, NO_POINTWISE),
    (DEPTHWISE, {"groups": 2}, NO_POINTWISE),
    (DEPTHWISE, {"effective": False}, NO_POINTWISE),
    (
        {"channels": (16, 32), "groups": 4},
        {},
        "`conv1` at line 10 has 4 groups for 16 channels and a kernel of 3×3: not depthwise",
    ),
    (
        {**DEPTHWISE, "kernel": (1, 1)},
        {},
        "`conv1` at line 10 has 16 groups for 16 channels and a kernel of 1×1: not depthwise",
    ),
]


@pytest.mark.parametrize(("first", "second", "message"), MISSES)
def test_misses(facts: Facts, edit: Edit, first: dict[str, Any], second: dict[str, Any], message: str) -> None:
    finding = check(edit(edit(facts, "conv1", **first), "conv2", **second), Settings())
    assert finding.violations == (Violation(message=message, hint=HINT, place=Place(line=10)),)
    assert finding.numbers == {"pairs": 0, "least": 1}


def test_a_dead_one(facts: Facts, edit: Edit) -> None:
    finding = check(edit(facts, "conv1", effective=False, **DEPTHWISE), Settings())
    assert finding.message == "`conv1` at line 10 runs, but the scores don't depend on it"


def test_one_channel_is_not_depthwise(facts: Facts, edit: Edit) -> None:
    finding = check(edit(facts, "conv1", channels=(1, 16), groups=1), Settings())
    assert finding.message == "no depthwise convolution runs"
