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
    if _INVALID.search(text):
        return _flatten(operands)
    if found := _PRODUCT.search(text):
        return f"{found[2]} values arrive at a linear layer made for {found[3]}: make it nn.Linear({found[2]}, …)"
    if found := _NORM.search(text):
        return f"batch norm is made for {found[2]} channels, the map has {found[1]}: use BatchNorm2d({found[1]})"
    if _SMALL.search(text):
        return f"the map has become smaller than the window{_map(operands)}: pool less, or pad"
    return next((advice for pattern, advice in _PLAIN if pattern.search(text)), "")


def _channels(wanted: int, given: int, operands: Sequence[tuple[int, ...]], input_shape: Sequence[int]) -> str:
    if operands and operands[0][1:] == tuple(input_shape):
        return f"the images have {given} channel{'s' * (given != 1)}, the first convolution takes {wanted}"
    return f"this convolution takes {wanted} channels, the map before it has {given}"


def _flatten(operands: Sequence[tuple[int, ...]]) -> str:
    if not operands or len(operands[0]) < 2:  # noqa: PLR2004 - a batch and something to flatten
        return "flatten with x.flatten(1)"
    return f"the map has {' × '.join(map(str, operands[0][1:]))} values an image here; flatten with x.flatten(1)"


def _map(operands: Sequence[tuple[int, ...]]) -> str:
    return f" ({'×'.join(map(str, operands[0][2:]))})" if operands and len(operands[0]) > 2 else ""  # noqa: PLR2004 - batch, channels, then space
