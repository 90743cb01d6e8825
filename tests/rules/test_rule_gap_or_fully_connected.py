from collections.abc import Callable

from netgrade.facts.model import Facts, Place
from netgrade.rules.fully_connected import Settings
from netgrade.rules.gap_or_fully_connected import check
from netgrade.rules.model import Violation

Edit = Callable[..., Facts]


def test_a_pool_alone_passes(facts: Facts) -> None:
    finding = check(facts, Settings())
    assert finding.message == "26×26 → 1×1 at line 14"
    assert finding.violations == ()
    assert finding.numbers == {"pools": 1, "map": "10×26×26", "layers": 0}


def test_a_linear_layer_alone_passes(facts: Facts, edit: Edit, edit_pool: Edit) -> None:
    finding = check(edit(edit_pool(facts, kind="local"), "relu", op="linear", layer="fc"), Settings())
    assert finding.message == "`fc` at line 10"
    assert finding.violations == ()


def test_both_are_named(facts: Facts, edit: Edit) -> None:
    finding = check(edit(facts, "relu", op="linear", layer="fc"), Settings())
    assert finding.message == "26×26 → 1×1 at line 14; `fc` at line 10"


def test_the_setting_is_passed_on(facts: Facts, edit: Edit, edit_pool: Edit) -> None:
    pointwise = edit(edit_pool(facts, kind="local"), "conv2", input=(16, 1, 1))
    assert check(pointwise, Settings(pointwise_counts=True)).violations == ()


def test_neither(facts: Facts, edit_pool: Edit) -> None:
    finding = check(edit_pool(facts, kind="gate", window=()), Settings())
    assert finding.violations == (
        Violation(
            message="AdaptiveAvgPool2d at line 14 averages the whole map only to weigh a map, as attention does; "
            "no fully connected layer runs",
            hint="nn.AdaptiveAvgPool2d(1) after the last convolution takes the whole map, whatever its size; "
            "or: add an nn.Linear, for example after nn.AdaptiveAvgPool2d(1) and flatten(1)",
            place=Place(line=14),
        ),
    )
