from collections.abc import Callable

import pytest

from netgrade.facts.model import Facts, Place
from netgrade.rules.fully_connected import Settings, check
from netgrade.rules.model import Violation

Edit = Callable[..., Facts]


def test_a_linear_layer_passes(facts: Facts, edit: Edit) -> None:
    finding = check(edit(facts, "relu", op="linear", layer="fc", channels=(1568, 10)), Settings())
    assert finding.message == "`fc` at line 10 (1,568 → 10)"
    assert finding.violations == ()
    assert finding.numbers == {"layers": 1}


def test_several_are_counted(facts: Facts, edit: Edit) -> None:
    two = edit(edit(facts, "relu", op="linear", layer="fc1"), "gap", op="linear", layer="fc2")
    assert check(two, Settings()).message == "`fc1` at line 10 and 1 more"


def test_a_product_with_a_parameter_is_one(facts: Facts, edit: Edit) -> None:
    finding = check(edit(facts, "relu", op="matmul", layer="", parameters=320), Settings())
    assert finding.message == "matmul at line 10"


def test_a_product_without_a_parameter_is_none(facts: Facts, edit: Edit) -> None:
    assert check(edit(facts, "relu", op="matmul", layer=""), Settings()).message == "no fully connected layer runs"


def test_none_at_all(facts: Facts) -> None:
    assert check(facts, Settings(pointwise_counts=True)).violations == (
        Violation(
            message="no fully connected layer runs",
            hint="add an nn.Linear, for example after nn.AdaptiveAvgPool2d(1) and flatten(1)",
        ),
    )


def test_a_dead_one(facts: Facts, edit: Edit) -> None:
    finding = check(edit(facts, "relu", op="linear", layer="fc", effective=False), Settings())
    assert finding.message == "`fc` at line 10 runs, but the scores don't depend on it"


@pytest.mark.parametrize("counts", [True, False])
def test_a_pointwise_convolution_on_one_position(facts: Facts, edit: Edit, *, counts: bool) -> None:
    finding = check(edit(facts, "conv2", input=(16, 1, 1)), Settings(pointwise_counts=counts))
    if counts:
        assert finding.message == "`conv2` at line 13 (16 → 10)"
        assert finding.violations == ()
    else:
        assert finding.violations == (
            Violation(
                message="no fully connected layer runs: `conv2` at line 13 is a 1×1 convolution on a 1×1 map, "
                "which doesn't count here",
                hint="use nn.Linear in its place",
                place=Place(line=13),
            ),
        )


def test_a_grouped_pointwise_convolution_never_counts(facts: Facts, edit: Edit) -> None:
    finding = check(edit(facts, "conv2", input=(16, 1, 1), groups=2), Settings(pointwise_counts=True))
    assert finding.message == "no fully connected layer runs"
