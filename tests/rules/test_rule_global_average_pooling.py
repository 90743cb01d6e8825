from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from netgrade.facts.model import Facts, Graph, Operator, Place
from netgrade.rules.global_average_pooling import check
from netgrade.rules.model import Settings, Violation

Edit = Callable[..., Facts]

WHOLE = "nn.AdaptiveAvgPool2d(1) after the last convolution takes the whole map, whatever its size"


def test_the_whole_map_passes(facts: Facts) -> None:
    finding = check(facts, Settings())
    assert finding.message == "26×26 → 1×1 at line 14"
    assert finding.violations == ()
    assert finding.numbers == {"pools": 1, "map": "10×26×26"}


MISSES: list[tuple[dict[str, Any], str, str]] = [
    (
        {"kind": "partial", "op": "avg_pool2d", "module": "AvgPool2d", "window": (7, 7), "input": (10, 11, 11)},
        "AvgPool2d(7) at line 14 averages the upper left 7×7 of the 11×11 map, not the whole",
        WHOLE,
    ),
    (
        {"kind": "partial", "op": "avg_pool2d", "module": "Net", "window": (7, 6), "input": (10, 11, 11)},
        "avg_pool2d(7, 6) at line 14 averages the upper left 7×6 of the 11×11 map, not the whole",
        WHOLE,
    ),
    (
        {"kind": "partial", "op": "mean", "module": "Net", "window": (), "input": (10, 8, 8)},
        "mean at line 14 averages a part of the 8×8 map, not the whole",
        WHOLE,
    ),
    (
        {"kind": "single", "window": (), "input": (10, 1, 1)},
        "AdaptiveAvgPool2d at line 14 averages a map that is 1×1 already",
        "put the pool where the map is still larger",
    ),
    (
        {"kind": "gate", "window": ()},
        "AdaptiveAvgPool2d at line 14 averages the whole map only to weigh a map, as attention does",
        WHOLE,
    ),
    (
        {"kind": "local", "module": "AvgPool2d", "window": (2, 2)},
        "AvgPool2d(2) at line 14 averages the 26×26 map in parts and leaves a map",
        WHOLE,
    ),
    (
        {"effective": False},
        "`gap` at line 14 runs, but the scores don't depend on it",
        "use its result on the way to what forward returns",
    ),
]


@pytest.mark.parametrize(("changes", "message", "hint"), MISSES)
def test_misses(facts: Facts, edit_pool: Edit, changes: dict[str, Any], message: str, hint: str) -> None:
    finding = check(edit_pool(facts, **changes), Settings())
    assert finding.violations == (Violation(message=message, hint=hint, place=Place(line=14)),)
    assert finding.numbers == {"pools": 0}


def test_global_in_train_mode_only(facts: Facts) -> None:
    finding = check(replace(facts, eval=replace(facts.eval, pools=())), Settings())
    assert finding.message == "`gap` at line 14 runs in train mode only"


def test_the_nearest_miss_is_named(facts: Facts) -> None:
    (pool,) = facts.eval.pools
    local = replace(pool, kind="local", place=Place(line=12))
    single = replace(pool, kind="single", input=(10, 1, 1), window=(), place=Place(line=13))
    graph = replace(facts.eval, pools=(local, single))
    finding = check(replace(facts, train=graph, eval=graph), Settings())
    assert finding.message == "AdaptiveAvgPool2d at line 13 averages a map that is 1×1 already"


def test_a_flattened_map_is_named(facts: Facts) -> None:
    graph = Graph(
        operators=(
            Operator(index=4, op="conv2d", layer="conv", input=(16, 9, 9), output=(32, 7, 7), effective=True),
            Operator(index=6, op="view", layer="", place=Place(line=20), input=(32, 7, 7), output=(1568,)),
            Operator(index=7, op="dropout", layer="drop", place=Place(line=21), input=(1568,), output=(1568,)),
            Operator(index=8, op="linear", layer="fc", place=Place(line=22), input=(1568,), output=(10,)),
        )
    )
    finding = check(replace(facts, train=graph, eval=graph), Settings())
    assert finding.violations == (
        Violation(message="no average pooling runs: 32×7×7 is flattened at line 20", hint=WHOLE, place=Place(line=20)),
    )


def test_no_pool_and_no_linear_layer(facts: Facts) -> None:
    graph = replace(facts.eval, pools=())
    finding = check(replace(facts, train=graph, eval=graph), Settings())
    assert finding.violations == (Violation(message="no average pooling runs", hint=WHOLE),)
