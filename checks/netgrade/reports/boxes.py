"""A network as the boxes of a drawing: a layer with what follows it alone, what it takes, and its block."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import msgspec

from netgrade.facts.model import Facts, Operator, Shape
from netgrade.reports.layers import describe, executed, is_layer
from netgrade.rules.vocabulary import Word, word

IMAGE = -1
"""Stands for the image among the sources of a box."""

_DECORATION: frozenset[Word] = frozenset({
    "batch-norm", "dropout", "elu", "gelu", "group-norm", "hardswish", "instance-norm", "layer-norm", "leaky-relu",
    "log-softmax", "mish", "prelu", "relu", "relu6", "selu", "sigmoid", "silu", "softmax", "tanh",
})  # fmt: skip
"""Words for what is drawn inside of the box before it, where nothing else reads that box's result."""


class Box(msgspec.Struct, kw_only=True):
    """One box; it grows while the graph is read, and is left alone after that."""

    layer: str
    """Dotted name of the module; empty where the network's own forward does it."""
    what: str
    """`conv 3×3`"""
    more: list[str]
    """`batch norm`, `relu`: what is done to the result before it goes on."""
    shape: Shape
    field: int | None
    sources: tuple[int, ...]
    """Positions of the boxes whose results it takes; `IMAGE` for the image."""
    block: str = ""
    """The part of the network that it shares with its neighbours; empty where it stands alone."""


class Link(NamedTuple):
    """A connection that passes at least one box by, and the lane beside the boxes that it takes."""

    start: int
    end: int
    lane: int


def boxes(facts: Facts) -> list[Box]:
    """Return the boxes of the eval graph as they run; a dropout of the train graph alone is in them too."""
    operators = facts.eval.operators
    evaluated = {id(operator) for operator in operators}
    reads = _reads(operators)
    readers = Counter(index for indices in reads.values() for index in indices)
    found: list[Box] = []
    origin: dict[int, frozenset[int]] = {}
    for operator in executed(facts):
        if id(operator) not in evaluated:
            if found:
                found[-1].more.append(describe(operator))
            continue
        read = reads[operator.index]
        come = frozenset[int]().union(*(origin.get(index, {IMAGE}) for index in read)) or frozenset({IMAGE})
        decorates = word(operator) in _DECORATION and len(read) == 1 and readers[read[0]] == 1
        if decorates and len(come) == 1 and IMAGE not in come:
            _decorate(found[next(iter(come))], operator)
        elif len(come) > 1 or word(operator) in _DECORATION or is_layer(operator, facts):
            found.append(_box(operator, tuple(sorted(come))))
            come = frozenset({len(found) - 1})
        origin[operator.index] = come
    _name_blocks(found)
    return found


def links(found: Sequence[Box]) -> list[Link]:
    """Return what passes boxes by; two that overlap take different lanes."""
    free: list[int] = []
    made = sorted((start, end) for end, box in enumerate(found) for start in box.sources if end - start > 1)
    numbered = []
    for start, end in made:
        lane = next((lane for lane, until in enumerate(free) if until <= start), len(free))
        free[lane : lane + 1] = [end]
        numbered.append(Link(start, end, lane))
    return numbered


def _reads(operators: Sequence[Operator]) -> dict[int, tuple[int, ...]]:
    """Return what each operator reads; where nothing is known of it, the operator before it."""
    if any(operator.reads for operator in operators):
        return {operator.index: operator.reads for operator in operators}
    before: tuple[int, ...] = ()
    chain = {}
    for operator in operators:
        chain[operator.index] = before
        before = (operator.index,)
    return chain


def _box(operator: Operator, sources: tuple[int, ...]) -> Box:
    return Box(
        layer=" ".join(operator.layer.split()),
        what=describe(operator),
        more=[],
        shape=operator.output,
        field=operator.field,
        sources=sources,
    )


def _decorate(box: Box, operator: Operator) -> None:
    box.more.append(describe(operator))
    box.shape = operator.output


def _name_blocks(found: Sequence[Box]) -> None:
    """Give neighbours that share the first part of their names a block; what all names begin with tells nothing."""
    names = [box.layer.split(".") for box in found]
    depth = _shared([name for name in names if name[0]])
    firsts = [".".join(name[: depth + 1]) for name in names]
    for start, end in _runs(firsts):
        if end - start > 1 and firsts[start]:
            for box in found[start:end]:
                box.block = firsts[start]


def _shared(names: Sequence[Sequence[str]]) -> int:
    """Return how many leading parts all names have in common, their last part left out."""
    depth = 0
    while names and all(len(name) > depth + 1 and name[depth] == names[0][depth] for name in names):
        depth += 1
    return depth


def _runs(keys: Sequence[str]) -> Iterator[tuple[int, int]]:
    start = 0
    for end in range(1, len(keys) + 1):
        if end == len(keys) or keys[end] != keys[start]:
            yield start, end
            start = end
