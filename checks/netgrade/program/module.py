"""A program as a torch module with a child for each node, for tools that look at modules. It is only ever shown."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from torch import Tensor, nn

from netgrade.program.model import Node, operands
from netgrade.program.operators import base
from netgrade.program.program import Mode, Program
from netgrade.program.run import Step, scores

_LONGEST = 40
"""Characters of a name."""


class _Operator(nn.Module):
    """One node."""

    def __init__(self, call: Callable[..., Any]) -> None:
        super().__init__()
        self._operator = call

    def forward(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever the operator takes and makes
        return self._operator(*args, **kwargs)


class _Rebuilt(nn.Module):
    """A whole graph."""

    def __init__(self, output: int, tensors: list[Tensor]) -> None:
        super().__init__()
        self._output = output
        self._tensors = tensors
        self._steps: list[Step] = []

    def forward(self, images: Tensor) -> Tensor:
        return scores(self._steps, self._output, images, self._tensors)


def module(program: Program, mode: Mode) -> nn.Module:
    """Return one graph of a program as a module.

    A child is named like the layer that runs the node, and its class like the operator: `block1_0` is a `Conv2d`. What
    is no letter, digit or underscore in a name of the submission becomes an underscore. A parameter belongs to the
    first child that reads it, and to the whole where this graph reads it nowhere.
    """
    tensors = program.fresh_tensors()
    parameters = {
        number: nn.Parameter(tensor, requires_grad=stored.trainable)
        for number, (stored, tensor) in enumerate(zip(program.capture.stored, tensors, strict=True), 1)
        if stored.kind == "parameter"
    }
    kept = [parameters.get(number, tensor) for number, tensor in enumerate(tensors, 1)]
    title = _safe(program.capture.network) or "Network"
    whole: _Rebuilt = type(title, (_Rebuilt,), {})(program.graph(mode).output, kept)
    children = [(step, type(_title(step.node.op), (_Operator,), {})(step.call)) for step in program.steps(mode)]
    for step, child in children:
        for name, number in _reads(step):
            if number in parameters:
                child.register_parameter(name, parameters.pop(number))
    for number, parameter in parameters.items():
        whole.register_parameter(f"unread_{number}", parameter)
    runs: Counter[str] = Counter()
    for step, child in children:
        whole.add_module(_name(step.node, whole, runs), child)
        whole._steps.append(msgspec.structs.replace(step, call=child))  # noqa: SLF001 - its own maker
    return whole


def _reads(step: Step) -> Iterator[tuple[str, int]]:
    """Yield the values that a node reads, under the names of the operator's own arguments."""
    named = zip((argument.name for argument in step.call._schema.arguments), step.node.args, strict=False)  # type: ignore[attr-defined]  # noqa: SLF001 - the schema is an operator's only description
    for name, argument in (*named, *step.node.kwargs.items()):
        indices = operands(argument)
        for position, index in enumerate(indices):
            yield name if len(indices) == 1 else f"{name}_{position}", index


def _name(node: Node, whole: nn.Module, runs: Counter[str]) -> str:
    """Return a name that is free: `conv1`, and `conv1_2` where the layer runs a second node."""
    begin = _safe(node.site.layer) or base(node.op)
    runs[begin] += 1
    name = begin if runs[begin] == 1 else f"{begin}_{runs[begin]}"
    while hasattr(whole, name):
        runs[begin] += 1
        name = f"{begin}_{runs[begin]}"
    return name


def _title(op: str) -> str:
    """Return `MaxPool2d` for `max_pool2d.default`: torchinfo knows a convolution by its class."""
    return "".join(word.capitalize() for word in base(op).split("_"))


def _safe(name: str) -> str:
    return re.sub(r"\W", "_", name)[:_LONGEST]
