"""A fully connected layer is on the path to the scores.

What it checks:
    At least one fully connected layer runs, and the scores depend on it: nn.Linear, F.linear, or a matrix product with
    a parameter. A 1×1 convolution on a 1×1 map computes the same; it counts if the assignment says so.

Why:
    Some courses ask for a classifier that weighs all features at once.

Fails:
    A network that ends in an average of one map a class.

        return self.gap(self.conv(x)).flatten(1)  # 10 maps, averaged

Passes:
    A linear layer after the average.

        return self.fc(self.gap(x).flatten(1))

Settings:
    pointwise-counts: a 1×1 convolution on a 1×1 map counts too.
"""

from netgrade.facts.model import Facts, Graph, Operator
from netgrade.rules import model
from netgrade.rules.model import Finding, Violation
from netgrade.rules.presence import off_path, on_path
from netgrade.rules.vocabulary import those
from netgrade.rules.wording import broken, name


class Settings(model.Settings, frozen=True, kw_only=True):
    """What counts as fully connected."""

    pointwise_counts: bool = False


def check(facts: Facts, settings: Settings) -> Finding:
    """Look for a fully connected layer in both modes."""

    def select(graph: Graph) -> list[Operator]:
        return those(graph, "linear") + (_pointwise(graph) if settings.pointwise_counts else [])

    layers = on_path(facts, select)
    if not layers:
        return broken(off_path(facts, select) or _none(facts), numbers={"layers": 0})
    named = [name(layer) + (" ({:,} → {:,})".format(*layer.channels) if layer.channels else "") for layer in layers]
    more = f" and {len(named) - 1:,} more" if len(named) > 1 else ""
    return Finding(message=named[0] + more, numbers={"layers": len(named)})


def _pointwise(graph: Graph) -> list[Operator]:
    return [
        convolution
        for convolution in those(graph, "conv")
        if set(convolution.kernel) == set(convolution.input[1:]) == {1} and convolution.groups == 1
    ]


def _none(facts: Facts) -> Violation:
    message = "no fully connected layer runs"
    hint = "add an nn.Linear, for example after nn.AdaptiveAvgPool2d(1) and flatten(1)"
    pointwise = _pointwise(facts.eval)
    if not pointwise:
        return Violation(message=message, hint=hint)
    near = f"{name(pointwise[0])} is a 1×1 convolution on a 1×1 map, which doesn't count here"
    return Violation(message=f"{message}: {near}", hint="use nn.Linear in its place", place=pointwise[0].place)
