"""What is known of a network, as frozen data.

Everything here is plain numbers, strings and tuples: no torch. The grader child derives it from the rebuilt program,
the rules read it, and nothing else decides a verdict.

Shapes are of one image: the batch dimension, where a value has one, is left out.
"""

from typing import Literal

import msgspec

from netgrade.facts.training import Training

Shape = tuple[int, ...]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where in the student's own source an operator runs."""

    line: int
    cell: int | None = None
    """Number of the notebook's cell, counted from one, if the submission is a notebook."""
    file: str | None = None
    """Name of the file, if it is a sibling of the submission and not the submission itself."""

    def __str__(self) -> str:
        where = f"line {self.line}"
        if self.cell is not None:
            return f"cell {self.cell}, {where}"
        return f"{self.file}, {where}" if self.file else where


class Operator(msgspec.Struct, frozen=True, kw_only=True):
    """One operator as it runs in one of the two graphs, in the order of execution."""

    index: int
    """Position of the node in its graph."""
    op: str
    """ATen name without overload: `conv2d`, `batch_norm`, `adaptive_avg_pool2d`."""
    layer: str
    """Dotted name of the module that runs it, `block1.0`; empty when the network's own forward does."""
    module: str = ""
    """Class name of that module, `Conv2d`."""
    place: Place | None = None
    input: Shape = ()
    """Shape of the first tensor argument."""
    output: Shape = ()
    parameters: int = 0
    """Elements of the parameters that it is the first to read."""
    macs: int | None = 0
    """Multiply-accumulates for one image; None where the operator isn't known to the fact."""
    field: int | None = None
    """Receptive field of one output position along the longer axis, in pixels of the image; None where unknown."""
    effective: bool = False
    """Perturbing its output changes the scores."""
    reads: tuple[int, ...] = ()
    """Indices of the operators whose results it takes, each once; none where it takes the image or tensors alone."""

    kernel: Shape = ()
    """Convolution and pooling: size of the window along each axis."""
    stride: Shape = ()
    padding: Shape = ()
    dilation: Shape = ()
    groups: int = 1
    channels: tuple[int, int] | None = None
    """Convolution, linear, and a product with a factor made of parameters alone: input and output channels."""
    rate: float | None = None
    """Dropout: the probability that an element is dropped."""
    training: bool | None = None
    """Dropout: it draws. Batch norm: it uses the batch's own statistics."""


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """An operator that averages a map, and what it really averages."""

    operator: int
    """Index of the operator that ends it."""
    op: str
    layer: str
    module: str = ""
    place: Place | None = None
    kind: Literal["global", "partial", "single", "gate", "local"]
    """`global`: the whole map, on the way to the scores. `partial`: it leaves one value a channel, but of a part of
    the map. `single`: the map was 1×1 already. `gate`: the whole map, but only to weigh a map (attention). `local`: it
    leaves a map."""
    input: Shape
    """The map that is averaged: channels, height, width."""
    window: Shape = ()
    """Height and width of the part that is averaged, where the operator states it."""
    effective: bool = False


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two graphs, train or eval."""

    operators: tuple[Operator, ...]
    pools: tuple[Pool, ...] = ()


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter tensor, counted once whatever the number of its names."""

    name: str
    shape: Shape
    elements: int
    trainable: bool
    used: bool
    """The scores of the train graph depend on it."""


class HiddenWeight(msgspec.Struct, frozen=True, kw_only=True):
    """A tensor on the way to the scores that depends neither on the input nor on a counted parameter."""

    origin: Literal["buffer", "constant", "draw", "table"]
    """A registered buffer; a tensor kept elsewhere; a random draw; a table that an operator makes (arange, sin …)."""
    name: str
    """The buffer's name, or the operator that makes it."""
    elements: int
    place: Place | None = None
    """Where it meets the input."""


class Scores(msgspec.Struct, frozen=True, kw_only=True):
    """What comes out, in eval mode."""

    shapes: dict[int, Shape]
    """Batch size to the whole shape, batch dimension included, for batches of 1, 5 and 8."""
    raises: dict[int, str] = {}
    """Batch size to what the network raises on such a batch, which has no shape then."""
    kind: Literal["logits", "log-probabilities", "probabilities", "log-probabilities over the batch", "activated"]
    """`activated`: an activation that cuts off or squashes stands on the scores; `operator` names it."""
    operator: str = ""
    """The operator that gives the scores their kind: `softmax`, `relu`; empty for logits."""
    place: Place | None = None
    finite: bool = True
    deterministic: bool = True
    """Two runs on one input give the same scores."""
    varies_by: float = 0.0
    """The largest difference between those two runs, relative to the spread of the scores."""
    batch_independent: bool = True
    """An image's scores don't depend on which other images are in its batch."""
    leaks: float = 0.0
    """The largest difference that other images make, relative to the spread of the scores."""


class Facts(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """All that the rules may know of one network."""

    network: str
    """Class or factory, as in the file."""
    input_shape: Shape
    parameters: tuple[Parameter, ...]
    hidden: tuple[HiddenWeight, ...]
    train: Graph
    eval: Graph
    scores: Scores
    macs: int | None
    """Of one image; None where an operator is unknown to the fact."""
    field: int | None
    """Receptive field of the last map before it is pooled or flattened, in pixels; None where unknown."""
    unknown: tuple[str, ...] = ()
    """Operators on the path to the scores that `macs` or `field` has no formula for."""
    training: Training | None = None
    """What training on the assignment's data set has shown; None before it."""
    learning: Training | None = None
    """What a few epochs on the small data set that comes with netgrade have shown; None where nobody asked."""
    unlearned: str = ""
    """Why they have shown nothing, though somebody asked, and not for the network's sake; empty if they have."""

    @property
    def total(self) -> int:
        """Number of parameters, frozen ones included."""
        return sum(parameter.elements for parameter in self.parameters)

    @property
    def trainable(self) -> int:
        """Number of parameters that an optimizer changes."""
        return sum(parameter.elements for parameter in self.parameters if parameter.trainable)

    @property
    def hidden_total(self) -> int:
        """Number of hidden weights."""
        return sum(weight.elements for weight in self.hidden)
