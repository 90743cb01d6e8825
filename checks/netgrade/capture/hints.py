"""What to do about an exception that a constructor or forward raised, where torch's text tells."""

import re
from collections.abc import Callable, Sequence
from re import Match

from netgrade.capture import mistakes
from netgrade.capture.errors import words

_Shapes = Sequence[tuple[int, ...]]
_Advice = Callable[[Match[str], _Shapes, Sequence[int]], str]
_MAP = 3
"""Dimensions from which a batch is one of maps."""


def hint(error: BaseException, operands: _Shapes, input_shape: Sequence[int]) -> str:
    """Return advice on an exception, or an empty text.

    Args:
        error: what forward, or the constructor, raised.
        operands: shapes of the tensors that the failing operator was given, batch dimension included.
        input_shape: of one image.
    """
    text = words(error)
    for pattern, advice in _TEXTS:
        if found := pattern.search(text):
            return advice(found, operands, input_shape)
    return mistakes.hint(error)


def _channels(found: Match[str], operands: _Shapes, input_shape: Sequence[int]) -> str:
    wanted, given = int(found[1]), int(found[2])
    if operands and operands[0][1:] == tuple(input_shape):
        plural = "s" * (given != 1)
        return f"the images have {given} channel{plural}, the first convolution takes {wanted}: nn.Conv2d({given}, …)"
    return f"this convolution takes {wanted} channels, the map before it has {given}: make it nn.Conv2d({given}, …)"


def _linear(found: Match[str], operands: _Shapes, _: Sequence[int]) -> str:
    given, wanted = found[2], found[3]
    if operands and len(operands[0]) > _MAP - 1:
        return f"a map of {_sizes(operands[0][1:])} arrives at a linear layer; flatten it first, with x.flatten(1)"
    return f"{given} values arrive at a linear layer made for {wanted}: make it nn.Linear({given}, …)"


def _flatten(found: Match[str], operands: _Shapes, _: Sequence[int]) -> str:
    first = found[1].partition(",")[0].strip()
    if operands and first not in ("-1", str(operands[0][0])):
        return f"the batch size is written as {first} there; use -1 or x.size(0), for it is not the same every time"
    if not operands or len(operands[0]) < _MAP - 1:
        return "flatten with x.flatten(1)"
    what = "map" if len(operands[0]) > _MAP - 1 else "tensor"
    values = " × ".join(map(str, operands[0][1:]))
    return f"the {what} has {values} values an image here; flatten with x.flatten(1)"


def _norm(found: Match[str], _: _Shapes, __: Sequence[int]) -> str:
    return f"batch norm is made for {found[2]} channels, the map has {found[1]}: use BatchNorm2d({found[1]})"


def _small(_: Match[str], operands: _Shapes, __: Sequence[int]) -> str:
    size = f" ({'×'.join(map(str, operands[0][2:]))})" if operands and len(operands[0]) >= _MAP else ""
    return f"the map has become smaller than the window{size}: pool less, or pad"


def _unlike(_: Match[str], operands: _Shapes, __: Sequence[int]) -> str:
    shapes = [_sizes(shape[1:]) for shape in operands[:2] if len(shape) > 1]
    if len(set(shapes)) < 2:  # noqa: PLR2004 - two that differ
        return "two tensors of unlike sizes meet there; look at what is added or multiplied"
    return (
        f"{shapes[0]} and {shapes[1]} meet there; where a block's input is added to its output, take it through a 1×1 "
        "convolution of the block's channels and stride first"
    )


def _flat_images(found: Match[str], _: _Shapes, __: Sequence[int]) -> str:
    return f"a convolution takes maps, and here come vectors of {found[1]} values: flatten after the convolutions"


def _dimensions(_: Match[str], operands: _Shapes, __: Sequence[int]) -> str:
    shape = operands[0] if operands else ()
    plural = "s" * (len(shape) != 1)
    seen = f"the tensor has {len(shape)} dimension{plural} there, the batch included; " if shape else ""
    return f"{seen}count dimensions from 0, and the classes of a batch of scores are dimension 1"


def _plain(advice: str) -> _Advice:
    return lambda _, __, ___: advice


_TEXTS: tuple[tuple[re.Pattern[str], _Advice], ...] = tuple(
    (re.compile(pattern), advice)
    for pattern, advice in (
        (r"expected input\[[\d, ]*\] to have (\d+) channels, but got (\d+) channels", _channels),
        (r"shape '\[([^\]]*)\]' is invalid for input of size (\d+)", _flatten),
        (r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)", _linear),
        (r"running_mean should contain (\d+) elements not (\d+)", _norm),
        (r"Kernel size can't be greater than actual input size|Output size is too small", _small),
        (r"The size of tensor a \(\d+\) must match the size of tensor b \(\d+\)", _unlike),
        (r"input to conv2d, but got input of size: \[\d+, (\d+)\]", _flat_images),
        (r"Dimension out of range", _dimensions),
        (
            r"Expected more than 1 value per channel when training",
            _plain("batch norm can't run in train mode on one value a channel"),
        ),
        (
            r"expected 2D or 3D input \(got 4D input\)",
            _plain("BatchNorm1d is for vectors; a map takes BatchNorm2d"),
        ),
        (
            r"expected 4D input \(got [23]D input\)",
            _plain("BatchNorm2d is for maps; a vector takes BatchNorm1d"),
        ),
        (
            r"view size is not compatible with input tensor's size and stride",
            _plain("use x.reshape(…) or x.flatten(1) in place of x.view(…)"),
        ),
        (
            r"mat1 and mat2 must have the same dtype|expected scalar type|should be the same",
            _plain("keep everything in float32: no .double(), .half() or .long() on images or weights"),
        ),
        (
            r"must be Tensor, not tuple",
            _plain(mistakes.TUPLE),
        ),
        (
            r"must be Tensor, not NoneType",
            _plain(mistakes.NONE),
        ),
        (
            r"cannot assign (?:module|parameter)s? before Module.__init__\(\) call",
            _plain("call super().__init__() first in __init__"),
        ),
        (
            r"obj must be an instance or subtype of type",
            _plain("super(…) names another class there: write super().__init__(), without arguments"),
        ),
    )
)


def _sizes(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape))
