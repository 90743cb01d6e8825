import pytest
from msgspec.structs import replace

from netgrade.facts.model import Facts
from netgrade.rules.macs import Settings, check
from netgrade.rules.model import Violation

HINT = "pool earlier or use fewer channels; the most costly: `conv2` at line 13 108,160 and `conv1` at line 10 97,344"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Settings(below=205_505), "205,504 MACs an image, fewer than 205,505"),
        (Settings(at_most=205_504), "205,504 MACs an image, at most 205,504"),
    ],
)
def test_few_enough_pass(facts: Facts, settings: Settings, message: str) -> None:
    finding = check(facts, settings)
    assert finding.message == message
    assert finding.violations == ()
    assert finding.numbers == {"macs": 205_504, "limit": settings.below or settings.at_most}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Settings(below=205_504), "205,504 MACs an image is not fewer than 205,504"),
        (Settings(at_most=205_503), "205,504 MACs an image is more than 205,503"),
    ],
)
def test_too_many_fail(facts: Facts, settings: Settings, message: str) -> None:
    assert check(facts, settings).violations == (Violation(message=message, hint=HINT),)


def test_what_has_no_formula_is_named(facts: Facts) -> None:
    finding = check(replace(facts, macs=None, unknown=("sort",)), Settings(below=1))
    assert finding.unknown == "the MACs aren't known: there is no formula for `sort`"
    assert finding.violations == ()


def test_nothing_to_name(facts: Facts) -> None:
    finding = check(replace(facts, macs=None), Settings(below=1))
    assert finding.unknown == "the MACs aren't known: there is no formula for one of its operators"
