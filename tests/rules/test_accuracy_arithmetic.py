"""The arithmetic of the verdict, held against slower and plainer ways to the same figures."""

from decimal import ROUND_CEILING, Decimal
from math import sqrt
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netgrade.rules.accuracy import Sure, borderline, images_of, lowest_from, reached, sure, trials_needed, wilson


@pytest.mark.parametrize(
    ("per_cent", "images", "needed"),
    [
        (99.4, 10_000, 9_940),
        (99.4, 1_000, 994),
        (99.4, 60_000, 59_640),
        (99.41, 1_000, 995),
        (100.0, 10_000, 10_000),
        (0.01, 10_000, 1),
        (1e-5, 10_000, 1),
        (58.3, 10_000, 5_830),
        (99.4, 26_032, 25_876),
    ],
)
def test_the_limit_in_images(per_cent: float, images: int, needed: int) -> None:
    assert images_of(per_cent, images) == needed


@given(st.integers(1, 10_000))
def test_two_decimals_of_ten_thousand_are_exact(hundredths: int) -> None:
    assert images_of(float(f"{hundredths / 100:.2f}"), 10_000) == hundredths


@given(st.floats(0.001, 100), st.integers(1, 100_000))
def test_the_limit_is_the_text_s_own(per_cent: float, images: int) -> None:
    exact = Decimal(repr(per_cent)) * images / 100
    assert images_of(per_cent, images) == exact.to_integral_value(ROUND_CEILING)


@given(st.lists(st.integers(9_900, 9_980), min_size=1, max_size=9))
def test_the_mean_is_compared_exactly(counts: list[int]) -> None:
    assert reached(counts, 9_940) == (Decimal(sum(counts)) / len(counts) >= 9_940)


@pytest.mark.parametrize(("images", "limits"), [(10_000, Sure(9_950, 9_925)), (1_000, Sure(9_941, 9_938))])
def test_where_one_seed_is_sure(images: int, limits: Sure) -> None:
    assert sure(9_940, images) == limits


@given(st.integers(0, 10_000))
def test_where_one_seed_is_sure_it_decides_as_the_mean_does(count: int) -> None:
    if trials_needed([count], seeds="auto", needed=9_940, images=10_000) == 1:
        assert reached([count], 9_940) == (count >= 9_950)
        assert not borderline([count], 9_940, 10_000) or count == 9_950


@pytest.mark.parametrize(("text", "number"), [("best", None), ("last", 1), ("last-1", 1), ("last-3", 3)])
def test_how_many_epochs_decide(text: str, number: int | None) -> None:
    assert lowest_from(text) == number


@given(st.integers(1, 100_000).flatmap(lambda images: st.tuples(st.integers(0, images), st.just(images))))
def test_both_ends_of_the_interval_solve_wilson_s_equation(case: tuple[int, int]) -> None:
    """The interval is where the true share is 1.96 standard errors, of that true share, from the one that is seen."""
    correct, images = case
    seen = correct / images
    for end in wilson(correct, images):
        true = end / 100
        if 1e-9 < true < 1 - 1e-9:  # nearer to an end, rounding is all there is
            error = sqrt(true * (1 - true) / images)
            assert abs(seen - true) == pytest.approx(NormalDist().inv_cdf(0.975) * error, rel=1e-4, abs=1e-9)


def test_the_interval_of_nothing_and_of_all() -> None:
    assert wilson(0, 10_000) == pytest.approx((0.0, 0.0384), abs=1e-4)
    assert wilson(10_000, 10_000) == pytest.approx((99.9616, 100.0), abs=1e-4)
