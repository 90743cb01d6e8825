"""Hidden weights: numbers on the way to the scores that are neither computed from the images nor counted as parameters.

Constants, buffers, random draws and tables count by their elements where they meet the images, in the eval graph.
Where such a tensor first meets parameters, it counts by what it has more elements than those: a mask over a weight
adds nothing, a table scaled by one parameter all but one. A tensor of equal elements holds one number, and scalars
don't count; nor do batch norm's running statistics, where batch norm reads them.
"""

from collections.abc import Iterator
from typing import Literal

from netgrade.facts.arguments import index, named
from netgrade.facts.model import HiddenWeight
from netgrade.facts.nodes import labels
from netgrade.facts.trial import Trial
from netgrade.program.model import Stored
from netgrade.program.operators import base, family

_STATISTICS = ("running_mean", "running_var")


def hidden_weights(trial: Trial, stored: tuple[Stored, ...]) -> tuple[HiddenWeight, ...]:
    """Return the hidden weights of an eval graph run on a batch of one.

    Args:
        trial: the run.
        stored: what the capture says of its stored tensors.
    """
    sources = _sources(trial)
    seen: set[int] = set()
    found = []
    for position in sorted(trial.flow.reaching):
        for value in _strangers(trial, position, sources):
            elements = _elements(trial, position, value, sources)
            if value not in seen and elements > 0:
                seen.add(value)
                found.append(_weight(trial, position, value, elements, stored))
    return tuple(found)


def _sources(trial: Trial) -> dict[int, frozenset[int]]:
    """For each value, what it is computed from: 0 for the images, and the parameters by number."""
    known = {0: frozenset({0})}
    for value in range(1, 1 + trial.stored):
        known[value] = frozenset({value}) if value in trial.parameters else frozenset()
    for position, operands in enumerate(trial.flow.operands):
        joined = frozenset().union(*(known[value] for value in operands)) if operands else frozenset()
        known |= dict.fromkeys(trial.flow.results[position], joined)
    return known


def _strangers(trial: Trial, position: int, sources: dict[int, frozenset[int]]) -> Iterator[int]:
    """Yield the operands from nowhere that meet the images or a parameter in this node, or end as the scores."""
    operands = trial.flow.operands[position]
    if not any(sources[value] for value in operands):
        return
    arguments = named(trial.steps[position])
    statistics = (
        {index(arguments[name]) for name in _STATISTICS}
        if base(trial.steps[position].node.op) == "batch_norm"
        else set()
    )
    yield from (value for value in dict.fromkeys(operands) if not sources[value] and value not in statistics)


def _elements(trial: Trial, position: int, value: int, sources: dict[int, frozenset[int]]) -> int:
    tensor = trial.values[value]
    count = tensor.numel() * (2 if tensor.is_complex() else 1)
    if count <= 1 or bool((tensor == tensor.flatten()[0]).all()):
        return 0
    partners = frozenset().union(*(sources[other] for other in trial.flow.operands[position]))
    if 0 in partners:
        return count
    return count - sum(trial.values[parameter].numel() for parameter in partners)


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
        if 0 < item <= trial.stored:
            found.append(-item)
            continue
        node = trial.flow.maker[item]
        if family(trial.steps[node].node.op) == "draw" or not trial.flow.operands[node]:
            found.append(node)
        waiting += trial.flow.operands[node]
    return found
