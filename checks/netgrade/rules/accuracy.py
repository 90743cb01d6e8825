"""The arithmetic behind the verdict on a training: which count decides, what it must reach, when it is settled.

All comparisons are of whole numbers of images, never of rounded per cents.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from math import sqrt
from typing import Annotated, Literal, NamedTuple

from msgspec import Meta

from netgrade.facts.training import Trial

At = Annotated[
    str,
    Meta(
        pattern=r"^(best|last|last-[1-9][0-9]{0,3})\Z",
        description='"best", "last" or "last-K", such as "last-3"',
        examples=["best", "last", "last-3"],
    ),
]
"""The epoch that decides: the best one, the last one, or the lowest of the last K."""

Seeds = Annotated[int, Meta(ge=1, le=100)] | Literal["auto"]
"""How many seeds are trained; `auto`: one where it leaves no doubt, else five."""

PerCent = Annotated[
    float,
    Meta(gt=1, le=100, description="a number of per cent, above 1 and at most 100", extra={"share-of": 100}),
]
"""Per cent of the test images. 0.97 is refused: who writes it means 97, and a network would pass with 97 of 10,000."""

AUTO = 5
"""Seeds whose mean decides under `auto` when the first one doesn't."""

_TEN_THOUSAND = 10_000
_SURE_PASS, _SURE_FAIL, _BORDERLINE = 10, 15, 10
"""Images of ten thousand: above the limit, below it, and to either side."""

_Z = 1.959964  # the normal distribution has 95 % within this many standard deviations


class Sure(NamedTuple):
    """From where on one seed decides alone under `auto`."""

    passes: int
    """At this count or above."""
    fails: int
    """At this count or below."""


def images_of(per_cent: float, images: int) -> int:
    """Return the smallest count that is at least so many per cent: 9,940 for 99.4 of 10,000.

    The per cent are taken as they are written, not as the nearest binary fraction.
    """
    return -int(-Fraction(repr(per_cent)) * images // 100)


def lowest_from(accuracy_at: str) -> int | None:
    """Return K for `last-K`, 1 for `last`, None for `best`: the number of last epochs whose lowest count decides."""
    match = re.fullmatch(r"last(?:-(\d+))?", accuracy_at)
    return int(match[1] or 1) if match else None


def deciding(trial: Trial, accuracy_at: str) -> int:
    """Return the one count of a trial that decides."""
    lowest = lowest_from(accuracy_at)
    if lowest is None:
        return trial.best
    return min((epoch.test_correct for epoch in trial.epochs[-lowest:]), default=trial.start)


def reached(counts: Sequence[int], needed: int) -> bool:
    """Return whether the mean of the counts is at least what is needed; exact.

    This is the verdict for every number of trials: where `auto` is settled by one, that one is clear of the limit.
    """
    return sum(counts) >= needed * len(counts)


def sure(needed: int, images: int) -> Sure:
    """Return from where on one seed decides alone under `auto`: 9,950 and 9,925 where 9,940 of 10,000 are needed."""
    return Sure(needed + _of_ten_thousand(_SURE_PASS, images), needed - _of_ten_thousand(_SURE_FAIL, images))


def borderline(counts: Sequence[int], needed: int, images: int) -> bool:
    """Return whether the mean is within ten images of ten thousand of the limit, on either side."""
    distance = abs(sum(counts) - needed * len(counts))
    return distance <= _of_ten_thousand(_BORDERLINE, images) * len(counts)


def trials_needed(counts: Sequence[int], *, seeds: int | Literal["auto"], needed: int, images: int) -> int:
    """Return how many trials the verdict takes, as far as the counts of those that are done tell.

    Args:
        counts: the deciding count of each trial so far, in the order of the seeds.
        seeds: the number asked for, or `auto`.
        needed: images that must be right at least.
        images: test images.
    """
    if seeds != "auto":
        return seeds
    limits = sure(needed, images)
    return 1 if not counts or not limits.fails < counts[0] < limits.passes else AUTO


def wilson(correct: int, images: int) -> tuple[float, float]:
    """Return the 95 % interval of an accuracy, in per cent, by Wilson's score.

    It holds for a count of one epoch that was chosen beforehand: the last one. A best of several epochs has none.
    """
    share, weight = correct / images, _Z * _Z / images
    centre = (share + weight / 2) / (1 + weight)
    half = _Z / (1 + weight) * sqrt(share * (1 - share) / images + weight / (4 * images))
    return max(0.0, 100 * (centre - half)), min(100.0, 100 * (centre + half))


def _of_ten_thousand(share: int, images: int) -> int:
    return -(-share * images // _TEN_THOUSAND)
