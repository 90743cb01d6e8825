"""Dropout as it is trained on the CPU: four elements of a mask from each random number.

torch draws one number for each element, one after the other, and a small network's training step feels that. On a GPU
its own dropout stays: there the numbers are drawn side by side.
"""

import msgspec
import torch
from torch import Tensor

from netgrade.program.model import Node
from netgrade.program.run import Step

_LANES = 4
"""Parts of 16 bits in a random number of 64."""
_PARTS = 1 << 16
"""Values of a part. Rates are rounded to the nearest multiple of one in so many."""


def quick(step: Step) -> Step:
    """Let a dropout that drops something take its mask from `dropout`; every other step stays as it is."""
    drops = step.node.op == "dropout.default" and 0 < _dropped(step.node) < _PARTS
    return msgspec.structs.replace(step, call=dropout) if drops else step


def dropout(values: Tensor, rate: float, training: bool) -> Tensor:  # noqa: FBT001 - the operator's own signature
    """Set each value to zero with a probability, and divide the others by the probability to be kept.

    Args:
        values: of any shape, on the CPU.
        rate: the probability, rounded to a multiple of 1 / 65,536.
        training: only then is anything changed.
    """
    if not training:
        return values
    dropped = _rounded(rate)
    mask = torch.empty_like(values, requires_grad=False)  # dense, and in the memory order of the values
    numbers = torch.empty(-(-values.numel() // _LANES), dtype=torch.int64).random_(-(2**63), None)
    kept = numbers.view(torch.int16)[: values.numel()] >= dropped - _PARTS // 2
    mask.as_strided(kept.shape, (1,)).copy_(kept).mul_(_PARTS / (_PARTS - dropped))
    return values * mask


def _dropped(node: Node) -> int:
    """Return how many of the 65,536 values of a part drop an element; 0 outside of training."""
    match node.args:
        case (_, int() | float() as rate, True):
            return _rounded(rate)
        case _:
            return 0


def _rounded(rate: float) -> int:
    return round(rate * _PARTS)
