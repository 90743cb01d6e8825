"""A pass on the meta device: a bound on a graph's memory, before anything runs.

The grader child runs under a limit of the operating system, which bounds memory at no cost: an allocation beyond it is
an exception. Where there is no such limit this pass takes its place; it costs the import of torch's Python
decompositions, more than a second.
"""

import sys
from collections.abc import Sequence

import torch
from torch import Tensor

from netgrade.program.errors import Refused
from netgrade.program.run import Step, execute

MAX_BYTES = 2 * 1024**3
"""What the values of one forward may take together, for a batch of eight. A ResNet-18 on 3×32×32 takes 0.1 GiB."""


def is_limited() -> bool:
    """Tell whether the operating system bounds this process's memory."""
    if sys.platform == "win32":
        return False
    import resource  # noqa: PLC0415 - Windows has no such module

    return resource.getrlimit(resource.RLIMIT_DATA)[0] != resource.RLIM_INFINITY


def check_memory(program: Sequence[Step], input_shape: Sequence[int], tensors: Sequence[Tensor], *, batch: int) -> None:
    """Compute the size of every value for a batch, allocating nothing.

    Raises:
        Refused: an operator can't run on these shapes, its result's shape depends on values, or the values together
            take more than `MAX_BYTES`.
    """
    images = torch.empty((batch, *input_shape), device="meta")
    stand_ins = tuple(torch.empty_like(tensor, device="meta") for tensor in tensors)
    total = position = 0
    try:
        with torch.no_grad():
            for index, value in execute(program, images, stand_ins):
                position = index
                total += value.numel() * value.element_size()
                if total > MAX_BYTES:
                    raise Refused(too_much(batch, value.shape))
    except (RuntimeError, TypeError, ValueError, IndexError, NotImplementedError, OverflowError) as error:
        raise Refused(cant_run(program, position, len(tensors), batch, error)) from error


def too_much(batch: int, shape: Sequence[int]) -> str:
    """Say that a graph's values take more memory than they may."""
    return (
        f"its values take more than {MAX_BYTES / 1024**3:g} GiB for a batch of {batch}, the limit; "
        f"the one of shape {'×'.join(map(str, shape))} passes it"
    )


def cant_run(program: Sequence[Step], made: int, stored: int, batch: int, error: Exception) -> str:
    """Say which operator failed, after the value `made` was the last that could be computed."""
    op = _operator_after(program, made, stored)
    return f"`{op}` can't run on a batch of {batch}: {(str(error) or type(error).__name__).splitlines()[0][:300]}"


def _operator_after(program: Sequence[Step], made: int, stored: int) -> str:
    """Name the operator that follows the one which made the value `made`."""
    following = 1 + stored
    for step in program:
        if following > made:
            return step.node.op
        following += step.node.results
    return program[-1].node.op if program else "the network"
