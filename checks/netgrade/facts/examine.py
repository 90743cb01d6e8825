"""From a blob to facts: what the grader child does for each network."""

import torch
from torch import Tensor

from netgrade.facts.effect import effective, with_makers
from netgrade.facts.field import fields
from netgrade.facts.hidden import hidden_weights
from netgrade.facts.model import Facts, Graph, HiddenWeight, Operator
from netgrade.facts.nodes import operators
from netgrade.facts.parameters import parameters
from netgrade.facts.pooling import pools
from netgrade.facts.scores import scores
from netgrade.facts.trial import Trial, again, images, redrawn, run, settled
from netgrade.program.errors import Refused
from netgrade.program.operators import family
from netgrade.program.program import Mode, Program, read

BATCH = 4
SETTLING = 8
"""Images in the batch that running statistics are taken from."""
_MODES: tuple[Mode, ...] = ("train", "eval")


def examine(blob: bytes, input_shape: tuple[int, ...]) -> Facts:
    """Decode what a capture child sent, rebuild the program, and derive its facts.

    Args:
        blob: what the child sent.
        input_shape: of one image, as the assignment has it.

    Raises:
        Refused: the blob is not a program for images of this shape, or it can't run on them.
    """
    program = read(blob)
    if program.capture.input_shape != input_shape:
        raise Refused(f"the capture is for images of shape {program.capture.input_shape}, not {input_shape}")
    try:
        return facts(program)
    except (RuntimeError, TypeError, ValueError, IndexError, NotImplementedError, OverflowError, MemoryError) as error:
        raise Refused(_why(error)) from error


def _why(error: Exception) -> str:
    text = (str(error) or type(error).__name__).splitlines()[0][:300]
    if isinstance(error, MemoryError) or "can't allocate memory" in text:
        return "the values of the captured network take more memory than the grader has for a batch of eight images"
    return f"the captured network can't run: {text}"


def facts(program: Program) -> Facts:
    """Derive all facts of a program."""
    tensors = _weights(program)
    train, training = _graph(program, "train", tensors)
    evaluation, evaluating = _graph(program, "eval", tensors)
    path = [operator for operator in evaluating.operators if operator.index in evaluation.flow.reaching]
    counts = [operator.macs for operator in path]
    unknown = {operator.op for operator in path if operator.macs is None} | _unseen(evaluation, path)
    return Facts(
        network=program.capture.network,
        input_shape=program.capture.input_shape,
        parameters=parameters(program, train, frozenset(item.index for item in training.operators if item.effective)),
        hidden=_hidden(program, evaluation, train, tensors),
        train=training,
        eval=evaluating,
        scores=scores(program, evaluation, train, tensors),
        macs=None if None in counts else sum(count for count in counts if count is not None),
        field=_last_map(path),
        unknown=tuple(sorted(unknown)),
    )


def _weights(program: Program) -> list[Tensor]:
    """Redraw the weights; where that makes the scores infinite or NaN, take them as submitted."""
    batch = images(program.capture.input_shape, SETTLING, 3)
    for tensors in (redrawn(program, 0), program.fresh_tensors()):
        found = settled(program, tensors, batch)
        if all(bool(run(program, mode, batch, found).scores.isfinite().all()) for mode in _MODES):
            break
    return found


def _graph(program: Program, mode: Mode, tensors: list[Tensor]) -> tuple[Trial, Graph]:
    shape = program.capture.input_shape
    trial = run(program, mode, images(shape, BATCH, 1), tensors)
    matter = effective(trial, again(trial, images(shape, BATCH, 2), tensors))
    rows = operators(trial, with_makers(trial, matter), fields(trial))
    return trial, Graph(operators=rows, pools=pools(trial, matter))


def _hidden(program: Program, evaluation: Trial, train: Trial, tensors: list[Tensor]) -> tuple[HiddenWeight, ...]:
    """Count hidden weights on one image; where the graph can't run on one, on the batch that it ran on."""
    shape = program.capture.input_shape
    try:
        single = again(evaluation, images(shape, 1, 1), tensors)
    except (RuntimeError, IndexError, ValueError):
        single = evaluation
    unlike = images(shape, single.batch, 2)
    others = [again(single, batch, tensors) for batch in (unlike, 10 * unlike, torch.full_like(unlike, 3.0))]
    return hidden_weights(single, others, train, program.capture.stored)


def _last_map(path: list[Operator]) -> int | None:
    """Return the field of the widest map that a convolution or a pool over part of a map makes."""
    maps = [
        operator
        for operator in path
        if operator.effective
        and max((*operator.input[1:], *operator.kernel), default=1) > 1
        and (family(operator.op) == "convolution" or _is_local(operator))
    ]
    if any(operator.field is None for operator in maps):
        return None
    return max(
        (operator.field for operator in maps if operator.field is not None),
        default=max(path[0].input[1:] or (0,)) if path else None,
    )


def _is_local(operator: Operator) -> bool:
    return family(operator.op) == "pool" and max(operator.output[1:] or (1,)) > 1


def _unseen(trial: Trial, path: list[Operator]) -> set[str]:
    """Name the operators after which the receptive field is no longer known."""
    known = fields(trial)
    return {
        operator.op
        for operator in path
        if any(known.get(value, 0) is None for value in trial.flow.results[operator.index])
        and all(known.get(value, 0) is not None for value in trial.flow.operands[operator.index])
    }
