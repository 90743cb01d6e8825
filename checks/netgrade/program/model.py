"""The captured program as data: what crosses from the capture child to the trusted side.

A graph is in single assignment. Its values are numbered in one sequence: 0 is the batch of images, 1 to T are the
stored tensors, and every node's results follow in the order of execution; a node reads only smaller numbers, so a cycle
can't be written down. No name in it ever becomes source text.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

FORMAT = 1

Label = Annotated[str, Meta(max_length=200)]
"""A text that is only ever shown: neutralised by the reports."""
Index = Annotated[int, Meta(ge=0, le=1_000_000)]


class Value(msgspec.Struct, frozen=True, tag="value", forbid_unknown_fields=True):
    """An argument that is a value of the graph."""

    index: Index


class Scaled(msgspec.Struct, frozen=True, tag="scaled", forbid_unknown_fields=True, omit_defaults=True):
    """A whole number in a fixed ratio to the batch size: `batch · times // over`."""

    times: Annotated[int, Meta(ge=1, le=2**31)]
    over: Annotated[int, Meta(ge=1, le=2**10)] = 1

    def at(self, batch: int) -> int:
        """Return the number for a batch."""
        return batch * self.times // self.over


class Named(msgspec.Struct, frozen=True, tag="named", forbid_unknown_fields=True):
    """An argument that JSON has no form for.

    `number` is inf, -inf or nan. `momentum` is the running average of BatchNorm(momentum=None): one over the number of
    training steps so far.
    """

    kind: Literal["dtype", "device", "layout", "memory_format", "number", "momentum"]
    name: Annotated[str, Meta(max_length=40)]


Scalar = None | bool | int | float | str | Value | Scaled | Named
Argument = Scalar | Annotated[tuple[Scalar, ...], Meta(max_length=4096)]


class Site(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where a node comes from. Only ever shown, never believed."""

    layer: Label = ""
    """Dotted module name."""
    module: Label = ""
    """Class name of that module."""
    line: int | None = None
    cell: int | None = None
    file: Label | None = None


class Node(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One operator, applied."""

    op: Annotated[str, Meta(max_length=80)]
    """ATen name and overload: `conv2d.default`."""
    args: Annotated[tuple[Argument, ...], Meta(max_length=32)]
    kwargs: Annotated[dict[Annotated[str, Meta(max_length=40)], Argument], Meta(max_length=16)] = {}
    results: Annotated[int, Meta(ge=1, le=4096)] = 1
    """How many values it makes."""
    grad: bool = True
    """False inside torch.no_grad()."""
    site: Site = Site()


class Graph(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The operators of one forward, in the order of execution."""

    nodes: Annotated[tuple[Node, ...], Meta(max_length=20_000)]
    output: Index
    """The value that is the scores."""


class Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One tensor that lives outside the graph; its data lie in the blob under its position."""

    name: Label
    kind: Literal["parameter", "buffer", "constant"]
    trainable: bool = False
    site: Site = Site()
    """Where a constant is first read."""


class Capture(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One network: its tensors and its two graphs."""

    format: Literal[1]
    network: Label
    input_shape: Annotated[tuple[Annotated[int, Meta(ge=1, le=4096)], ...], Meta(min_length=1, max_length=4)]
    stored: Annotated[tuple[Stored, ...], Meta(max_length=20_000)]
    train: Graph
    eval: Graph
    single: Label = ""
    """What the network raised on a batch of one image; empty if it ran."""


def operands(argument: Argument) -> tuple[int, ...]:
    """Return the values that one argument reads."""
    if isinstance(argument, Value):
        return (argument.index,)
    if isinstance(argument, tuple):
        return tuple(item.index for item in argument if isinstance(item, Value))
    return ()


def reads(node: Node) -> tuple[int, ...]:
    """Return the values that a node reads, in the order of its arguments."""
    return tuple(index for argument in (*node.args, *node.kwargs.values()) for index in operands(argument))
