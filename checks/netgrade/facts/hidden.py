"""Hidden weights: numbers on the way to the scores that are neither computed from the images nor counted as parameters.

Constants, buffers, random draws and tables count by their elements where they meet the images, in the eval graph.
Where such a tensor first meets parameters, it counts by what it has more elements than those: a mask over a weight
adds nothing, a table scaled by one parameter all but one. A tensor of equal elements holds one number, and scalars
don't count; nor do the running statistics that batch norm fills while it trains.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from torch import Tensor

from netgrade.facts.arguments import index, named
from netgrade.facts.model import HiddenWeight
from netgrade.facts.nodes import labels
from netgrade.facts.trial import Trial, distance
from netgrade.program.model import Stored
from netgrade.program.operators import base, family

_SAME = 1e-3
"""Difference, relative to a value's spread, below which images leave it as it is."""


def hidden_weights(
    trial: Trial, others: Sequence[Trial], train: Trial, stored: tuple[Stored, ...]
) -> tuple[HiddenWeight, ...]:
    """Return the hidden weights of an eval graph.

    Args:
        trial: a run of it on one image.
        others: runs of it on unlike images.
        train: a run of the train graph.
        stored: what the capture says of its stored tensors.
    """
    sources = _sources(trial, others)
    statistics = _statistics(train)
    spent: set[int] = set()
    found: dict[int, HiddenWeight] = {}
    for position in sorted(trial.flow.reaching):
        for value in _strangers(trial, position, sources, statistics):
            elements = _elements(trial, position, value, sources, spent)
            if value not in found and elements > 0:
                found[value] = _weight(trial, position, value, elements, stored)
    return tuple(found.values())


def _sources(trial: Trial, others: Sequence[Trial]) -> dict[int, frozenset[int]]:
    """For each value, what it is computed from: 0 for the images, and the parameters by number.

    What is the same for unlike images is not computed from them, whatever it reads.
    """
    known = {0: frozenset({0})}
    for value in range(1, 1 + trial.stored):
        known[value] = frozenset({value}) if value in trial.parameters else frozenset()
    for position, operands in enumerate(trial.flow.operands):
        joined = frozenset().union(*(known[value] for value in operands)) if operands else frozenset()
        for value in trial.flow.results[position]:
            same = 0 in joined and all(_is_same(trial.values[value], other.values[value]) for other in others)
            known[value] = joined - {0} if same else joined
    return known


def _is_same(one: Tensor, other: Tensor) -> bool:
    return distance(one.float(), other.float()) <= _SAME


def _statistics(train: Trial) -> frozenset[int]:
    """Return the stored values that batch norm fills while it trains."""
    found = set()
    for step in train.steps:
        if base(step.node.op) == "batch_norm":
            arguments = named(step)
            if arguments["training"]:
                found |= {index(arguments["running_mean"]), index(arguments["running_var"])}
    return frozenset(value for value in found if value is not None)


def _strangers(
    trial: Trial, position: int, sources: Mapping[int, frozenset[int]], statistics: frozenset[int]
) -> Iterator[int]:
    """Yield the operands from nowhere that meet the images or a parameter in this node."""
    operands = trial.flow.operands[position]
    if not any(sources[value] for value in operands):
        return
    exempt = statistics if base(trial.steps[position].node.op) == "batch_norm" else frozenset()
    yield from (value for value in dict.fromkeys(operands) if not sources[value] and value not in exempt)


def _elements(trial: Trial, position: int, value: int, sources: Mapping[int, frozenset[int]], spent: set[int]) -> int:
    """Count a tensor's elements, less those of parameters that it meets one by one, each of which absorbs once."""
    tensor = trial.values[value]
    count = tensor.numel() * (2 if tensor.is_complex() else 1)
    if count <= 1 or bool((tensor == tensor.flatten()[0]).all()):
        return 0
    others = [other for other in trial.flow.operands[position] if sources[other]]
    partners = frozenset().union(*(sources[other] for other in others))
    if 0 in partners or family(trial.steps[position].node.op) not in ("pointwise", "pick"):
        return count
    free = partners - spent
    spent |= free
    room = min(
        sum(trial.values[parameter].numel() for parameter in free),
        max(trial.values[other].numel() for other in others),
    )
    return count - room


def _weight(trial: Trial, position: int, value: int, elements: int, stored: tuple[Stored, ...]) -> HiddenWeight:
    origins = _origins(trial, value)
    place = labels(trial.steps[position].node)["place"]
    for node in origins:
        if node >= 0 and family(trial.steps[node].node.op) == "draw":
            return HiddenWeight(origin="draw", name=base(trial.steps[node].node.op), elements=elements, place=place)
    for node in origins:
        if node < 0:
            tensor = stored[-1 - node]
            origin: Literal["buffer", "constant"] = "buffer" if tensor.kind == "buffer" else "constant"
            return HiddenWeight(origin=origin, name=tensor.name, elements=elements, place=place)
    name = base(trial.steps[origins[0]].node.op) if origins else "constant"
    return HiddenWeight(origin="table", name=name, elements=elements, place=place)


def _origins(trial: Trial, value: int) -> list[int]:
    """Return where a value comes from: stored tensors as -1, -2 …, and the nodes that read nothing."""
    found = []
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if item == 0:
            continue
        if 0 < item <= trial.stored:
            found.append(-item)
            continue
        node = trial.flow.maker[item]
        if family(trial.steps[node].node.op) == "draw" or not trial.flow.operands[node]:
            found.append(node)
        waiting += trial.flow.operands[node]
    return found
