"""Runs a graph: a plain loop over its nodes. No source text is ever generated from it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import torch
from torch import Tensor

from netgrade.program.errors import Refused
from netgrade.program.guards import check_shapes
from netgrade.program.model import Argument, Graph, Named, Node, Scaled, Value, reads
from netgrade.program.operators import base, family, overload
from netgrade.program.signature import check_arguments

_NUMBERS = {"inf": float("inf"), "-inf": float("-inf"), "nan": float("nan")}


class Context(msgspec.Struct, frozen=True):
    """What an argument may depend on besides the values: images in the batch, their device, training steps so far."""

    batch: int
    device: torch.device
    steps: int = 1


class Step(msgspec.Struct, frozen=True):
    """A node, ready to run."""

    node: Node
    call: Callable[..., Any]
    last: tuple[int, ...] = ()
    """Values that nobody reads after it."""


def steps(graph: Graph, stored: int) -> tuple[Step, ...]:
    """Check a graph and look its operators up.

    Args:
        graph: the graph as decoded.
        stored: the number of stored tensors, whose values precede the nodes'.

    Raises:
        Refused: an operator off the allow-list, an argument against its schema, a value read before it is made.
    """
    known = 1 + stored
    calls = []
    for node in graph.nodes:
        if any(index >= known for index in reads(node)):
            raise Refused(f"`{node.op}` reads a value that is made after it")
        call = overload(node.op)
        schema = call._schema  # noqa: SLF001 - the schema is an operator's only description
        check_arguments(node, schema)
        _check_state(node, schema, stored)
        calls.append((_on_device(node, schema), call))
        known += node.results
    if graph.output >= known:
        raise Refused("the scores are a value that no operator makes")
    lasts = _last_readers(graph)
    return tuple(Step(node, call, lasts.get(position, ())) for position, (node, call) in enumerate(calls))


def _on_device(node: Node, schema: Any) -> Node:  # noqa: ANN401 - torch's FunctionSchema has no public type
    """Make an operator that would choose its own device follow the images, on meta too."""
    if family(node.op) not in ("make", "draw") or all(argument.name != "device" for argument in schema.arguments):
        return node
    return msgspec.structs.replace(node, kwargs=node.kwargs | {"device": Named("device", "cpu")})


def _check_state(node: Node, schema: Any, stored: int) -> None:  # noqa: ANN401 - torch's FunctionSchema has no public type
    """Running statistics that are changed in place must be stored tensors and no view of anything else."""
    if base(node.op) not in ("batch_norm", "instance_norm"):
        return
    names = [argument.name for argument in schema.arguments]
    given = dict(zip(names, node.args, strict=False)) | node.kwargs
    if given.get("training", given.get("use_input_stats")) is False:
        return
    for name in ("running_mean", "running_var"):
        value = given.get(name)
        if value is not None and not (isinstance(value, Value) and 1 <= value.index <= stored):
            raise Refused(f"`{node.op}` keeps its {name} in a value that is not a buffer")


def _last_readers(graph: Graph) -> dict[int, tuple[int, ...]]:
    reader = {index: position for position, node in enumerate(graph.nodes) for index in reads(node)}
    reader.pop(graph.output, None)
    lasts: dict[int, list[int]] = {}
    for index, position in reader.items():
        lasts.setdefault(position, []).append(index)
    return {position: tuple(indices) for position, indices in lasts.items()}


def execute(
    program: Sequence[Step], images: Tensor, tensors: Sequence[Tensor], *, training_steps: int = 1
) -> Iterator[tuple[int, Tensor]]:
    """Run the steps on a batch and yield each value with its number as it is made.

    Args:
        program: the checked steps of one graph.
        images: N×C×H×W.
        tensors: the stored tensors, in their order.
        training_steps: this and earlier training forwards, for BatchNorm(momentum=None).
    """
    values: dict[int, Tensor] = dict(enumerate((images, *tensors)))
    context = Context(images.shape[0], images.device, training_steps)
    following = len(values)
    for step in program:
        for result in apply(step, values, context):
            values[following] = result
            yield following, result
            following += 1
        for index in step.last:
            del values[index]


def scores(
    program: Sequence[Step], output: int, images: Tensor, tensors: Sequence[Tensor], *, training_steps: int = 1
) -> Tensor:
    """Run the steps on a batch and return the value `output`; the other arguments are `execute`'s."""
    result = (images, *tensors)[output] if output <= len(tensors) else None
    for index, value in execute(program, images, tensors, training_steps=training_steps):
        if index == output:
            result = value
    if result is None:
        raise Refused("the scores are a value that no operator makes")
    return result


def apply(step: Step, values: dict[int, Tensor], context: Context) -> tuple[Tensor, ...]:
    """Run one step on the values it reads and return its results."""
    node = step.node
    args = [_actual(argument, values, context) for argument in node.args]
    kwargs = {name: _actual(argument, values, context) for name, argument in node.kwargs.items()}
    check_shapes(node.op, args, kwargs)
    if node.grad:
        made = step.call(*args, **kwargs)
    else:
        with torch.no_grad():
            made = step.call(*args, **kwargs)
    results = (made,) if isinstance(made, Tensor) else tuple(made)
    if len(results) != node.results:
        raise Refused(f"`{node.op}` makes {len(results)} values, not {node.results}")
    return results


def _actual(argument: Argument, values: dict[int, Tensor], context: Context) -> Any:  # noqa: ANN401 - any type of a schema
    if isinstance(argument, Value):
        return values[argument.index]
    if isinstance(argument, tuple):
        return [_actual(item, values, context) for item in argument]
    if isinstance(argument, Scaled):
        return argument.at(context.batch)
    if isinstance(argument, Named):
        return _named(argument, context)
    return argument


def _named(argument: Named, context: Context) -> Any:  # noqa: ANN401 - a dtype, a layout, a number …
    if argument.kind == "device":
        return context.device
    if argument.kind == "number":
        return _NUMBERS[argument.name]
    if argument.kind == "momentum":
        return 1.0 / context.steps
    return getattr(torch, argument.name)
