"""Which nodes have an effect on the scores, decided by intervention.

A node is effective if perturbing its result in the rebuilt graph, trainable weights redrawn, changes the scores. Dead
branches, `y - y`, a product with zero or with 1e-12 change nothing; a real layer changes them by 1e-2 of their spread
and more.
"""

import torch
from torch import Tensor

from netgrade.facts.flow import downstream, gates
from netgrade.facts.trial import Trial, rerun

THRESHOLD = 1e-3
"""Change of the scores, relative to their own spread, for a perturbation as large as the value's own spread."""


def effective(trial: Trial) -> frozenset[int]:
    """Return the nodes that have an effect on the scores.

    What a node changes must pass its gates (`flow.gates`), so these need no experiment of their own.
    """
    gate = gates(trial.flow)
    from_input = downstream(trial.flow, range(1 + trial.stored))
    found: set[int] = set()
    for position in sorted(trial.flow.reaching & from_input):
        if position in found or not _has_effect(trial, position):
            continue
        passed: int | None = position
        while passed is not None and passed not in found:
            found.add(passed)
            passed = gate[passed]
    return frozenset(found)


def _has_effect(trial: Trial, position: int) -> bool:
    """Perturb all that a node makes, at most twice: an activation may swallow one perturbation by chance."""
    scores = trial.scores
    for seed in (1, 2):
        changes = {value: _perturbed(trial.values[value], seed) for value in trial.flow.results[position]}
        changed = {value: tensor for value, tensor in changes.items() if tensor is not None}
        if changed and _distance(scores, rerun(trial, changed)) > THRESHOLD:
            return True
    return False


def _perturbed(value: Tensor, seed: int) -> Tensor | None:
    if not (value.is_floating_point() or value.is_complex()) or not value.numel():
        return None
    spread = float(value.abs().nan_to_num(0.0, 0.0, 0.0).double().square().mean().sqrt()) or 1.0
    noise = torch.randn(value.shape, generator=torch.Generator().manual_seed(seed))
    return value + (spread * noise).to(value.dtype)


def _distance(one: Tensor, other: Tensor) -> float:
    if one.shape != other.shape or not one.numel():
        return float("inf")
    gap = (one.double() - other.double()).abs().nan_to_num(0.0, 0.0, 0.0).max()
    finite = one.double().nan_to_num(0.0, 0.0, 0.0)
    spread = (finite - finite.mean()).abs().max()
    return float(gap / spread.clamp(min=1e-12))
