"""What comes out: shape, kind, and whether it is finite, deterministic and independent of the rest of the batch."""

import torch
from torch import Tensor

from netgrade.facts.arguments import named
from netgrade.facts.model import Scores
from netgrade.facts.nodes import Labels, labels
from netgrade.facts.trial import Trial, images, redrawn, rerun, run
from netgrade.program.operators import base, family
from netgrade.program.program import Mode, Program

BATCHES = (1, 5, 8)
DRAWS = 2
"""How many sets of weights the kind of the scores is decided on."""

_ACTIVATIONS = frozenset({
    "relu", "relu6", "hardtanh", "sigmoid", "hardsigmoid", "tanh", "softplus", "softsign", "threshold", "abs", "square",
    "clamp_min", "clamp",
})  # fmt: skip
_MODES: tuple[Mode, ...] = ("eval", "train")
_GOOD = {"log-probabilities": 1, "logits": 1}
"""The kinds that a loss can take; of the two graphs, the one with another kind is told of."""
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
    kind, operator = min((_kind(program, mode) for mode in _MODES), key=lambda found: _GOOD.get(found[0], 0))
    return Scores(
        shapes={batch: tuple(trial.scores.shape) for batch, trial in trials.items() if batch not in raises},
        raises=raises,
        kind=kind,  # type: ignore[arg-type]  # mypy widens the strings of a conditional
        operator=operator["op"] if operator else "",
        place=operator["place"] if operator else None,
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
    """Change half of the batch, then leave it out, and see whether the scores of the other half change."""
    half = whole.batch // 2
    if whole.scores.dim() == 0 or whole.scores.shape[0] != whole.batch:
        return 0.0
    others = images(program.capture.input_shape, whole.batch, 12) * 3 + 1
    others[:half] = whole.values[0][:half]
    again = rerun(whole, {0: others})[:half]
    alone = run(program, "eval", whole.values[0][:half], redrawn(program, 1)).scores
    return max(_distance(whole.scores[:half], again), _distance(whole.scores[:half], alone))


def _is_finite(program: Program) -> bool:
    """Run both graphs with the weights as submitted."""
    batch = images(program.capture.input_shape, BATCHES[-1], 13)
    return all(bool(run(program, mode, batch, program.fresh_tensors()).scores.isfinite().all()) for mode in _MODES)


def _kind(program: Program, mode: Mode) -> tuple[str, Labels | None]:
    """Return the kind of one graph's scores, and what gives it to them."""
    ends = [
        run(program, mode, images(program.capture.input_shape, BATCHES[-1], 20 + draw), redrawn(program, 1 + draw))
        for draw in range(DRAWS)
    ]
    last, before = _last(ends[0], skip=()), _last(ends[0], skip=("log_softmax", "_log_softmax"))
    if all(_sums_to_one(end.scores.exp(), dim=0) for end in ends):
        return "log-probabilities over the batch", _labels(ends[0], last)
    is_log = all(_sums_to_one(end.scores.exp(), dim=1) for end in ends)
    op = None if before is None else base(ends[0].steps[before].node.op)
    if op in _ACTIVATIONS and not (is_log and before == last):  # a clamp after log-softmax that clips nothing is none
        return "activated", _labels(ends[0], before)
    if op in ("softmax", "_softmax"):
        return "probabilities", _labels(ends[0], before)
    if is_log:
        return "log-probabilities", _labels(ends[0], last)
    if all(_sums_to_one(end.scores, dim=1) and bool((end.scores >= 0).all()) for end in ends):
        return "probabilities", _labels(ends[0], last)
    return "logits", None


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
        idle = family(op) == "view" or base(op) in _TRANSPARENT or base(op) in skip
        if family(op) == "dropout":
            idle = not named(trial.steps[node]).get("train")
        if not idle:
            return node
        operands = trial.flow.operands[node]
        node = trial.flow.maker.get(operands[0]) if operands else None
    return None
