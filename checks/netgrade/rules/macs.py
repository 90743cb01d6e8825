"""One image costs no more multiply-accumulates than the limit.

What it checks:
    The MACs of convolutions, linear layers and matrix products in eval mode, for one image, as often as they run. One
    MAC is one multiplication with its addition.

Why:
    Parameters alone don't show the cost: a small layer on a large map, or one that runs fifty times, is cheap in
    parameters and slow.

Fails:
    Many channels on the full map.

        nn.Conv2d(64, 64, 3, padding=1)  # on 28×28: 28,901,376 MACs

Passes:
    The same after a pool.

        nn.MaxPool2d(2), nn.Conv2d(64, 64, 3, padding=1)  # on 14×14: 7,225,344 MACs

Settings:
    below: the network takes fewer MACs than this.
    at-most: the network takes this many MACs or fewer. An assignment gives exactly one of the two.
"""

from typing import Annotated

from msgspec import Meta

from netgrade.facts.model import Facts
from netgrade.rules import model
from netgrade.rules.model import Finding, Violation
from netgrade.rules.wording import broken, listing, name


class Settings(model.Settings, frozen=True, kw_only=True):
    """The limit, in MACs for one image."""

    below: Annotated[int, Meta(gt=0)] | None = None
    at_most: Annotated[int, Meta(ge=0)] | None = None

    def __post_init__(self) -> None:
        if (self.below is None) == (self.at_most is None):
            raise ValueError("give exactly one of `below` and `at-most`")


def check(facts: Facts, settings: Settings) -> Finding:
    """Compare the MACs of one image with the limit."""
    if facts.macs is None:
        operators = listing([f"`{op}`" for op in facts.unknown]) if facts.unknown else "one of its operators"
        return Finding(message="not known", unknown=f"the MACs aren't known: there is no formula for {operators}")
    strict = settings.below is not None
    limit = (settings.below if strict else settings.at_most) or 0
    numbers: dict[str, int | float | str] = {"macs": facts.macs, "limit": limit}
    if facts.macs < limit or (facts.macs == limit and not strict):
        words = "fewer than" if strict else "at most"
        return Finding(message=f"{facts.macs:,} MACs an image, {words} {limit:,}", numbers=numbers)
    words = "not fewer than" if strict else "more than"
    violation = Violation(message=f"{facts.macs:,} MACs an image is {words} {limit:,}", hint=_hint(facts))
    return broken(violation, numbers=numbers)


def _hint(facts: Facts) -> str:
    largest = sorted(facts.eval.operators, key=lambda operator: -(operator.macs or 0))[:3]
    costs = [f"{name(operator)} {operator.macs:,}" for operator in largest if operator.macs]
    return f"pool earlier or use fewer channels; the most costly: {listing(costs)}"
