"""Each operator of a graph as a fact: what it is, where it stands, what it does to shapes, and whether it matters."""

from collections.abc import Mapping
from typing import Any, TypedDict

from netgrade.facts.arguments import index, named, pair
from netgrade.facts.field import Field, window
from netgrade.facts.flow import downstream
from netgrade.facts.macs import macs
from netgrade.facts.model import Operator, Place, Shape
from netgrade.facts.trial import Trial
from netgrade.program.model import Node
from netgrade.program.operators import base, family


class Labels(TypedDict):
    """What an operator is called and where it stands."""

    op: str
    layer: str
    module: str
    place: Place | None


def labels(node: Node) -> Labels:
    """Return a node's names, as its capture gives them."""
    site = node.site
    place = None if site.line is None else Place(line=site.line, cell=site.cell, file=site.file)
    return Labels(op=base(node.op), layer=site.layer, module=site.module, place=place)


def operators(trial: Trial, effective: frozenset[int], fields: Mapping[int, Field | None]) -> tuple[Operator, ...]:
    """Return every operator of a graph, in the order of execution.

    Args:
        trial: a run of the graph.
        effective: the nodes that have an effect on the scores.
        fields: the receptive field of each value.
    """
    first_reader: dict[int, int] = {}
    for position, operands in enumerate(trial.flow.operands):
        for value in operands:
            first_reader.setdefault(value, position)
    return tuple(_operator(trial, position, effective, fields, first_reader) for position in range(len(trial.steps)))


def _operator(
    trial: Trial,
    position: int,
    effective: frozenset[int],
    fields: Mapping[int, Field | None],
    first_reader: Mapping[int, int],
) -> Operator:
    step = trial.steps[position]
    operands = trial.flow.operands[position]
    made = trial.flow.results[position][0]
    maker = trial.flow.maker
    field = fields.get(made)
    count = macs(trial, position)
    return Operator(
        index=position,
        input=_shape(trial, operands[0]) if operands else (),
        output=_shape(trial, made),
        parameters=sum(
            trial.values[value].numel()
            for value in set(operands)
            if value in trial.parameters and first_reader[value] == position
        ),
        macs=None if count is None else count // trial.batch,
        field=field.pixels if field else None,
        effective=position in effective,
        reads=tuple(dict.fromkeys(maker[value] for value in operands if value in maker)),
        **labels(step.node),
        **_settings(trial, position),
    )


def _shape(trial: Trial, value: int) -> Shape:
    """Return a value's shape without the batch dimension."""
    shape = tuple(trial.values[value].shape)
    return shape[1:] if shape and shape[0] == trial.batch else shape


def _settings(trial: Trial, position: int) -> dict[str, Any]:
    op = trial.steps[position].node.op
    arguments = named(trial.steps[position])
    return _norm(op, arguments) | _sized(trial, position, arguments)


def _sized(trial: Trial, position: int, arguments: Mapping[str, Any]) -> dict[str, Any]:
    match family(trial.steps[position].node.op):
        case "convolution":
            return _convolution(trial, position, arguments)
        case "linear":
            weight = trial.values[arguments["weight"].index].shape
            return {"channels": (weight[-1], weight[0])}
        case "pool":
            kernel = window(trial, position)
            stated = {name: pair(arguments.get(name) or (), len(kernel)) for name in ("stride", "padding", "dilation")}
            return {"kernel": kernel} | stated
        case "dropout":
            return {"rate": float(arguments["p"]), "training": bool(arguments.get("train"))}
        case "product":
            return _product(trial, position)
        case _:
            return {}


def _norm(op: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    name = {"batch_norm": "training", "instance_norm": "use_input_stats"}.get(base(op))
    return {"training": bool(arguments[name])} if name else {}


def _product(trial: Trial, position: int) -> dict[str, Any]:
    """A product of what depends on the images and a factor that is made of parameters alone is a linear layer."""
    seen = downstream(trial.flow, (0,))
    operands = trial.flow.operands[position]
    from_images = [value for value in operands if value == 0 or trial.flow.maker.get(value, -1) in seen]
    factors = [value for value in operands if value not in from_images and trial.values[value].dim() > 1]
    if len(from_images) != 1 or len(factors) != 1 or not _is_learned(trial, factors[0]):
        return {}
    output = trial.values[trial.flow.results[position][0]].shape
    return {"channels": (trial.values[from_images[0]].shape[-1], output[-1])}


def _is_learned(trial: Trial, value: int) -> bool:
    """Tell whether a value is a parameter or made of one."""
    maker = trial.flow.maker.get(value)
    if maker is None:
        return value in trial.parameters
    return any(_is_learned(trial, operand) for operand in trial.flow.operands[maker])


def _convolution(trial: Trial, position: int, arguments: Mapping[str, Any]) -> dict[str, Any]:
    weight = tuple(trial.values[index(arguments["weight"]) or 0].shape)
    kernel = window(trial, position)
    groups = int(arguments["groups"])
    transposed = "transpose" in trial.steps[position].node.op
    dilation = pair(arguments["dilation"], len(kernel))
    padding = arguments["padding"]
    if isinstance(padding, str):
        padding = tuple(d * (k - 1) // 2 for d, k in zip(dilation, kernel, strict=True)) if padding == "same" else 0
    channels = (weight[0], weight[1] * groups) if transposed else (weight[1] * groups, weight[0])
    return {
        "kernel": kernel,
        "stride": pair(arguments["stride"], len(kernel)),
        "padding": pair(padding, len(kernel)),
        "dilation": dilation,
        "groups": groups,
        "channels": channels,
    }
