"""The record of one trial: a JSON file that is whole after every epoch. No torch.

What is written while the trial still runs says "interrupted", so that a run which ends without a word leaves the truth.
"""

import hashlib
import math
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from netgrade.facts.training import Epoch, Trial
from netgrade.placing import place
from netgrade.training.recipe import Recipe

FORMAT = 1
"""Raised when a record can no longer be read by an older netgrade."""
_LONGEST = 80
"""Characters of a stem before its seed; file systems allow 255 bytes of a name, and a suffix follows."""
_LARGEST = 16 * 2**20
"""Bytes of a record that are read; one of a thousand epochs has 200 kB."""
_PLAIN = re.compile(r"[A-Za-z0-9_]+", re.ASCII)
_UNSAFE = re.compile(r"[^A-Za-z0-9_]+", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{8}", re.ASCII)


class RecordError(Exception):
    """A record that can't be read or written; the text names the file, the fault and the next step."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One trial, and all that it depended on."""

    format: Literal[1] = 1
    path: str
    """Of the submission, as the user gave it."""
    network: str
    """Its class or factory."""
    assignment: str
    data_set: str
    """As torchvision spells it."""
    full: bool
    """The whole data set was used, not a part of it."""
    test_images: Annotated[int, Meta(ge=1)]
    parameters: int
    """Counted parameters of the network, frozen ones included."""
    needed: int
    """Test images that must be right at least."""
    accuracy_at: str
    """Which epoch decides: `last`, `best` or `last-3`."""
    recipe: Recipe
    planned: int
    """Epochs of a trial that isn't interrupted."""
    device: str
    """`cpu`, or the name of the GPU."""
    details: tuple[str, ...] = ()
    """How it was trained: `float32`, `CUDA graph`."""
    versions: dict[str, str]
    """Of python, torch, torchvision, netgrade, and of cuda if it was used."""
    captured: str
    """SHA-256 of the captured network: its graphs, and the tensors of every seed that was asked for."""
    started: str
    """Date and time in UTC, as ISO 8601 writes it."""
    seconds: float
    """From the start to the last thing that was recorded, the loading of the data included."""
    trial: Trial

    def after(self, epoch: Epoch, seconds: float) -> "Record":
        """Return the record with one epoch more. It says "interrupted" until `ended` is called."""
        trial = replace(self.trial, epochs=(*self.trial.epochs, epoch), ending="interrupted")
        return replace(self, trial=trial, seconds=seconds)

    def ended(self, trial: Trial, seconds: float) -> "Record":
        """Return the record of the trial as it ended."""
        return replace(self, trial=trial, seconds=seconds)


def stem(path: str, network: str, seed: int) -> str:
    """Return the name of a trial's files, without a folder and a suffix: `models-netv3-seed0`.

    It says the whole path as it was given, because forty students' files are called model.py, and the network where
    that isn't the file's name (`models/netv3.py` has `NetV3`). Eight digits of a digest follow where the name alone
    could be another file's: after characters that aren't ASCII letters and digits, after a cut, or beside a network.

    Args:
        path: Of the submission, as the user gave it. Nothing in it leads out of a folder that the name is put into.
        network: Its class or factory; empty for a file's only one.
        seed: Of the trial.
    """
    *folders, file = [part for part in PurePosixPath(path).parts if part != "."] or [""]
    parts = [*folders, file.removesuffix(".py")]
    name = "-".join(parts)
    named = not network or _is_named_like(network, parts[-1])
    if named and len(name) <= _LONGEST and all(map(_PLAIN.fullmatch, parts)) and not _DIGEST.fullmatch(parts[-1]):
        return f"{name}-seed{seed}"
    words = "-".join(filter(None, (_UNSAFE.sub("_", part).strip("_") for part in (*parts, network))))
    digest = hashlib.sha256(f"{path}::{network}".encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{words[-_LONGEST:].lstrip('-_')}-{digest}-seed{seed}".lstrip("-")


def write(record: Record, path: Path) -> None:
    """Write the record in place of an older one, at once: a reader sees the old or the new one, never a part.

    Args:
        record: What is written.
        path: Of the JSON file; its folder is made where there is none.

    Raises:
        RecordError: The folder or the file can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        place(path, msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
    except OSError as error:
        raise RecordError(
            f"{path}: the record can't be written: {error.strerror}; name another folder with --train-output"
        ) from None


def read(path: Path) -> Record:
    """Return the record in a JSON file.

    Raises:
        RecordError: There is no such file, it is no record, or a newer netgrade wrote it.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST + 1)
    except OSError as error:
        raise RecordError(f"{path}: the record can't be read: {error.strerror}; check the path") from None
    if len(text) > _LARGEST:
        raise RecordError(f"{path}: more than {_LARGEST:,} bytes, so no record of a training; check the path")
    try:
        return _record(msgspec.json.decode(text), path)
    except (msgspec.DecodeError, RecursionError) as error:
        raise RecordError(f"{path}: no record of a training: {error}; train again, or remove the file") from None


def folder(path: Path) -> Iterator[Record]:
    """Yield the records that lie in a folder, in the order of their names.

    Raises:
        RecordError: One of its JSON files is no record, or there is none.
    """
    files = sorted(path.glob("*.json"))
    if not files:
        raise RecordError(f"{path}: no record in this folder; name the one that --train-output named")
    yield from map(read, files)


def _record(data: Any, path: Path) -> Record:  # noqa: ANN401 - JSON, before its types are known
    match data:
        case {"format": int(version)} if version > FORMAT:
            raise RecordError(
                f"{path}: a record of format {version:,}, and this netgrade reads format {FORMAT}; update it"
            )
        case {"trial": {"epochs": [*epochs]}}:
            for epoch in epochs:
                if isinstance(epoch, dict) and epoch.get("loss", 0.0) is None:
                    epoch["loss"] = math.nan  # JSON has no word for it
    return msgspec.convert(data, Record)


def _is_named_like(network: str, file: str) -> bool:
    """Whether a class has its file's name, but for what their spellings differ in: `Net8K` in net_8k.py."""
    return network[:1].isupper() and network.casefold() == file.replace("_", "").casefold()
