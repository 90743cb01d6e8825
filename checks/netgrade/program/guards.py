"""Checks that torch itself leaves out: without them an operator writes beyond its memory instead of raising."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor

from netgrade.program.errors import Refused
from netgrade.program.operators import base


def check_shapes(op: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """Raise Refused for arguments that the operator would take without a look.

    Args:
        op: the operator, `_weight_norm.default`.
        args: its positional arguments, as it is called with them.
        kwargs: the others, by the names in its schema.
    """
    if base(op) == "_weight_norm":
        _check_weight_norm(*args, **kwargs)


def _check_weight_norm(v: Tensor, g: Tensor, dim: int = 0) -> None:
    """The fast path, for the first and the last dimension, reads a length in `g` for each slice of `v`, unchecked."""
    if dim in (0, v.dim() - 1) and (not v.dim() or g.numel() != v.shape[dim]):
        raise Refused(
            f"`_weight_norm` needs a length for each slice along dimension {dim} of a tensor of shape "
            f"{tuple(v.shape)}, and gets {g.numel()}"
        )
