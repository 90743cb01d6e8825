"""What to do about an exception that a constructor or forward raised, where its text tells."""

import re
from collections.abc import Sequence

_CHANNELS = re.compile(r"expected input\[.*\] to have (\d+) channels, but got (\d+) channels")
_INVALID = re.compile(r"shape '\[(.*)\]' is invalid for input of size (\d+)")
_PRODUCT = re.compile(r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)")
_NORM = re.compile(r"running_mean should contain (\d+) elements not (\d+)")
_PLAIN = (
    (
        re.compile(r"Expected more than 1 value per channel when training"),
        "batch norm can't run in train mode on one value a channel",
    ),
    (
        re.compile(r"The size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\)"),
        "two tensors of unlike sizes meet there; look at what is added or multiplied",
    ),
    (
        re.compile(r"expected 2D or 3D input \(got 4D input\)"),
        "BatchNorm1d is for vectors; a map takes BatchNorm2d",
    ),
    (
        re.compile(r"'\w+' object has no attribute 'dim'"),
        "a layer class was called on a tensor; make the layer first: nn.ReLU()(x), or F.relu(x)",
    ),
    (
        re.compile(r"cannot assign (?:module|parameter)s? before Module.__init__\(\) call"),
        "call super().__init__() first in __init__",
    ),
)
_SMALL = re.compile(r"Kernel size can't be greater than actual input size|Output size is too small")


def hint(error: BaseException, operands: Sequence[tuple[int, ...]], input_shape: Sequence[int]) -> str:
    """Return advice on an exception, or an empty text.

    Args:
        error: what forward raised.
        operands: shapes of the tensors that the failing operator was given, batch dimension included.
        input_shape: of one image.
    """
    text = str(error)
    if found := _CHANNELS.search(text):
        return _channels(int(found[1]), int(found[2]), operands, input_shape)
    if found := _INVALID.search(text):
        return _flatten(found[1], operands)
    if found := _PRODUCT.search(text):
        return _linear(found[2], found[3], operands)
    if found := _NORM.search(text):
        return f"batch norm is made for {found[2]} channels, the map has {found[1]}: use BatchNorm2d({found[1]})"
    if _SMALL.search(text):
        return f"the map has become smaller than the window{_map(operands)}: pool less, or pad"
    return next((advice for pattern, advice in _PLAIN if pattern.search(text)), "")


def _channels(wanted: int, given: int, operands: Sequence[tuple[int, ...]], input_shape: Sequence[int]) -> str:
    if operands and operands[0][1:] == tuple(input_shape):
        return f"the images have {given} channel{'s' * (given != 1)}, the first convolution takes {wanted}"
    return f"this convolution takes {wanted} channels, the map before it has {given}"


def _linear(given: str, wanted: str, operands: Sequence[tuple[int, ...]]) -> str:
    if operands and len(operands[0]) > 2:  # noqa: PLR2004 - a map, where a batch of vectors should be
        return "a map arrives at a linear layer; flatten it first, with x.flatten(1)"
    return f"{given} values arrive at a linear layer made for {wanted}: make it nn.Linear({given}, …)"


def _flatten(shape: str, operands: Sequence[tuple[int, ...]]) -> str:
    first = shape.partition(",")[0].strip()
    if operands and first not in ("-1", str(operands[0][0])):
        return f"the batch size is written as {first} there; use -1 or x.size(0), for it is not the same every time"
    if not operands or len(operands[0]) < 2:  # noqa: PLR2004 - a batch and something to flatten
        return "flatten with x.flatten(1)"
    return f"the map has {' × '.join(map(str, operands[0][1:]))} values an image here; flatten with x.flatten(1)"


def _map(operands: Sequence[tuple[int, ...]]) -> str:
    return f" ({'×'.join(map(str, operands[0][2:]))})" if operands and len(operands[0]) > 2 else ""  # noqa: PLR2004 - batch, channels, then space
