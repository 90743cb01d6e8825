"""The network has no more parameters than the budget allows.

What it checks:
    The elements of all parameters that the network declares, used or not, each tensor once. Hidden weights are added:
    tensors on the way to the scores that depend neither on the image nor on a parameter, such as a buffer, a tensor in
    a list or a seeded draw. Batch norm's running statistics are no weights.

Why:
    A small network has to share its weights well: that is the exercise. What is declared is what summary tools count
    and what is saved.

Fails:
    A linear layer on a flattened map, or 20,000 parameters where fewer than 20,000 are asked for.

        self.fc = nn.Linear(32 * 7 * 7, 50)  # 78,450 parameters

Passes:
    Convolutions and an average over the map, then a short last layer.

        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(32, 10)  # 330 parameters

Settings:
    below: the network has fewer parameters than this.
    at-most: the network has this many parameters or fewer. An assignment gives exactly one of the two.
    count: "total", or "trainable" to leave frozen parameters out. Hidden weights are added to both.
"""

from typing import Annotated, Literal

from msgspec import Meta

from netgrade.facts.model import Facts, HiddenWeight
from netgrade.rules import model
from netgrade.rules.model import Finding, Violation
from netgrade.rules.wording import at, broken, listing

_KINDS = {"buffer": "the buffer `{}`", "constant": "a constant", "draw": "a draw by {}", "table": "a table by {}"}


class Settings(model.Settings, frozen=True, kw_only=True):
    """The limit and what it counts."""

    below: Annotated[int, Meta(gt=0)] | None = None
    at_most: Annotated[int, Meta(ge=0)] | None = None
    count: Literal["total", "trainable"] = "total"

    def __post_init__(self) -> None:
        if (self.below is None) == (self.at_most is None):
            raise ValueError("give exactly one of `below` and `at-most`")


def check(facts: Facts, settings: Settings) -> Finding:
    """Compare the number of parameters and hidden weights with the budget."""
    strict = settings.below is not None
    limit = (settings.below if strict else settings.at_most) or 0
    counted = (facts.total if settings.count == "total" else facts.trainable) + facts.hidden_total
    numbers: dict[str, int | float | str] = {
        "total": facts.total,
        "trainable": facts.trainable,
        "hidden": facts.hidden_total,
        "counted": counted,
        "limit": limit,
    }
    figure = _figure(facts, settings, counted)
    if counted < limit or (counted == limit and not strict):
        words = f"fewer than {limit:,} by {limit - counted:,}" if strict else f"at most {limit:,}"
        return Finding(message=f"{figure}, {words}", numbers=numbers)
    excess = counted - limit + strict
    words = f"is not fewer than {limit:,}" if strict else f"is more than {limit:,}"
    return broken(Violation(message=f"{figure} {words}", hint=_hint(facts, excess)), numbers=numbers)


def _figure(facts: Facts, settings: Settings, counted: int) -> str:
    figure = f"{counted:,}" if settings.count == "total" else f"{counted:,} trainable"
    if not facts.hidden:
        return figure
    hidden = sorted(facts.hidden, key=lambda weight: -weight.elements)
    return f"{figure} with {facts.hidden_total:,} hidden ({listing([_hidden(weight) for weight in hidden])})"


def _hidden(weight: HiddenWeight) -> str:
    return f"{_KINDS[weight.origin].format(weight.name)} of {weight.elements:,}{at(weight.place)}"


def _hint(facts: Facts, excess: int) -> str:
    largest = sorted(facts.parameters, key=lambda parameter: -parameter.elements)
    tensors = listing([f"`{parameter.name}` {parameter.elements:,}" for parameter in largest[:3]])
    return f"take away at least {excess:,}" + (f"; the largest tensors: {tensors}" if tensors else "")
