"""Draws every parameter anew, whatever values a submission came with."""

import math

import torch
from torch import Tensor

from netgrade.program.model import Node, Value
from netgrade.program.operators import base, overload
from netgrade.program.program import Program
from netgrade.training.draws import generator

_NORMS = frozenset({"batch_norm", "instance_norm", "group_norm", "layer_norm", "rms_norm"})
_MATRIX = 2
"""Dimensions from which a tensor has a fan-in."""


def reinitialized(program: Program, seed: int) -> list[Tensor]:
    """Return the stored tensors with each parameter drawn by the scheme that torch gives its kind of layer.

    Kernels and matrices are uniform between ±1/√fan-in, and so is a bias beside one; a norm's weight is 1 and its bias
    0 (the defaults of nn.Conv2d, nn.Linear and nn.BatchNorm2d). Running statistics are those of a fresh batch norm.
    Other vectors are 1 where they are called weight or multiply, as a LayerScale does, and 0 else. Frozen parameters
    and constants stay: no training changes them, and hidden weights are counted by a rule.
    """
    roles = _roles(program)
    return [
        _draw(tensor, roles.get(1 + position, ("", 0)), generator(seed, "parameter", position))
        if stored.trainable or roles.get(1 + position, ("", 0))[0] in ("mean", "variance")
        else tensor.clone()
        for position, (stored, tensor) in enumerate(zip(program.capture.stored, program.tensors, strict=True))
    ]


def _roles(program: Program) -> dict[int, tuple[str, int]]:
    """Return what each stored tensor is to the first operator that reads it, and the fan-in beside it."""
    roles: dict[int, tuple[str, int]] = {}
    for node in program.capture.train.nodes:
        named = _named(node)
        weight = named.get("weight")
        fan_in = _fan_in(program.tensors[weight.index - 1]) if weight and _stored(program, weight) else 0
        for name, value in named.items():
            roles.setdefault(value.index, (_role(base(node.op), name), fan_in))
    return roles


def _named(node: Node) -> dict[str, Value]:
    schema = overload(node.op)._schema  # noqa: SLF001 - the schema is an operator's only description
    names = [argument.name for argument in schema.arguments]
    given = dict(zip(names, node.args, strict=False)) | node.kwargs
    return {name: value for name, value in given.items() if isinstance(value, Value)}


def _stored(program: Program, value: Value) -> bool:
    return 1 <= value.index <= len(program.tensors)


def _role(op: str, argument: str) -> str:
    if op in _NORMS:
        norms = {"weight": "one", "bias": "zero", "running_mean": "mean", "running_var": "variance"}
        return norms.get(argument, "")
    if argument == "bias":
        return "bias"
    return "one" if op in ("mul", "multiply", "prelu") else ""


def _fan_in(tensor: Tensor) -> int:
    return tensor.numel() // max(1, tensor.shape[0]) if tensor.dim() >= _MATRIX else 0


def _draw(tensor: Tensor, role: tuple[str, int], source: torch.Generator) -> Tensor:
    kind, beside = role
    if kind in ("one", "variance"):
        return torch.ones_like(tensor) if tensor.dim() < _MATRIX else _uniform(tensor, _fan_in(tensor), source)
    if kind == "bias" and beside:
        return _uniform(tensor, beside, source)
    if tensor.dim() >= _MATRIX:
        return _uniform(tensor, _fan_in(tensor), source)
    return torch.zeros_like(tensor)


def _uniform(tensor: Tensor, fan_in: int, source: torch.Generator) -> Tensor:
    bound = 1 / math.sqrt(max(1, fan_in))
    drawn = torch.rand(tensor.shape, generator=source, dtype=torch.float32)
    return drawn.mul(2 * bound).sub(bound).to(tensor.dtype)
