import pytest
from msgspec.structs import replace

from netgrade.facts.model import Facts, HiddenWeight, Parameter, Place
from netgrade.rules.model import Violation
from netgrade.rules.parameter_budget import Settings, check


def of(facts: Facts, *elements: int, trainable: bool = True) -> Facts:
    """Give the network parameters called p0, p1 … of these sizes."""
    parameters = (
        Parameter(name=f"p{number}", shape=(size,), elements=size, trainable=trainable, used=True)
        for number, size in enumerate(elements)
    )
    return replace(facts, parameters=tuple(parameters))


def test_fewer_than_the_limit_passes(facts: Facts) -> None:
    finding = check(of(facts, 13_808), Settings(below=20_000))
    assert finding.message == "13,808, fewer than 20,000 by 6,192"
    assert finding.violations == ()
    assert finding.numbers == {
        "total": 13_808,
        "trainable": 13_808,
        "hidden": 0,
        "counted": 13_808,
        "limit": 20_000,
    }


def test_exactly_the_limit_fails_a_strict_one(facts: Facts) -> None:
    finding = check(of(facts, 2_000, 12_000, 1_000, 5_000), Settings(below=20_000))
    assert finding.violations == (
        Violation(
            message="20,000 is not fewer than 20,000",
            hint="take away at least 1; the largest tensors: `p1` 12,000, `p3` 5,000 and `p0` 2,000",
        ),
    )


def test_exactly_the_limit_passes_an_inclusive_one(facts: Facts) -> None:
    finding = check(of(facts, 20_000), Settings(at_most=20_000))
    assert finding.message == "20,000, at most 20,000"
    assert finding.violations == ()


@pytest.mark.parametrize(
    ("settings", "message", "hint"),
    [
        (
            Settings(below=8_000),
            "8,010 is not fewer than 8,000",
            "take away at least 11; the largest tensors: `p0` 8,010",
        ),
        (Settings(at_most=8_000), "8,010 is more than 8,000", "take away at least 10; the largest tensors: `p0` 8,010"),
    ],
)
def test_above_the_limit(facts: Facts, settings: Settings, message: str, hint: str) -> None:
    assert check(of(facts, 8_010), settings).violations == (Violation(message=message, hint=hint),)


def test_frozen_parameters_count_in_the_total_alone(facts: Facts) -> None:
    frozen = of(facts, 9_000, trainable=False)
    assert check(frozen, Settings(below=8_000)).message == "9,000 is not fewer than 8,000"
    assert check(frozen, Settings(below=8_000, count="trainable")).message == "0 trainable, fewer than 8,000 by 8,000"


HIDDEN = (
    HiddenWeight(origin="draw", name="randn", elements=50, place=Place(line=31)),
    HiddenWeight(origin="buffer", name="filters", elements=6_000, place=Place(line=30)),
    HiddenWeight(origin="constant", name="", elements=400),
    HiddenWeight(origin="table", name="arange", elements=10, place=Place(line=32)),
)


def test_hidden_weights_are_added_and_named(facts: Facts) -> None:
    finding = check(replace(of(facts, 2_000), hidden=HIDDEN), Settings(below=8_000))
    assert finding.message == (
        "8,460 with 6,460 hidden (the buffer `filters` of 6,000 at line 30, a constant of 400, "
        "a draw by randn of 50 at line 31 and 1 more) is not fewer than 8,000"
    )
    assert finding.numbers["hidden"] == 6_460
    assert finding.numbers["counted"] == 8_460


@pytest.mark.parametrize("count", ["total", "trainable"])
def test_hidden_weights_are_named_in_a_pass_too(facts: Facts, count: str) -> None:
    settings = Settings(at_most=8_000) if count == "total" else Settings(at_most=8_000, count="trainable")
    finding = check(replace(of(facts, 2_000), hidden=HIDDEN[3:]), settings)
    figure = "2,010" if count == "total" else "2,010 trainable"
    assert finding.message == f"{figure} with 10 hidden (a table by arange of 10 at line 32), at most 8,000"
    assert finding.violations == ()


def test_a_network_of_hidden_weights_alone(facts: Facts) -> None:
    finding = check(replace(facts, parameters=(), hidden=HIDDEN[1:2]), Settings(below=6_000))
    assert finding.violations[0].hint == "take away at least 1"
