import pytest
from msgspec.structs import replace

from netgrade.facts.model import Facts
from netgrade.rules.model import Violation
from netgrade.rules.receptive_field import Settings, check

HINT = "add convolutions before the last pool, or give one a stride or a dilation"


@pytest.mark.parametrize(
    ("settings", "field", "message"),
    [
        (Settings(above=44), 45, "45 pixels, above 44"),
        (Settings(at_least=44), 44, "44 pixels, at least 44"),
    ],
)
def test_enough_passes(facts: Facts, settings: Settings, field: int, message: str) -> None:
    finding = check(replace(facts, field=field), settings)
    assert finding.message == message
    assert finding.violations == ()
    assert finding.numbers == {"receptive_field": field, "limit": 44}


@pytest.mark.parametrize(
    ("settings", "field", "message"),
    [
        (Settings(above=44), 44, "44 pixels is not above 44"),
        (Settings(at_least=44), 43, "43 pixels is less than 44"),
    ],
)
def test_too_little_fails(facts: Facts, settings: Settings, field: int, message: str) -> None:
    assert check(replace(facts, field=field), settings).violations == (Violation(message=message, hint=HINT),)


def test_what_has_no_formula_is_named(facts: Facts) -> None:
    finding = check(replace(facts, field=None, unknown=("roll", "sort")), Settings(above=44))
    assert finding.unknown == "the receptive field isn't known: there is no formula for `roll` and `sort`"
    assert finding.violations == ()


def test_nothing_to_name(facts: Facts) -> None:
    finding = check(replace(facts, field=None), Settings(above=44))
    assert finding.unknown == "the receptive field isn't known: there is no formula for one of its operators"
