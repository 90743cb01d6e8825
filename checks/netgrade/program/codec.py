"""Program to bytes and back: one safetensors blob with the graphs as JSON in its metadata.

Encoding happens in the capture child, decoding on the trusted side. Nothing is ever unpickled: safetensors holds plain
numbers, and the JSON is read into typed structs that forbid what they don't know.
"""

from collections.abc import Sequence

import msgspec
import safetensors.torch
import torch

from netgrade.program.errors import Refused
from netgrade.program.model import FORMAT, Capture

MAX_BLOB = 256 * 1024 * 1024
"""Bytes. The largest network of the built-in assignments has 200,000 parameters, below 1 MiB."""

_KEY = "netgrade"
_DTYPES = frozenset({
    torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.complex64, torch.complex128,
    torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool,
})  # fmt: skip


class _Header(msgspec.Struct):
    """The JSON at the head of a safetensors file, of which only the metadata matter here."""

    metadata: dict[str, str] = msgspec.field(name="__metadata__")


def encode(capture: Capture, *trials: Sequence[torch.Tensor]) -> bytes:
    """Write a capture as one blob, with the data of its stored tensors in their order: a set for each trial."""
    named = {
        _key(trial, position): tensor.detach().contiguous().clone()
        for trial, tensors in enumerate(trials)
        for position, tensor in enumerate(tensors)
    }
    return safetensors.torch.save(named, metadata={_KEY: msgspec.json.encode(capture).decode()})


def decode(blob: bytes, trial: int = 0) -> tuple[Capture, tuple[torch.Tensor, ...]]:
    """Read a blob that a capture child sent, with the tensors of one trial.

    Raises:
        Refused: it is too large, not a safetensors file, not of this format, its tensors aren't those it lists, or a
            trial's are not like the first one's.
    """
    if len(blob) > MAX_BLOB:
        raise Refused(f"the capture has {len(blob):,} bytes; at most {MAX_BLOB:,} are read")
    try:
        length = int.from_bytes(blob[:8], "little")
        header = msgspec.json.decode(blob[8 : 8 + length], type=_Header)
        capture = msgspec.json.decode(header.metadata.get(_KEY, ""), type=Capture)
        named = safetensors.torch.load(blob)
    except (msgspec.DecodeError, safetensors.SafetensorError, RecursionError, ValueError, KeyError) as error:
        raise Refused(f"the capture is not of format {FORMAT}: {error}") from error
    count = len(capture.stored)
    trials = max(1, len(named) // count) if count else 1
    if set(named) != {_key(number, position) for number in range(trials) for position in range(count)}:
        raise Refused(f"the capture lists {count:,} tensors and holds {len(named):,} others")
    if trial >= trials and count:
        raise Refused(f"the capture has tensors for {trials:,} seeds; the one numbered {trial:,} is missing")
    sets = [tuple(named[_key(number, position)] for position in range(count)) for number in range(trials)]
    for each in sets:
        _check_tensors(capture, sets[0], each)
    return capture, sets[min(trial, trials - 1)]


def _check_tensors(capture: Capture, first: Sequence[torch.Tensor], tensors: Sequence[torch.Tensor]) -> None:
    """Hold one trial's tensors against what is said of them, and against the first trial's."""
    for stored, like, tensor in zip(capture.stored, first, tensors, strict=True):
        if tensor.shape != like.shape or tensor.dtype != like.dtype:
            raise Refused(f"the tensor `{stored.name}` has another shape or type for another seed")
        if tensor.dtype not in _DTYPES:
            raise Refused(f"the tensor `{stored.name}` has the type {tensor.dtype}, which netgrade does not know")
        if stored.trainable and stored.kind != "parameter":
            raise Refused(f"the tensor `{stored.name}` is trainable and a {stored.kind}; only parameters are trained")
        if stored.trainable and not (tensor.is_floating_point() or tensor.is_complex()):
            raise Refused(f"the tensor `{stored.name}` is trainable and of type {tensor.dtype}")


def _key(trial: int, position: int) -> str:
    return f"{trial}/{position}" if trial else str(position)
