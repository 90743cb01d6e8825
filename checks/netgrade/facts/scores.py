"""What comes out: its shape, and whether it is finite, deterministic and independent of the rest of the batch."""

from torch import Tensor

from netgrade.facts.kind import kind
from netgrade.facts.model import Scores
from netgrade.facts.trial import Trial, again, distance, images, may_draw, rerun
from netgrade.program.program import Program

BATCHES = (1, 5, 8)
TOLERANCE = 1e-4
"""Relative to the spread of the scores. Kernels may add in another order for another batch size: about 1e-6."""


def scores(program: Program, evaluation: Trial, train: Trial, tensors: list[Tensor]) -> Scores:
    """Describe the scores.

    Args:
        program: the program.
        evaluation: a run of its eval graph, trainable weights redrawn.
        train: the same of its train graph.
        tensors: the redrawn weights.

    Raises:
        RuntimeError: the eval graph can't run on the largest batch.
    """
    shape = program.capture.input_shape
    trials = {}
    raises = {1: program.capture.single} if program.capture.single else {}
    for batch in BATCHES:
        try:
            trials[batch] = again(evaluation, images(shape, batch, 11), tensors)
        except (RuntimeError, IndexError, ValueError) as error:
            raises[batch] = raises.get(batch) or str(error).splitlines()[0][:200]
    if BATCHES[-1] not in trials:
        raise RuntimeError(raises[BATCHES[-1]])
    whole = trials[BATCHES[-1]]
    varies = _variation(whole, tensors)
    leaks = 0.0 if varies else _leak(program, whole, tensors)
    what, operator = kind(whole, train)
    return Scores(
        shapes={batch: tuple(trial.scores.shape) for batch, trial in trials.items() if batch not in raises},
        raises=raises,
        kind=what,  # type: ignore[arg-type]  # mypy widens the strings of a tuple
        operator=operator["op"] if operator else "",
        place=operator["place"] if operator else None,
        finite=_is_finite(program, evaluation, train),
        deterministic=not varies,
        varies_by=varies,
        batch_independent=leaks <= TOLERANCE,
        leaks=leaks,
    )


def _variation(whole: Trial, tensors: list[Tensor]) -> float:
    """Run once more with other random numbers, if anything can draw them."""
    if not any(may_draw(step) for step in whole.steps):
        return 0.0
    return distance(whole.scores, again(whole, whole.values[0], tensors, seed=1).scores)


def _leak(program: Program, whole: Trial, tensors: list[Tensor]) -> float:
    """Change half of the batch, then leave it out, and see whether the scores of the other half change."""
    half = whole.batch // 2
    if whole.scores.dim() == 0 or whole.scores.shape[0] != whole.batch:
        return 0.0
    others = images(program.capture.input_shape, whole.batch, 12) * 3 + 1
    others[:half] = whole.values[0][:half]
    alone = again(whole, whole.values[0][:half], tensors)
    return max(distance(whole.scores[:half], end[:half]) for end in (rerun(whole, {0: others}), alone.scores))


def _is_finite(program: Program, *trials: Trial) -> bool:
    """Run the graphs with the weights as submitted."""
    return all(bool(again(trial, trial.values[0], program.fresh_tensors()).scores.isfinite().all()) for trial in trials)
