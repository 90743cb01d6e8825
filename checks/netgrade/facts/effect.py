"""Which nodes have an effect on the scores, decided by intervention.

A node is effective if its result depends on the images, and perturbing it in the rebuilt graph, trainable weights
redrawn, changes the scores. Dead branches, `y - y`, a product with zero or with 1e-12 change nothing; a real layer
changes them by 1e-2 of their spread and more.
"""

import torch
from torch import Tensor

from netgrade.facts.flow import downstream, gates
from netgrade.facts.trial import Trial, distance, rerun
from netgrade.program.operators import base, family

THRESHOLD = 1e-3
"""Change of the scores, relative to their own spread, for a perturbation as large as the value's own spread."""


def effective(trial: Trial, other: Trial) -> frozenset[int]:
    """Return the nodes that have an effect on the scores.

    What a node changes must pass its gates (`flow.gates`), so these need no experiment of their own. Where the scores
    are not finite no experiment tells anything, and every node on a path to them counts.

    Args:
        trial: a run of the graph.
        other: a run of it on other images.
    """
    responsive = _responsive(trial, other)
    if not bool(trial.scores.isfinite().all()):
        return responsive
    gate = gates(trial.flow)
    found: set[int] = set()
    for position in sorted(responsive):
        if position in found or not _has_effect(trial, position):
            continue
        passed: int | None = position
        while passed is not None and passed not in found:
            found.add(passed)
            passed = gate[passed]
    return frozenset(found & responsive)


def with_makers(trial: Trial, effective: frozenset[int]) -> frozenset[int]:
    """Return the effective nodes and those that make weights for them out of parameters, as weight norm does.

    Norms, dropout and pools that see no image are none of these: they are there for show.
    """
    from_images = downstream(trial.flow, (0,))
    found = set(effective)
    for position in sorted(trial.flow.reaching - from_images, reverse=True):
        op = trial.steps[position].node.op
        if base(op) in ("batch_norm", "instance_norm") or family(op) in ("dropout", "pool"):
            continue
        readers = (reader for value in trial.flow.results[position] for reader in trial.flow.readers.get(value, ()))
        if not found.isdisjoint(readers):
            found.add(position)
    return frozenset(found)


def _responsive(trial: Trial, other: Trial) -> frozenset[int]:
    """Return the nodes on a path to the scores whose results are not the same for other images.

    Dropout need not be one: a mask made by dropping from ones, times a map, is dropout too.
    """
    return frozenset(
        position
        for position in trial.flow.reaching & downstream(trial.flow, (0,))
        if _drops(trial, position)
        or any(distance(trial.values[value], other.values[value]) > THRESHOLD for value in trial.flow.results[position])
    )


def _drops(trial: Trial, position: int) -> bool:
    """Tell a dropout that has something to drop."""
    return family(trial.steps[position].node.op) == "dropout" and bool(
        trial.values[trial.flow.operands[position][0]].any()
    )


def _has_effect(trial: Trial, position: int) -> bool:
    """Perturb all that a node makes, at most twice: an activation may swallow one perturbation by chance."""
    scores = _relative(trial.scores)
    for seed in (1, 2):
        changes = {value: _perturbed(trial.values[value], seed) for value in trial.flow.results[position]}
        changed = {value: tensor for value, tensor in changes.items() if tensor is not None}
        if changed and distance(scores, _relative(rerun(trial, changed))) > THRESHOLD:
            return True
    return False


def _relative(scores: Tensor) -> Tensor:
    """Return what cross-entropy takes of the scores: a shift of all classes alike changes nothing."""
    return scores.log_softmax(1) if scores.dim() == 2 and scores.shape[1] > 1 else scores  # noqa: PLR2004 - N×classes


def _perturbed(value: Tensor, seed: int) -> Tensor | None:
    if not (value.is_floating_point() or value.is_complex()) or not value.numel():
        return None
    spread = float(value.abs().nan_to_num(0.0, 0.0, 0.0).double().square().mean().sqrt()) or 1.0
    noise = torch.randn(value.shape, generator=torch.Generator().manual_seed(seed))
    return value + (spread * noise).to(value.dtype)
