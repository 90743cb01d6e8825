"""Runs of a graph that keep every value, and runs again from a changed one."""

import math
from collections.abc import Iterable, Mapping

import msgspec
import torch
from torch import Tensor

from netgrade.facts.flow import Flow, downstream, flow
from netgrade.program.operators import base, family
from netgrade.program.program import Mode, Program
from netgrade.program.run import Context, Step, apply

_MOMENTUM = 6
"""Place of the momentum among batch_norm's arguments."""
_BORDER = 2
_DRAWING = frozenset({"rrelu", "fractional_max_pool2d", "scaled_dot_product_attention"})


class Trial(msgspec.Struct, frozen=True):
    """One graph, run once on one batch with one set of tensors."""

    mode: Mode
    steps: tuple[Step, ...]
    flow: Flow
    batch: int
    stored: int
    parameters: frozenset[int]
    """The values that are parameters."""
    values: dict[int, Tensor]
    """Every value by its number: 0 the images, then the stored tensors, then what the nodes made."""

    @property
    def scores(self) -> Tensor:
        """What comes out."""
        return self.values[self.flow.output]


def run(program: Program, mode: Mode, images: Tensor, tensors: list[Tensor], *, seed: int = 0) -> Trial:
    """Run a graph and keep every value; `tensors` stay as they are.

    What draws random numbers is seeded by its own position, so that a changed run draws the same.
    """
    graph = program.graph(mode)
    steps = program.steps(mode)
    way = flow(graph, len(tensors))
    counted = frozenset(1 + number for number, item in enumerate(program.capture.stored) if item.kind == "parameter")
    values = _start(images, tensors)
    trial = Trial(mode, steps, way, images.shape[0], len(tensors), counted, values)
    return _fill(trial, seed)


def again(trial: Trial, images: Tensor, tensors: list[Tensor], *, seed: int = 0) -> Trial:
    """Run a trial's graph on other images, tensors or random numbers."""
    values = _start(images, tensors)
    return _fill(msgspec.structs.replace(trial, batch=images.shape[0], values=values), seed)


def _start(images: Tensor, tensors: Iterable[Tensor]) -> dict[int, Tensor]:
    """Number the values that a run begins with; batch norm may change its copies of the running statistics."""
    return dict(enumerate((images, *(tensor.detach().clone() for tensor in tensors))))


def _fill(trial: Trial, seed: int) -> Trial:
    with torch.no_grad():
        for position in range(len(trial.steps)):
            _apply(trial, position, trial.values, seed)
    return trial


def rerun(trial: Trial, changes: Mapping[int, Tensor]) -> Tensor:
    """Return the scores with some values put in the place of those that were made."""
    values = trial.values | dict(changes)
    with torch.no_grad():
        for position in sorted(downstream(trial.flow, changes) & trial.flow.reaching):
            _apply(trial, position, values, 0, keep=changes)
    result: Tensor = values[trial.flow.output]
    return result


def _apply(trial: Trial, position: int, values: dict[int, Tensor], seed: int, *, keep: Iterable[int] = ()) -> None:
    step = trial.steps[position]
    if may_draw(step):
        torch.default_generator.manual_seed(1_000_003 * seed + position)  # torch.manual_seed looks for devices, too
    made = apply(step, values, Context(trial.batch, values[0].device))
    values.update(
        (value, result) for value, result in zip(trial.flow.results[position], made, strict=True) if value not in keep
    )


def may_draw(step: Step) -> bool:
    """Tell whether a node may draw random numbers."""
    return family(step.node.op) in ("dropout", "draw") or base(step.node.op) in _DRAWING


def distance(one: Tensor, other: Tensor) -> float:
    """Return the largest difference between two values, relative to the spread of the first; inf for unlike shapes."""
    if one.shape != other.shape:
        return math.inf
    if not one.numel():
        return 0.0
    if not torch.equal(one.isfinite(), other.isfinite()):
        return math.inf
    gap = (one.double() - other.double()).abs().nan_to_num(0.0, 0.0, 0.0).max()
    finite = one.double().nan_to_num(0.0, 0.0, 0.0)
    return float(gap / (finite - finite.mean()).abs().max().clamp(min=1e-12))


def redrawn(program: Program, seed: int) -> list[Tensor]:
    """Return the stored tensors with every trainable one drawn anew, at the scale that keeps signals alive.

    A head that starts at zero or a LayerScale of 1e-6 takes part then, as it does once it is trained; a frozen factor
    of 1e-12 stays what it is. Matrices and kernels are normal with variance 2 / fan-in (He et al., 2015), vectors and
    scalars uniform between 0.5 and 1.5.
    """
    generator = torch.Generator().manual_seed(seed)
    return [
        _draw(tensor, generator) if stored.trainable else tensor.clone()
        for stored, tensor in zip(program.capture.stored, program.tensors, strict=True)
    ]


def settled(program: Program, tensors: list[Tensor], batch: Tensor) -> list[Tensor]:
    """Return the tensors with the running statistics of one batch, as training would leave them.

    Fresh ones (mean 0, variance 1) let a deep network of redrawn weights die out in eval mode.
    """
    trial = run(program, "train", batch, tensors)
    steps = tuple(_without_momentum(step) for step in trial.steps)
    filled = again(msgspec.structs.replace(trial, steps=steps), batch, tensors)
    return [filled.values[1 + number] for number in range(len(tensors))]


def _without_momentum(step: Step) -> Step:
    """Let a batch norm forget all earlier batches."""
    args = step.node.args
    if base(step.node.op) != "batch_norm" or len(args) <= _MOMENTUM:
        return step
    node = msgspec.structs.replace(step.node, args=(*args[:_MOMENTUM], 1.0, *args[_MOMENTUM + 1 :]))
    return msgspec.structs.replace(step, node=node)


def _draw(tensor: Tensor, generator: torch.Generator) -> Tensor:
    if tensor.dim() < 2:  # noqa: PLR2004 - below a matrix: a bias, a scale
        return torch.rand(tensor.shape, generator=generator).add(0.5).to(tensor.dtype)
    fan_in = max(1, tensor.numel() // max(1, tensor.shape[0]))
    return torch.randn(tensor.shape, generator=generator).mul(math.sqrt(2.0 / fan_in)).to(tensor.dtype)


def images(shape: tuple[int, ...], batch: int, seed: int) -> Tensor:
    """Return random images, batch×C×H×W, that differ as pictures do: in coarse shape, brightness and contrast.

    Their border is blank, like that of a digit.
    """
    generator = torch.Generator().manual_seed(seed)
    noise = torch.randn((batch, *shape), generator=generator)
    if len(shape) != 3 or min(shape[1:]) <= 4 * _BORDER:  # noqa: PLR2004 - C×H×W
        return noise
    coarse = torch.randn((batch, shape[0], 4, 4), generator=generator)
    made = 2 * torch.nn.functional.interpolate(coarse, size=shape[1:], mode="bilinear", align_corners=False)
    made += noise * torch.rand((batch, 1, 1, 1), generator=generator)
    made += torch.randn((batch, 1, 1, 1), generator=generator)
    inside = torch.zeros(shape)
    inside[:, _BORDER:-_BORDER, _BORDER:-_BORDER] = 1
    return torch.where(inside.bool(), made, torch.tensor(-0.5))
