"""A depthwise-separable convolution is on the path to the scores.

What it checks:
    A depthwise convolution, larger than 1×1 with as many groups as input channels, and as the next convolution on the
    path a 1×1 one in a single group.

Why:
    The pair does the work of one convolution with a fraction of its parameters and MACs.

Fails:
    Grouped but not depthwise, or depthwise without the 1×1 that mixes the channels.

        nn.Conv2d(32, 64, 3, groups=4)

Passes:
    Both in a row; batch norm and activations may stand between them.

        nn.Conv2d(32, 32, 3, groups=32), nn.Conv2d(32, 64, 1)

Settings:
    least: how many such pairs the network has at least.
"""

from itertools import pairwise
from typing import Annotated

from msgspec import Meta

from netgrade.facts.model import Facts, Graph, Operator
from netgrade.rules import model
from netgrade.rules.model import Finding, Violation
from netgrade.rules.presence import off_path, on_path
from netgrade.rules.vocabulary import those
from netgrade.rules.wording import broken, name, plural, size


class Settings(model.Settings, frozen=True, kw_only=True):
    """How many are asked for."""

    least: Annotated[int, Meta(ge=1)] = 1


def check(facts: Facts, settings: Settings) -> Finding:
    """Count the pairs on the path in both modes."""
    pairs = on_path(facts, _pairs)
    numbers: dict[str, int | float | str] = {"pairs": len(pairs), "least": settings.least}
    if len(pairs) >= settings.least:
        return Finding(message=f"{plural(len(pairs), 'pair')}, the first: {name(pairs[0])}", numbers=numbers)
    if pairs:
        message = f"{plural(len(pairs), 'depthwise-separable convolution')}, fewer than {settings.least:,}"
        return broken(Violation(message=message, hint=_HINT), numbers=numbers)
    return broken(_nearest_miss(facts), numbers=numbers)


_HINT = "nn.Conv2d(c, c, 3, padding=1, groups=c) and after it nn.Conv2d(c, n, 1)"
_NONE = Violation(message="no depthwise convolution runs", hint=_HINT)


def _pairs(graph: Graph) -> list[Operator]:
    path = [convolution for convolution in those(graph, "conv") if convolution.effective]
    return [first for first, second in pairwise(path) if _is_depthwise(first) and _is_pointwise(second)]


def _depthwise(graph: Graph) -> list[Operator]:
    return [convolution for convolution in those(graph, "conv") if _is_depthwise(convolution)]


def _is_depthwise(convolution: Operator) -> bool:
    channels = convolution.channels[0] if convolution.channels else 0
    return convolution.groups == channels > 1 and max(convolution.kernel, default=1) > 1


def _is_pointwise(convolution: Operator) -> bool:
    return set(convolution.kernel) == {1} and convolution.groups == 1


def _nearest_miss(facts: Facts) -> Violation:
    depthwise = on_path(facts, _depthwise)
    if depthwise:
        message = f"{name(depthwise[0])} is depthwise, but the next convolution is not a 1×1 in one group"
        return Violation(message=message, hint=_HINT, place=depthwise[0].place)
    grouped = [convolution for convolution in those(facts.eval, "conv") if convolution.groups > 1]
    return off_path(facts, _depthwise) or (_grouped(grouped[0]) if grouped else _NONE)


def _grouped(convolution: Operator) -> Violation:
    channels = convolution.channels[0] if convolution.channels else 0
    kind = f"{convolution.groups:,} groups for {channels:,} channels and a kernel of {size(convolution.kernel)}"
    return Violation(message=f"{name(convolution)} has {kind}: not depthwise", hint=_HINT, place=convolution.place)
