"""The table of a network's layers as they run, one row an operator."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from netgrade.facts.model import Facts, Operator, Place, Shape
from netgrade.rules.vocabulary import word
from netgrade.rules.wording import size

_SHOWN = frozenset({
    "attention", "average-pool", "batch-norm", "conv", "dropout", "group-norm", "instance-norm", "layer-norm", "linear",
    "log-softmax", "max-pool", "recurrent", "softmax", "transposed-conv", "upsample",
})  # fmt: skip
"""Words for operators that are layers to a reader. Activations and mere changes of shape are left out."""

_HEAD, _TAIL, _LONGEST = 3, 2, 8
_NARROWEST = 12
"""Characters that a cut column keeps."""


class Row(NamedTuple):
    """One line of the table, as text."""

    line: str
    layer: str
    operator: str
    output: str
    parameters: str
    field: str
    macs: str


_TITLES = Row("line", "layer", "operator", "output", "parameters", "field", "MACs")


def table(facts: Facts, *, verbosity: int, width: int, marked: Collection[Place] = ()) -> Iterator[str]:
    """Yield the lines of the table, its title and its total included.

    Args:
        facts: What is known of the network.
        verbosity: 0 shortens a long table, 1 shows every layer, 2 every operator.
        width: Of the terminal, in characters; the names of layers are cut to it.
        marked: Places whose layers are shown even in a shortened table.
    """
    operators = [operator for operator in executed(facts) if verbosity > 1 or is_layer(operator, facts)]
    kept = [
        verbosity > 0
        or len(operators) <= _LONGEST
        or not _HEAD <= index < len(operators) - _TAIL
        or operator.place in marked
        for index, operator in enumerate(operators)
    ]
    total = Row("", "total", "", "", f"{facts.total:,}", "", _number(facts.macs))
    rows = [row(operator) for operator, keep in zip(operators, kept, strict=True) if keep]
    shape = _columns([_TITLES, *rows, total], width)
    lines = iter([_line(each, shape) for each in rows])
    yield _line(_TITLES, shape)
    left_out = 0
    for keep in kept:
        if keep and left_out:
            yield _gap(left_out, shape)
        left_out = 0 if keep else left_out + 1
        if keep:
            yield next(lines)
    yield _line(total, shape)


def executed(facts: Facts) -> list[Operator]:
    """Return the operators of the eval graph, and where it has no dropout those of the train graph, as they run."""
    operators = list(facts.eval.operators)
    dropouts = Counter(_site(operator) for operator in operators if word(operator) == "dropout")
    position = 0
    for operator in facts.train.operators:
        site = _site(operator)
        if word(operator) == "dropout" and not dropouts[site]:
            operators.insert(position, operator)
            position += 1
            continue
        dropouts[site] -= 1
        later = (index for index in range(position, len(operators)) if _site(operators[index]) == site)
        position = next(later, position - 1) + 1
    return operators


def is_layer(operator: Operator, facts: Facts) -> bool:
    """Whether a reader would call it a layer: it has parameters, multiplies, or is a pool, a norm or a dropout."""
    pools = {pool.operator for pool in facts.eval.pools}
    return bool(operator.parameters or operator.macs or word(operator) in _SHOWN or operator.index in pools)


def row(operator: Operator) -> Row:
    """Return the texts of one operator."""
    return Row(
        line=where(operator.place),
        layer=" ".join(operator.layer.split()) or "–",
        operator=describe(operator),
        output=size(operator.output) or "–",
        parameters=_number(operator.parameters),
        field=_number(operator.field),
        macs="?" if operator.macs is None else _number(operator.macs),
    )


def where(place: Place | None) -> str:
    """Return `24`, in a notebook `7:24`, in a sibling `blocks.py:24`."""
    if place is None:
        return "–"
    prefix = place.cell or place.file
    return f"{prefix}:{place.line}" if prefix else str(place.line)


def describe(operator: Operator) -> str:
    """Return what an operator does in a few words: `conv 3×3, stride 2`, `depthwise 3×3`, `dropout 0.1`."""
    match word(operator):
        case "conv" | "transposed-conv" as kind:
            return _windowed(_convolution(operator, kind), operator)
        case "max-pool" | "average-pool" as kind:
            name = kind.replace("-", " ")
            return f"{name} to {size(operator.output[1:])}" if "adaptive" in operator.op else _windowed(name, operator)
        case "linear" if operator.channels:
            return f"linear {operator.channels[0]}→{operator.channels[1]}"
        case "dropout" if operator.rate is not None:
            return f"{operator.op.removeprefix('native_').replace('_', ' ')} {operator.rate:g}"
        case "log-softmax" as kind:
            return kind
        case kind:
            return (kind or operator.op).replace("-", " ").replace("_", " ")


def _convolution(operator: Operator, kind: str) -> str:
    if kind == "conv" and operator.channels and 1 < operator.groups == operator.channels[0]:
        return "depthwise"
    name = kind.replace("-", " ")
    return f"{name} in {operator.groups} groups" if operator.groups > 1 else name


def _windowed(name: str, operator: Operator) -> str:
    """Return the name with the window, and with stride and dilation where they are not the usual ones."""
    axes = 2 if operator.op.endswith("2d") else 1
    window = operator.kernel * axes if len(operator.kernel) == 1 else operator.kernel
    usual = {1} if "conv" in operator.op else set(window)
    parts = [f"{name} {size(window)}"]
    if operator.stride and set(operator.stride) != usual:
        parts.append(f"stride {_short(operator.stride)}")
    if operator.dilation and set(operator.dilation) != {1}:
        parts.append(f"dilation {_short(operator.dilation)}")
    return ", ".join(parts)


def _short(steps: Shape) -> str:
    return size(steps[:1] if len(set(steps)) == 1 else steps)


def _site(operator: Operator) -> tuple[str, str, Place | None]:
    return operator.op, operator.layer, operator.place


def _number(value: int | None) -> str:
    return f"{value:,}" if value else "–"


def _columns(rows: Sequence[Row], width: int) -> list[int]:
    """Return the width of each column; where they don't fit, names of layers and of operators give way."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for column, least in ((1, 2 * _NARROWEST), (2, _NARROWEST), (1, _NARROWEST)):
        spare = width - (sum(widths) + 2 * len(widths))
        widths[column] = max(min(widths[column], least), widths[column] + min(spare, 0))
    return widths


def _line(cells: Row, widths: Sequence[int]) -> str:
    line, layer, operator, *numbers = cells
    cut = layer if len(layer) <= widths[1] else "…" + layer[1 - widths[1] :]
    short = operator if len(operator) <= widths[2] else operator[: widths[2] - 1] + "…"
    texts = [line.rjust(widths[0]), cut.ljust(widths[1]), short.ljust(widths[2])]
    texts += [text.rjust(size) for text, size in zip(numbers, widths[3:], strict=True)]
    return "  " + "  ".join(texts).rstrip()


def _gap(rows: int, widths: Sequence[int]) -> str:
    noun = "line" if rows == 1 else "lines"
    return f"  {'…'.rjust(widths[0])}  ({rows} {noun} more with -v)"
