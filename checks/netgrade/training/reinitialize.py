"""Draws the numbers that a submission came with anew, so that nothing it has learned elsewhere is left.

No graph tells what a parameter is for: a vector may be a bias, a scale, a position's embedding or a temperature that
the scores are divided by, and a scheme by shape (uniform between ±1/√fan-in, else 0) turns honest networks into dead
ones. So a tensor keeps two numbers of its own, its mean and its spread, and each of its elements is drawn anew from a
uniform distribution with these. That is what an initialisation by torch's schemes looks like already, whichever was
chosen, and of trained weights it leaves no more than how large they are.

- A tensor whose elements are all equal says one number, and stays: a norm's ones, a LayerScale's 1e-4, a PReLU's 0.25,
  a last layer of zeros. So does one whose elements hardly differ, as its mean stays. Where a network has more than 64
  such numbers, all unlike, or more than 256 beside its norms' ones and zeros, they could be weights one by one, and are
  drawn from their common mean and spread.
- A norm's weight that isn't all equal was trained, and becomes 1, its bias 0. Running statistics are always those of a
  fresh norm.
- Frozen parameters are drawn like all others: a frozen backbone that was trained elsewhere is nothing but shipped
  weights.
- A buffer, or a constant of the code, of more than 100 elements is drawn if it ends in the kernel of a convolution or
  in the matrix of a product, for it is a weight by another name; whole numbers are put in another order. Smaller ones
  stay, such as a blur or an edge filter that was written by hand, and so do tables that are added or multiplied: a rule
  counts those as hidden weights.
"""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from netgrade.program.model import Graph, Node, Value, reads
from netgrade.program.operators import base, overload
from netgrade.program.program import Program
from netgrade.training.draws import generator

_NORMS = frozenset({"batch_norm", "instance_norm", "group_norm", "layer_norm", "rms_norm"})
_FRESH = {"weight": 1.0, "bias": 0.0, "running_mean": 0.0, "running_var": 1.0}
_WEIGHING = frozenset({
    "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "linear", "bilinear",
    "embedding", "matmul", "__matmul__", "mm", "bmm", "mv", "dot", "addmm", "addmv", "baddbmm", "einsum",
})  # fmt: skip
"""Operators that weigh one of their tensors by another."""

_UNLIKE, _MANY = 64, 256
"""Numbers that may be told by a tensor each: how many that are unlike, and how many at all."""
_CLEAR = 4
"""Standard errors that a mean is away from zero where it tells more than chance does."""
_FILTER = 100
_Fill = Callable[[torch.Generator], float]


def reinitialized(program: Program, seed: int) -> list[Tensor]:
    """Return copies of the stored tensors, drawn anew as this module says.

    Args:
        program: the network.
        seed: of the training; the same one draws the same numbers.
    """
    norms, kernels = _norms(program), _kernels(program)
    common = _common(program, norms)
    drawn = []
    for position, (stored, tensor) in enumerate(zip(program.capture.stored, program.tensors, strict=True)):
        source = generator(seed, "parameter", position)
        argument = norms.get(1 + position, "")
        if argument.startswith("running_") or (argument and stored.kind == "parameter" and not _is_constant(tensor)):
            drawn.append(torch.full_like(tensor, _FRESH[argument]))
        elif stored.kind != "parameter" and (1 + position not in kernels or tensor.numel() <= _FILTER):
            drawn.append(tensor.clone())
        elif common and _tells(tensor):
            drawn.append(torch.full_like(tensor, common(source)))
        else:
            drawn.append(tensor.clone() if _is_constant(tensor) else _drawn(tensor, source))
    return drawn


def _norms(program: Program) -> dict[int, str]:
    """Return which argument of a norm each stored tensor is that is given to one."""
    return {
        value.index: name
        for node in program.capture.train.nodes
        if base(node.op) in _NORMS
        for name, value in _named(node).items()
        if name in _FRESH and 1 <= value.index <= len(program.tensors)
    }


def _named(node: Node) -> dict[str, Value]:
    schema = overload(node.op)._schema  # noqa: SLF001 - the schema is an operator's only description
    names = [argument.name for argument in schema.arguments]
    given = dict(zip(names, node.args, strict=False)) | node.kwargs
    return {name: value for name, value in given.items() if isinstance(value, Value)}


def _kernels(program: Program) -> frozenset[int]:
    """Return the stored tensors that end in what an operator weighs by, however they are reshaped and put together."""
    return frozenset().union(
        *(_weighing(graph, len(program.tensors)) for graph in (program.capture.train, program.capture.eval))
    )


def _weighing(graph: Graph, stored: int) -> frozenset[int]:
    sources: dict[int, frozenset[int] | None] = {0: None}
    """Of each value that depends on stored tensors alone, which; None for one that depends on the images."""
    sources.update({index: frozenset({index}) for index in range(1, stored + 1)})
    found: set[int] = set()
    for node in graph.nodes:
        read = [sources[index] for index in reads(node)]
        if base(node.op) in _WEIGHING:
            found.update(*(each for each in read if each is not None))
        made = None if None in read else frozenset().union(*(each for each in read if each is not None))
        for _ in range(node.results):
            sources[len(sources)] = made
    return frozenset(found)


def _common(program: Program, norms: Mapping[int, str]) -> _Fill | None:
    """Return what draws the one number of a tensor that tells one; None where these numbers stay."""
    numbers, many = set[float](), 0
    for position, (stored, tensor) in enumerate(zip(program.capture.stored, program.tensors, strict=True)):
        if stored.kind == "parameter" and _tells(tensor):
            number = float(_real(tensor).mean())
            numbers.add(number)
            many += not (1 + position in norms and number in _FRESH.values())
    if len(numbers) <= _UNLIKE and many <= _MANY:
        return None
    pooled = torch.tensor(sorted(numbers), dtype=torch.float64)
    return lambda source: float(_drawn(pooled, source)[0])


def _tells(tensor: Tensor) -> bool:
    """Whether a tensor's mean tells a number, for its elements are equal or hardly differ."""
    values = _real(tensor)
    if not values.numel():
        return False
    error = values.std(correction=0) / math.sqrt(values.numel())
    return _is_constant(tensor) or bool(values.mean().abs() > _CLEAR * error)


def _real(tensor: Tensor) -> Tensor:
    return (torch.view_as_real(tensor.resolve_conj()) if tensor.is_complex() else tensor).double()


def _is_constant(tensor: Tensor) -> bool:
    return not tensor.numel() or bool((tensor == tensor.flatten()[0]).all())


def _drawn(tensor: Tensor, source: torch.Generator) -> Tensor:
    """Return a tensor of this mean and spread, or of these whole numbers; what isn't finite in it doesn't count."""
    if not (tensor.is_floating_point() or tensor.is_complex()):
        order = torch.randperm(tensor.numel(), generator=source)
        return tensor.flatten()[order].reshape(tensor.shape)
    if tensor.is_complex():
        return torch.view_as_complex(_drawn(torch.view_as_real(tensor.resolve_conj()), source))
    values = tensor.double()
    finite = values[values.isfinite()]
    mean, spread = (finite.mean(), finite.std(correction=0)) if finite.numel() else (0.0, 0.0)
    drawn = torch.rand(tensor.shape, generator=source, dtype=torch.float64)
    return drawn.mul(2).sub(1).mul(math.sqrt(3) * spread).add(mean).to(tensor.dtype)
