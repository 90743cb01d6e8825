"""What averages a map, in any spelling, and what it really averages.

A pool is found by what it computes: run on random maps, the operators from a map to one value a channel give the
map's mean. AdaptiveAvgPool2d(1), AvgPool2d over the whole map, `mean` in one step or two, after flatten or reshape,
and a sum divided by the number of positions all do. It is on the way to the classes if from it a path leads to the
scores on which nothing has a spatial extent again; otherwise it only weighs a map, as an attention gate does.
"""

from collections.abc import Iterator
from math import prod

import msgspec
import torch
from torch import Tensor

from netgrade.facts.arguments import named
from netgrade.facts.field import window
from netgrade.facts.model import Pool
from netgrade.facts.nodes import labels
from netgrade.facts.trial import Trial
from netgrade.program.operators import base, family
from netgrade.program.run import Context, apply

_AVERAGING = frozenset(
    {"avg_pool1d", "avg_pool2d", "adaptive_avg_pool1d", "adaptive_avg_pool2d", "mean", "sum", "einsum"}
)
_SCALING = frozenset({"div", "divide", "true_divide", "mul", "multiply"})
_ENDS = _AVERAGING | _SCALING
_MAP = 4
"""Dimensions of a map: N×C×H×W."""


def pools(trial: Trial, effective: frozenset[int]) -> tuple[Pool, ...]:
    """Return the averages of a graph, in the order of execution."""
    found: list[Pool] = []
    used: set[int] = set()
    for position, step in enumerate(trial.steps):
        if base(step.node.op) not in _ENDS or not trial.flow.operands[position]:
            continue
        chain = tuple(_chain(trial, position))
        pool = _whole(trial, chain, effective) or _other(trial, position, effective)
        if pool is not None and not (base(step.node.op) in _SCALING and used & set(chain)):
            found.append(pool)
            used.update(chain)
    return tuple(found)


def _chain(trial: Trial, position: int) -> Iterator[int]:
    """Yield the nodes that lead to an average, last first, while each has one operand and only moves or averages."""
    while True:
        yield position
        operands = [value for value in trial.flow.operands[position] if value > trial.stored or value == 0]
        before = trial.flow.maker.get(operands[0]) if len(operands) == 1 else None
        if before is None:
            return
        op = trial.steps[before].node.op
        if base(op) not in _ENDS and family(op) != "view" and base(op) not in ("contiguous", "clone"):
            return
        position = before


def _whole(trial: Trial, chain: tuple[int, ...], effective: frozenset[int]) -> Pool | None:
    """Return the pool if the chain, or its end, averages a whole map."""
    end = trial.values[trial.flow.results[chain[0]][0]]
    for length in range(1, len(chain) + 1):
        source = trial.flow.operands[chain[length - 1]][0]
        value = trial.values[source]
        if value.dim() != _MAP or end.numel() != prod(value.shape[:2]) or not value.is_floating_point():
            continue
        if not _is_mean(trial, chain[:length], source):
            continue
        if prod(value.shape[2:]) == 1:
            if base(trial.steps[chain[0]].node.op) in _SCALING or base(trial.steps[chain[0]].node.op) == "sum":
                continue  # a product on one position is no attempt at a pool
            return _pool(trial, chain[0], "single", value, effective)
        cut = _before_cut(trial, source)
        if cut is not None:
            part = _pool(trial, chain[0], "partial", trial.values[cut], effective)
            return msgspec.structs.replace(part, window=tuple(value.shape[2:]))
        kind = "global" if _decides(trial, chain[0]) else "gate"
        return _pool(trial, chain[0], kind, value, effective)
    return None


def _before_cut(trial: Trial, value: int) -> int | None:
    """Return the map that a map was cut out of just before, by slices along height or width; None if it is whole."""
    whole = value
    while (node := trial.flow.maker.get(whole)) is not None and base(trial.steps[node].node.op) in ("slice", "narrow"):
        whole = trial.flow.operands[node][0]
    return whole if trial.values[whole].shape[2:] != trial.values[value].shape[2:] else None


def _is_mean(trial: Trial, chain: tuple[int, ...], source: int) -> bool:
    """Run a chain on random maps and compare it with their means."""
    maps = torch.rand(
        trial.values[source].shape, generator=torch.Generator().manual_seed(7), dtype=trial.values[source].dtype
    )
    values: dict[int, Tensor] = trial.values | {source: maps}
    with torch.no_grad():
        for position in reversed(chain):
            made = apply(trial.steps[position], values, Context(trial.batch, maps.device))
            values |= dict(zip(trial.flow.results[position], made, strict=True))
    end = values[trial.flow.results[chain[0]][0]]
    return torch.allclose(end.flatten(), maps.mean((2, 3)).flatten(), rtol=1e-3, atol=1e-4)


def _decides(trial: Trial, position: int) -> bool:
    """Tell whether a path without spatial extent leads from a node to the scores."""
    waiting = [position]
    seen = set()
    while waiting:
        node = waiting.pop()
        for value in trial.flow.results[node]:
            if value == trial.flow.output:
                return True
            shape = trial.values[value].shape
            if len(shape) > 2 and prod(shape[2:]) > 1:  # noqa: PLR2004 - N×C
                continue
            for reader in trial.flow.readers.get(value, ()):
                if reader not in seen and reader in trial.flow.reaching and not _has_extent(trial, reader):
                    seen.add(reader)
                    waiting.append(reader)
    return False


def _has_extent(trial: Trial, node: int) -> bool:
    shape = trial.values[trial.flow.results[node][0]].shape
    return len(shape) > 2 and prod(shape[2:]) > 1  # noqa: PLR2004 - N×C


def _other(trial: Trial, position: int, effective: frozenset[int]) -> Pool | None:
    """Return the pool that averages less than a whole map, if the operator is an average at all."""
    op = base(trial.steps[position].node.op)
    value = trial.values[trial.flow.operands[position][0]] if trial.flow.operands[position] else None
    if op not in ("avg_pool2d", "adaptive_avg_pool2d") or value is None or value.dim() != _MAP:
        return None
    end = trial.values[trial.flow.results[position][0]]
    kind = "partial" if prod(end.shape[2:]) == 1 else "local"
    return _pool(trial, position, kind, value, effective)


def _pool(trial: Trial, position: int, kind: str, value: Tensor, effective: frozenset[int]) -> Pool:
    stated = window(trial, position) if "kernel_size" in named(trial.steps[position]) else ()
    return Pool(
        operator=position,
        kind=kind,  # type: ignore[arg-type]  # mypy widens the strings of a conditional
        input=tuple(value.shape[1:]),
        window=stated,
        effective=position in effective,
        **labels(trial.steps[position].node),
    )
