"""The last map sees a large enough part of the image.

What it checks:
    The receptive field of the last map before it is pooled or flattened: how many pixels along the longer axis can
    change one of its positions, by the convolutions and pools as they run.

Why:
    A position that sees too little can't tell the whole of an object.

Fails:
    A few 3×3 convolutions in a row on a large image.

        nn.Conv2d(3, 32, 3), nn.Conv2d(32, 64, 3)  # 5 pixels

Passes:
    Strides and dilation, which make it grow fast.

        nn.Conv2d(32, 32, 3, stride=2), nn.Conv2d(32, 64, 3, dilation=4)

Settings:
    above: the receptive field is larger than this.
    at-least: it is this large or larger. An assignment gives exactly one of the two.
"""

from typing import Annotated

from msgspec import Meta

from netgrade.facts.model import Facts
from netgrade.rules import model
from netgrade.rules.model import Finding, Violation
from netgrade.rules.wording import broken, listing


class Settings(model.Settings, frozen=True, kw_only=True):
    """The limit, in pixels."""

    above: Annotated[int, Meta(ge=1)] | None = None
    at_least: Annotated[int, Meta(ge=1)] | None = None

    def __post_init__(self) -> None:
        if (self.above is None) == (self.at_least is None):
            raise ValueError("give exactly one of `above` and `at-least`")


def check(facts: Facts, settings: Settings) -> Finding:
    """Compare the receptive field with the limit."""
    if facts.field is None:
        operators = listing([f"`{op}`" for op in facts.unknown]) if facts.unknown else "one of its operators"
        return Finding(
            message="not known", unknown=f"the receptive field isn't known: there is no formula for {operators}"
        )
    strict = settings.above is not None
    limit = (settings.above if strict else settings.at_least) or 0
    numbers: dict[str, int | float | str] = {"receptive_field": facts.field, "limit": limit}
    if facts.field > limit or (facts.field == limit and not strict):
        return Finding(
            message=f"{facts.field:,} pixels, {'above' if strict else 'at least'} {limit:,}", numbers=numbers
        )
    violation = Violation(
        message=f"{facts.field:,} pixels is {'not above' if strict else 'less than'} {limit:,}",
        hint="add convolutions before the last pool, or give one a stride or a dilation",
    )
    return broken(violation, numbers=numbers)
