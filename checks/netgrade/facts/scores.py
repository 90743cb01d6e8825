"""What comes out: shape, kind, and whether it is finite, deterministic and independent of the rest of the batch."""

import torch
from torch import Tensor

from netgrade.facts.arguments import named
from netgrade.facts.model import Scores
from netgrade.facts.nodes import labels
from netgrade.facts.trial import Trial, images, redrawn, rerun, run
from netgrade.program.operators import base, family
from netgrade.program.program import Program

BATCHES = (1, 5, 8)
DRAWS = 2
"""How many sets of weights the kind of the scores is decided on."""

_ACTIVATIONS = frozenset({
    "relu", "relu6", "hardtanh", "sigmoid", "hardsigmoid", "tanh", "softplus", "softsign", "threshold", "abs", "square",
    "clamp_min", "clamp",
})  # fmt: skip
_TRANSPARENT = frozenset({"clone", "contiguous", "to", "_to_copy", "type_as", "alias", "detach", "positive"})


def scores(program: Program) -> Scores:
    """Describe the scores of the eval graph."""
    shape = program.capture.input_shape
    trials = {}
    raises = {1: program.capture.single} if program.capture.single else {}
    for batch in BATCHES:
        try:
            trials[batch] = run(program, "eval", images(shape, batch, 11), redrawn(program, 1))
        except (RuntimeError, IndexError, ValueError) as error:
            raises[batch] = raises.get(batch) or str(error).splitlines()[0][:200]
    whole = trials[BATCHES[-1]]
    varies = _distance(whole.scores, run(program, "eval", whole.values[0], redrawn(program, 1), seed=1).scores)
    leaks = _leak(program, whole) if varies <= _TOLERANCE else 0.0
    kind, operator = _kind(program, whole)
    return Scores(
        shapes={batch: tuple(trial.scores.shape) for batch, trial in trials.items() if batch not in raises},
        raises=raises,
        kind=kind,  # type: ignore[arg-type]  # mypy widens the strings of a conditional
        operator="" if operator is None else base(whole.steps[operator].node.op),
        place=None if operator is None else labels(whole.steps[operator].node)["place"],
        finite=_is_finite(program),
        deterministic=varies <= _TOLERANCE,
        varies_by=varies,
        batch_independent=leaks <= _TOLERANCE,
        leaks=leaks,
    )


_TOLERANCE = 1e-4
"""Relative to the spread of the scores. Kernels may add in another order for another batch size: about 1e-6."""


def _distance(one: Tensor, other: Tensor) -> float:
    """Return the largest difference, relative to the spread of the first."""
    if one.shape != other.shape:
        return float("inf")
    gap = (one.double() - other.double()).abs().nan_to_num(0.0, 0.0, 0.0)
    spread = one.double().nan_to_num(0.0, 0.0, 0.0)
    return float(gap.max() / (spread - spread.mean()).abs().max().clamp(min=1e-12)) if gap.numel() else 0.0


def _leak(program: Program, whole: Trial) -> float:
    """Change half of the batch and see whether the scores of the other half change."""
    half = whole.batch // 2
    if whole.scores.dim() == 0 or whole.scores.shape[0] != whole.batch:
        return 0.0
    others = images(program.capture.input_shape, whole.batch, 12) * 3 + 1
    others[:half] = whole.values[0][:half]
    again = rerun(whole, {0: others})
    return _distance(whole.scores[:half], again[:half])


def _is_finite(program: Program) -> bool:
    """Run both graphs with the weights as submitted, on random and on blank images."""
    shape = program.capture.input_shape
    batches = (images(shape, BATCHES[-1], 13), torch.zeros((BATCHES[-1], *shape)))
    ends = [run(program, "eval", batch, program.fresh_tensors()).scores for batch in batches]
    ends.append(run(program, "train", batches[0], program.fresh_tensors()).scores)
    return all(bool(end.isfinite().all()) for end in ends)


def _kind(program: Program, whole: Trial) -> tuple[str, int | None]:
    """Return the kind of the scores and the node that gives it to them."""
    last = _last(whole, skip=())
    activation = _last(whole, skip=("log_softmax", "_log_softmax"))
    if activation is not None and base(whole.steps[activation].node.op) in _ACTIVATIONS:
        return "activated", activation
    if activation is not None and base(whole.steps[activation].node.op) in ("softmax", "_softmax"):
        return "probabilities", activation
    ends = [whole.scores] + [
        run(
            program, "eval", images(program.capture.input_shape, whole.batch, 20 + draw), redrawn(program, 1 + draw)
        ).scores
        for draw in range(1, DRAWS)
    ]
    if all(_sums_to_one(end.exp(), dim=1) for end in ends):
        return "log-probabilities", last
    if all(_sums_to_one(end.exp(), dim=0) for end in ends):
        return "log-probabilities over the batch", last
    if all(_sums_to_one(end, dim=1) and bool((end >= 0).all()) for end in ends):
        return "probabilities", last
    return "logits", None


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
        idle = family(op) == "view" or base(op) in _TRANSPARENT or base(op) in skip
        if family(op) == "dropout":
            idle = not named(trial.steps[node]).get("train")
        if not idle:
            return node
        operands = trial.flow.operands[node]
        node = trial.flow.maker.get(operands[0]) if operands else None
    return None
