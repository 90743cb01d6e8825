"""Walks a network's tensors by what nn.Module itself keeps, whatever its methods have been overridden with."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn


def modules(network: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Yield every module once with its dotted name, the network itself first with an empty one."""
    seen: set[int] = set()
    waiting: list[tuple[str, nn.Module]] = [("", network)]
    while waiting:
        name, module = waiting.pop()
        if id(module) in seen:
            continue
        seen.add(id(module))
        yield name, module
        children = module.__dict__.get("_modules", {})
        waiting += [
            (f"{name}.{child}" if name else child, part)
            for child, part in reversed(children.items())
            if isinstance(part, nn.Module)
        ]


def parameters(network: nn.Module) -> Iterator[tuple[str, nn.Parameter]]:
    """Yield every parameter once with its first dotted name, used or not."""
    yield from _kept(network, "_parameters")  # type: ignore[misc]  # nn.Module keeps nothing else there


def buffers(network: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Yield every buffer once with its first dotted name, persistent or not."""
    yield from _kept(network, "_buffers")


def _kept(network: nn.Module, where: str) -> Iterator[tuple[str, Tensor]]:
    seen: set[int] = set()
    for prefix, module in modules(network):
        for name, tensor in module.__dict__.get(where, {}).items():
            if isinstance(tensor, torch.Tensor) and id(tensor) not in seen:
                seen.add(id(tensor))
                yield (f"{prefix}.{name}" if prefix else name), tensor
