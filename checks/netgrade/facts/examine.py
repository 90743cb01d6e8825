"""From a blob to facts: what the grader child does for each network."""

from netgrade.facts.effect import effective, with_makers
from netgrade.facts.field import fields
from netgrade.facts.hidden import hidden_weights
from netgrade.facts.model import Facts, Graph, Operator
from netgrade.facts.nodes import operators
from netgrade.facts.parameters import parameters
from netgrade.facts.pooling import pools
from netgrade.facts.scores import scores
from netgrade.facts.trial import Trial, again, images, redrawn, run
from netgrade.program.errors import Refused
from netgrade.program.operators import family
from netgrade.program.program import Mode, Program, read

BATCH = 4


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
    train, training = _graph(program, "train")
    evaluation, evaluating = _graph(program, "eval")
    path = [operator for operator in evaluating.operators if operator.index in evaluation.flow.reaching]
    counts = [operator.macs for operator in path]
    unknown = {operator.op for operator in path if operator.macs is None} | _unseen(evaluation, path)
    return Facts(
        network=program.capture.network,
        input_shape=program.capture.input_shape,
        parameters=parameters(program, train, frozenset(item.index for item in training.operators if item.effective)),
        hidden=hidden_weights(_single(program, evaluation), program.capture.stored),
        train=training,
        eval=evaluating,
        scores=scores(program, evaluation, train),
        macs=None if None in counts else sum(count for count in counts if count is not None),
        field=_last_map(path),
        unknown=tuple(sorted(unknown)),
    )


def _graph(program: Program, mode: Mode) -> tuple[Trial, Graph]:
    shape = program.capture.input_shape
    trial = run(program, mode, images(shape, BATCH, 1), redrawn(program, 0))
    matter = effective(trial, again(trial, images(shape, BATCH, 2), redrawn(program, 0)))
    rows = operators(trial, with_makers(trial, matter), fields(trial))
    return trial, Graph(operators=rows, pools=pools(trial, matter))


def _single(program: Program, fallback: Trial) -> Trial:
    """Run the eval graph on one image, so that elements are counted for one. What can't run so is taken as it ran."""
    try:
        return again(fallback, images(program.capture.input_shape, 1, 1), redrawn(program, 0))
    except (RuntimeError, IndexError, ValueError):
        return fallback


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
