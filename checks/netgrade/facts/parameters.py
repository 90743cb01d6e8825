"""The parameters: every declared tensor once, used or not."""

from netgrade.facts.model import Parameter
from netgrade.facts.trial import Trial
from netgrade.program.program import Program


def parameters(program: Program, train: Trial, effective: frozenset[int]) -> tuple[Parameter, ...]:
    """Return the parameters in the order of declaration; a complex element counts as two numbers.

    Args:
        program: the program.
        train: a run of its train graph.
        effective: the nodes of the train graph that have an effect on the scores, or make weights for one that has.
    """
    return tuple(
        Parameter(
            name=stored.name,
            shape=tuple(tensor.shape),
            elements=tensor.numel() * (2 if tensor.is_complex() else 1),
            trainable=stored.trainable,
            used=any(reader in effective for reader in train.flow.readers.get(1 + number, ())),
        )
        for number, (stored, tensor) in enumerate(zip(program.capture.stored, program.tensors, strict=True))
        if stored.kind == "parameter"
    )
