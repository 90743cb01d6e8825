"""The parameters: every declared tensor once, used or not."""

from torch import Tensor

from netgrade.facts.model import Parameter
from netgrade.facts.trial import Trial
from netgrade.program.program import Program


def parameters(program: Program, train: Trial, effective: frozenset[int]) -> tuple[Parameter, ...]:
    """Return the parameters in the order of declaration.

    A complex element counts as two numbers, a whole number as one for each of its bytes: so many can be unpacked.

    Args:
        program: the program.
        train: a run of its train graph.
        effective: the nodes of the train graph that have an effect on the scores, or make weights for one that has.
    """
    return tuple(
        Parameter(
            name=stored.name,
            shape=tuple(tensor.shape),
            elements=elements(tensor),
            trainable=stored.trainable,
            used=any(reader in effective for reader in train.flow.readers.get(1 + number, ())),
        )
        for number, (stored, tensor) in enumerate(zip(program.capture.stored, program.tensors, strict=True))
        if stored.kind == "parameter"
    )


def elements(tensor: Tensor) -> int:
    """Return what a parameter counts for."""
    if tensor.is_complex():
        return 2 * tensor.numel()
    return tensor.numel() * (1 if tensor.is_floating_point() else tensor.element_size())
