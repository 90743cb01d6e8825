"""The last map is averaged whole, to one value a channel.

What it checks:
    A map larger than 1×1 is reduced to one value a channel by the mean over all its positions, and from there a path
    leads to the scores on which nothing has a height and width again. AdaptiveAvgPool2d(1), AvgPool2d over the whole
    map, their functional forms and a mean in any spelling count. The map is N×C×H×W where it is averaged, or was
    reshaped or transposed from one just before; a mean over tokens or over channels-last maps is not found.

Why:
    It takes the place of a large fully connected layer, costs no parameters and looks at the whole image.

Fails:
    A pool that sees a part of the map, that finds a map of 1×1, or that only serves an attention gate.

        self.pool = nn.AvgPool2d(7)  # on an 11×11 map: the upper left 7×7, the rest is dropped

Passes:
    A pool of the whole map, whatever its size.

        self.pool = nn.AdaptiveAvgPool2d(1)

Settings:
    None.
"""

from math import prod

from netgrade.facts.model import Facts, Graph, Pool
from netgrade.rules.model import Finding, Settings, Violation
from netgrade.rules.presence import off_path, on_path
from netgrade.rules.vocabulary import those
from netgrade.rules.wording import at, broken, size

_HINT = "nn.AdaptiveAvgPool2d(1) after the last convolution takes the whole map, whatever its size"


def check(facts: Facts, _settings: Settings) -> Finding:
    """Look for a global average pool in both modes, or else for the nearest miss."""
    pools = on_path(facts, _global)
    if pools:
        pool = pools[-1]
        return Finding(
            message=f"{size(pool.input[1:])} → {size((1,) * len(pool.input[1:]))}{at(pool.place)}",
            numbers={"pools": len(pools), "map": size(pool.input)},
        )
    return broken(off_path(facts, _global) or _nearest_miss(facts), numbers={"pools": 0})


def _global(graph: Graph) -> list[Pool]:
    return [pool for pool in graph.pools if pool.kind == "global"]


def _nearest_miss(facts: Facts) -> Violation:
    for kind, explain in (("partial", _partial), ("single", _single), ("gate", _gate), ("local", _local)):
        pools = [pool for pool in facts.eval.pools if pool.kind == kind]
        if pools:
            return explain(pools[-1])
    return _none(facts)


def _partial(pool: Pool) -> Violation:
    part = f"the upper left {size(pool.window)}" if pool.window else "a part"
    message = f"{_title(pool)} averages {part} of the {size(pool.input[1:])} map, not the whole"
    return Violation(message=message, hint=_HINT, place=pool.place)


def _single(pool: Pool) -> Violation:
    message = f"{_title(pool)} averages a map that is {size(pool.input[1:])} already"
    return Violation(message=message, hint="put the pool where the map is still larger", place=pool.place)


def _gate(pool: Pool) -> Violation:
    message = f"{_title(pool)} averages the whole map only to weigh a map, as attention does"
    return Violation(message=message, hint=_HINT, place=pool.place)


def _local(pool: Pool) -> Violation:
    message = f"{_title(pool)} averages the {size(pool.input[1:])} map in parts and leaves a map"
    return Violation(message=message, hint=_HINT, place=pool.place)


def _none(facts: Facts) -> Violation:
    for layer in those(facts.eval, "linear"):
        before = (operator for operator in facts.eval.operators if operator.index < layer.index)
        flat = [
            operator
            for operator in before
            if len(operator.input) > 1
            and operator.output == layer.input
            and prod(operator.input) == prod(operator.output)
        ]
        if flat:
            message = f"no average pooling runs: {size(flat[-1].input)} is flattened{at(flat[-1].place)}"
            return Violation(message=message, hint=_HINT, place=flat[-1].place)
    return Violation(message="no average pooling runs", hint=_HINT)


def _title(pool: Pool) -> str:
    called = pool.module if "Pool" in pool.module else pool.op
    sides = ", ".join(str(side) for side in dict.fromkeys(pool.window))
    return f"{called}({sides})" + at(pool.place) if sides else called + at(pool.place)
