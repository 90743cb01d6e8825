"""Receptive field of each value: how many pixels of the image one of its positions sees, along each axis.

For a window of k positions, dilation d and stride s on a map of field r and jump j (the distance in pixels between
neighbouring positions): r' = r + (k - 1) · d · j and j' = j · s (Araujo, Norris and Sim, "Computing Receptive Fields
of Convolutional Neural Networks", Distill, 2019). Where paths meet, the larger field counts; a factor without
positions of its own, as an attention gate has, widens nothing.
"""

from typing import Any

import msgspec

from netgrade.facts.arguments import index, named, pair
from netgrade.facts.trial import Trial
from netgrade.program.operators import Family, base, family


class Field(msgspec.Struct, frozen=True):
    """Field and jump in pixels along height and width, and how many positions the value has there."""

    size: tuple[float, float]
    jump: tuple[float, float]
    extent: tuple[int, int]

    @property
    def pixels(self) -> int:
        """The field along its longer axis."""
        return round(max(self.size))

    @property
    def whole(self) -> "Field":
        """The field of a value that sees every position of this one."""
        seen = tuple(r + (n - 1) * j for r, n, j in zip(self.size, self.extent, self.jump, strict=True))
        return Field((seen[0], seen[1]), self.jump, (1, 1))


_KEEPING: frozenset[Family] = frozenset({
    "activation", "pointwise", "dropout", "softmax", "comparison", "join", "view", "pick", "reduce", "norm",
})  # fmt: skip
_WHOLE: frozenset[Family] = frozenset({"linear", "product", "attention", "sort"})
_WINDOWED: frozenset[Family] = frozenset({"convolution", "pool"})
_MIXING = frozenset({"roll", "flip", "fliplr", "flipud", "rot90", "unfold", "im2col", "col2im", "pixel_unshuffle"})


def fields(trial: Trial) -> dict[int, Field | None]:
    """Return the field of every value that depends on the images; None where an operator has no formula."""
    images = trial.values[0]
    if images.dim() != 4:  # noqa: PLR2004 - N×C×H×W
        return {}
    known: dict[int, Field | None] = {0: Field((1.0, 1.0), (1.0, 1.0), _extent(images.shape))}
    for position in range(len(trial.steps)):
        inputs = [value for value in trial.flow.operands[position] if value in known]
        if not inputs:
            continue
        for value in trial.flow.results[position]:
            known[value] = _after(trial, position, value, {item: known[item] for item in inputs})
    return known


def _after(trial: Trial, position: int, value: int, inputs: dict[int, Field | None]) -> Field | None:
    op = trial.steps[position].node.op
    kind = family(op)
    if any(item is None for item in inputs.values()) or base(op) in _MIXING:
        return None
    before = {item: field for item, field in inputs.items() if field is not None}
    extent = _extent(trial.values[value].shape)
    if kind in _WINDOWED:
        first = next(iter(before))
        return _window(trial, position, before[first], extent)
    if kind == "resize":
        return _resized(next(iter(before.values())), extent)
    if kind in _WHOLE or (kind == "norm" and base(op) in ("group_norm", "layer_norm", "instance_norm")):
        return _merged(list(before.values()), extent, whole=kind in _WHOLE)
    if kind in _KEEPING:
        wide = [field for field in before.values() if field.extent != (1, 1)] or list(before.values())
        return _merged(wide, extent, whole=False)
    return None


def _merged(inputs: list[Field], extent: tuple[int, int], *, whole: bool) -> Field:
    """Join several fields. What has lost its positions sees them all; what was only cut or padded doesn't."""
    seen = [field.whole if whole or (extent == (1, 1) and field.extent != (1, 1)) else field for field in inputs]
    size = tuple(max(field.size[axis] for field in seen) for axis in (0, 1))
    jump = tuple(max(field.jump[axis] for field in seen) for axis in (0, 1))
    return Field((size[0], size[1]), (jump[0], jump[1]), extent)


def _window(trial: Trial, position: int, before: Field, extent: tuple[int, int]) -> Field | None:
    arguments = named(trial.steps[position])
    op = base(trial.steps[position].node.op)
    if op.startswith("adaptive"):
        return _adaptive(before, extent)
    if op not in ("conv2d", "conv_transpose2d", "avg_pool2d", "max_pool2d", "max_pool2d_with_indices"):
        return None
    kernel = window(trial, position)
    stride = pair(arguments.get("stride") or kernel, 2) or kernel
    dilation = pair(arguments.get("dilation", 1), 2)
    if op == "conv_transpose2d":
        jump = tuple(j / s for j, s in zip(before.jump, stride, strict=True))
        reach = tuple(((k - 1) * d // s) for k, d, s in zip(kernel, dilation, stride, strict=True))
        size = tuple(r + n * j for r, n, j in zip(before.size, reach, before.jump, strict=True))
    else:
        jump = tuple(j * s for j, s in zip(before.jump, stride, strict=True))
        reach = tuple((k - 1) * d for k, d in zip(kernel, dilation, strict=True))
        size = tuple(r + n * j for r, n, j in zip(before.size, reach, before.jump, strict=True))
    return Field((size[0], size[1]), (jump[0], jump[1]), extent)


def window(trial: Trial, position: int) -> tuple[int, ...]:
    """Return the size of a convolution's or pool's window, one number for each axis."""
    arguments = named(trial.steps[position])
    weight = index(arguments.get("weight"))
    if weight is not None:
        return tuple(trial.values[weight].shape[2:])
    axes = 1 if base(trial.steps[position].node.op).endswith("1d") else 2
    return pair(arguments.get("kernel_size", ()), axes)


def _adaptive(before: Field, extent: tuple[int, int]) -> Field:
    """Adaptive pooling from n to m positions takes windows of at most n // m + (n % m > 0) + (a shift of one)."""
    size, jump = [], []
    for axis in (0, 1):
        n, m = before.extent[axis], max(1, extent[axis])
        widest = max(-(-((i + 1) * n) // m) - (i * n) // m for i in range(m))
        size.append(before.size[axis] + (widest - 1) * before.jump[axis])
        jump.append(before.jump[axis] * n / m)
    return Field((size[0], size[1]), (jump[0], jump[1]), extent)


def _resized(before: Field, extent: tuple[int, int]) -> Field:
    """Interpolation draws on two neighbours where it enlarges; its positions lie closer together."""
    jump = tuple(j * n / max(1, m) for j, n, m in zip(before.jump, before.extent, extent, strict=True))
    size = tuple(
        r + (j if m != n else 0) for r, j, n, m in zip(before.size, before.jump, before.extent, extent, strict=True)
    )
    return Field((size[0], size[1]), (jump[0], jump[1]), extent)


def _extent(shape: Any) -> tuple[int, int]:  # noqa: ANN401 - torch.Size is a tuple to everyone but mypy
    """Height and width of a map; a sequence counts as one column of positions."""
    if len(shape) == 4:  # noqa: PLR2004 - N×C×H×W
        return int(shape[2]), int(shape[3])
    return (int(shape[2]), 1) if len(shape) == 3 else (1, 1)  # noqa: PLR2004 - N×C×L
