"""What the scores are: logits, log-probabilities, or something that cross-entropy can't take.

Told by their values where these say it in any spelling (probabilities sum to one), and by the last operator that does
more than move numbers.
"""

import torch
from torch import Tensor

from netgrade.facts.arguments import named
from netgrade.facts.nodes import Labels, labels
from netgrade.facts.trial import Trial
from netgrade.program.operators import base, family

_ACTIVATIONS = frozenset({
    "relu", "relu6", "hardtanh", "sigmoid", "hardsigmoid", "tanh", "softplus", "softsign", "threshold", "abs", "square",
    "clamp_min", "clamp",
})  # fmt: skip
_SCALING = frozenset({"add", "sub", "mul", "div", "multiply", "divide", "true_divide"})
_TRANSPARENT = frozenset({"clone", "contiguous", "to", "_to_copy", "type_as", "alias", "detach", "positive"})
_GOOD = frozenset({"log-probabilities", "logits"})
"""The kinds that a loss can take."""


def kind(*trials: Trial) -> tuple[str, Labels | None]:
    """Return the kind of the scores, and what gives it to them; of several graphs, the first that no loss can take.

    Args:
        trials: runs of the graphs, trainable weights redrawn.
    """
    found = [_kind(trial) for trial in trials]
    return next((bad for bad in found if bad[0] not in _GOOD), found[0])


def _kind(trial: Trial) -> tuple[str, Labels | None]:
    last, before = _last(trial, skip=()), _last(trial, skip=("log_softmax", "_log_softmax"))
    exponents = trial.scores.exp()
    if _sums_to_one(exponents, dim=0) and not _sums_to_one(exponents, dim=1):
        return "log-probabilities over the batch", _labels(trial, last)
    is_log = _sums_to_one(exponents, dim=1)
    op = None if before is None else _activation(trial, before)
    if op in _ACTIVATIONS and not (is_log and before == last):  # a clamp after log-softmax that clips nothing is none
        return "activated", _labels(trial, before)
    if op in ("softmax", "_softmax"):
        return "probabilities", _labels(trial, before)
    if is_log:
        return "log-probabilities", _labels(trial, last)
    if _sums_to_one(trial.scores, dim=1) and bool((trial.scores >= 0).all()):
        return "probabilities", _labels(trial, last)
    return "logits", None


def _activation(trial: Trial, node: int) -> str:
    """Return a node's operator; a leaky ReLU that does not leak is a ReLU."""
    op = base(trial.steps[node].node.op)
    return "relu" if op == "leaky_relu" and not named(trial.steps[node])["negative_slope"] else op


def _labels(trial: Trial, position: int | None) -> Labels | None:
    return None if position is None else labels(trial.steps[position].node)


def _sums_to_one(end: Tensor, dim: int) -> bool:
    if end.dim() != 2 or end.shape[dim] < 2:  # noqa: PLR2004 - batch × classes, several of each
        return False
    sums = end.sum(dim)
    return bool(torch.allclose(sums, torch.ones_like(sums), atol=1e-3))


def _last(trial: Trial, skip: tuple[str, ...]) -> int | None:
    """Walk back from the scores over what only moves numbers, and return the first node that does more."""
    node = trial.flow.maker.get(trial.flow.output)
    while node is not None:
        op = trial.steps[node].node.op
        idle = family(op) == "view" or base(op) in _TRANSPARENT or base(op) in skip or _is_scaling(trial, node)
        if family(op) == "dropout":
            idle = not named(trial.steps[node]).get("train")
        if not idle:
            return node
        operands = trial.flow.operands[node]
        node = trial.flow.maker.get(operands[0]) if operands else None
    return None


def _is_scaling(trial: Trial, node: int) -> bool:
    """Tell a sum or a product with one number."""
    return base(trial.steps[node].node.op) in _SCALING and len(trial.flow.operands[node]) == 1
