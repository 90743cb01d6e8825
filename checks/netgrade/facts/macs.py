"""Multiply-accumulates of each node: a table from operator to a small function over shapes.

Convolutions, linear layers and matrix products count; additions, activations and norms don't. Twice the sum is what
torch's FlopCounterMode calls FLOPs.
"""

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

from netgrade.facts.arguments import index, named
from netgrade.facts.trial import Trial
from netgrade.program.model import Value
from netgrade.program.operators import base, family

_UNKNOWN = frozenset({"recurrent"})
_UNKNOWN_NAMES = frozenset({"bilinear", "tensordot", "chain_matmul", "cdist", "inner", "outer"})


def macs(trial: Trial, position: int) -> int | None:
    """Return one node's multiply-accumulates for the trial's whole batch; None where no formula is known."""
    op = trial.steps[position].node.op
    if family(op) in _UNKNOWN or base(op) in _UNKNOWN_NAMES:
        return None
    count = _TABLE.get(base(op))
    if count is None:
        return 0
    arguments = named(trial.steps[position])
    shapes = {
        name: tuple(trial.values[value].shape) for name, item in arguments.items() if (value := index(item)) is not None
    }
    output = tuple(trial.values[trial.flow.results[position][0]].shape)
    return count(shapes, output, _listed(arguments, trial))


Shapes = Mapping[str, tuple[int, ...]]
Listed = Mapping[str, Any]


def _listed(arguments: Mapping[str, Any], trial: Trial) -> Listed:
    """Replace lists of values by their shapes, as einsum needs."""
    return {
        name: [tuple(trial.values[part.index].shape) for part in item if isinstance(part, Value)]
        if isinstance(item, tuple) and any(isinstance(part, Value) for part in item)
        else item
        for name, item in arguments.items()
    }


def _convolution(shapes: Shapes, output: tuple[int, ...], _: Listed) -> int:
    """Each output element takes one product for every element of a filter: C_in / groups × the kernel's area."""
    return prod(output) * prod(shapes["weight"][1:])


def _transposed(shapes: Shapes, _: tuple[int, ...], __: Listed) -> int:
    """Each input element is spread over C_out / groups × the kernel's area."""
    return prod(shapes["input"]) * prod(shapes["weight"][1:])


def _linear(shapes: Shapes, output: tuple[int, ...], _: Listed) -> int:
    return prod(output) * shapes["weight"][-1]


def _product(left: str) -> Callable[[Shapes, tuple[int, ...], Listed], int]:
    return lambda shapes, output, _: prod(output) * shapes[left][-1]


def _batched_sum(shapes: Shapes, output: tuple[int, ...], _: Listed) -> int:
    return prod(output) * shapes["batch1"][-1] * shapes["batch1"][0]


def _einsum(_: Shapes, __: tuple[int, ...], listed: Listed) -> int:
    """One product for every combination of all indices, as one contraction; a single operand takes none."""
    left = listed["equation"].replace(" ", "").split("->")[0].split(",")
    operands = listed["tensors"]
    if len(operands) < 2:  # noqa: PLR2004 - a product takes two
        return 0
    sizes: dict[str, int] = {}
    for letters, shape in zip(left, operands, strict=True):
        if "." in letters:
            before, after = letters.split("...")
            inner = shape[len(before) : len(shape) - len(after)]
            sizes |= dict(zip(before, shape, strict=False)) | dict(
                zip(after, shape[len(shape) - len(after) :], strict=True)
            )
            sizes |= {f"...{n}": max(size, sizes.get(f"...{n}", 1)) for n, size in enumerate(reversed(inner))}
        else:
            sizes |= {letter: max(size, sizes.get(letter, 1)) for letter, size in zip(letters, shape, strict=True)}
    return prod(sizes.values())


def _attention(shapes: Shapes, output: tuple[int, ...], _: Listed) -> int:
    """Queries with keys, then weights with values: two matrix products."""
    lengths = prod(shapes["query"][:-1]) * shapes["key"][-2]
    return lengths * shapes["query"][-1] + lengths * output[-1]


_TABLE: dict[str, Callable[[Shapes, tuple[int, ...], Listed], int]] = {
    "conv1d": _convolution,
    "conv2d": _convolution,
    "conv3d": _convolution,
    "conv_transpose1d": _transposed,
    "conv_transpose2d": _transposed,
    "conv_transpose3d": _transposed,
    "linear": _linear,
    "matmul": _product("self"),
    "mm": _product("self"),
    "bmm": _product("self"),
    "mv": _product("self"),
    "dot": lambda shapes, _, __: prod(shapes["self"]),
    "addmm": _product("mat1"),
    "addmv": _product("mat"),
    "baddbmm": _product("batch1"),
    "addbmm": _batched_sum,
    "einsum": _einsum,
    "scaled_dot_product_attention": _attention,
}
