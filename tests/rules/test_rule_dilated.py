from collections.abc import Callable

from netgrade.facts.model import Facts, Place
from netgrade.rules.dilated import check
from netgrade.rules.model import Settings, Violation

Edit = Callable[..., Facts]

HINT = "give a 3×3 convolution dilation=2 and padding=2"


def test_a_dilated_convolution_passes(facts: Facts, edit: Edit) -> None:
    finding = check(edit(facts, "conv1", dilation=(2, 2)), Settings())
    assert finding.message == "1 on the path, the first: `conv1` at line 10, 3×3 with dilation 2"
    assert finding.violations == ()
    assert finding.numbers == {"dilated": 1}


def test_one_axis_is_enough(facts: Facts, edit: Edit) -> None:
    assert check(edit(facts, "conv1", kernel=(1, 3), dilation=(1, 2)), Settings()).violations == ()


def test_none_at_all(facts: Facts) -> None:
    finding = check(facts, Settings())
    assert finding.violations == (Violation(message="no dilated convolution runs", hint=HINT),)
    assert finding.numbers == {"dilated": 0}


def test_a_kernel_that_has_nothing_to_spread(facts: Facts, edit: Edit) -> None:
    assert check(edit(facts, "conv2", dilation=(2, 2)), Settings()).violations == (
        Violation(
            message="`conv2` at line 13 has dilation 2, but a kernel of 1×1 has nothing to spread",
            hint=HINT,
            place=Place(line=13),
        ),
    )


def test_a_dead_one(facts: Facts, edit: Edit) -> None:
    finding = check(edit(facts, "conv1", dilation=(2, 2), effective=False), Settings())
    assert finding.message == "`conv1` at line 10 runs, but the scores don't depend on it"
