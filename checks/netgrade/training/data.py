"""Loads a data set into tensors, once: no DataLoader, no worker process."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray

from netgrade.names import unknown
from netgrade.training.datasets import CLASSES, DIGITS, NAMES, Known, find
from netgrade.training.fetch import fetch
from netgrade.training.folders import VARIABLE, Folder, meant, missing, places
from netgrade.training.parts import PartError, read_part


class DataError(Exception):
    """A data set can't be used; the text names the file or the folders, and what to do."""


@dataclass(frozen=True, eq=False)
class Split:
    """The training or the test part of a data set."""

    images: torch.Tensor
    """uint8, N×C×H×W."""
    labels: torch.Tensor
    """int64, N; from 0 to 9."""


@dataclass(frozen=True, eq=False)
class DataSet:
    """Images to train on and images to test on, on the CPU."""

    name: str
    """As torchvision spells it, or `digits`."""
    train: Split
    test: Split
    full: bool
    """It has as many images as were published, and is no small part of a data set."""


def load(name: str, root: str | None, *, environ: Mapping[str, str]) -> DataSet:
    """Load a data set, and fetch it first if no folder has it.

    Args:
        name: As torchvision spells it, as an assignment names it, or `digits`.
        root: The folder to look in first, which torchvision calls root.
        environ: The process's environment.

    Raises:
        DataError: there is no such data set, it can't be found or fetched, or a file of it is damaged.
    """
    known = find(name)
    if known is None:
        raise DataError(unknown("data set", name, NAMES))
    if known is DIGITS:
        with resources.as_file(resources.files("netgrade.training").joinpath("digits")) as path:
            return _read(known, path, "it comes with netgrade; install netgrade anew")
    folders = places(root, environ)
    folder = _having(known, folders) or _fetched(known, folders)
    return _read(
        known,
        folder.path / known.folder,
        f"{known.name} was looked for in {', '.join(str(place) for place in folders)}; delete this file, and it is "
        "fetched again, or put a sound one in its place, or give another folder by --data-root",
    )


def check_shape(data: DataSet, input_shape: tuple[int, int, int], classes: int) -> None:
    """Hold a data set against what the networks of an assignment take and give.

    Args:
        data: The data set.
        input_shape: Channels, height and width of an image.
        classes: How many scores a network gives for one image.

    Raises:
        DataError: its images or its classes are others.
    """
    shape = tuple(data.train.images.shape[1:])
    if shape != input_shape:
        raise DataError(
            f"{data.name} has images of {_by(shape)}, the assignment's networks take {_by(input_shape)}; "
            "change the assignment's `data-set` or its `input-shape`"
        )
    if classes != CLASSES:
        raise DataError(
            f"{data.name} has {CLASSES} classes, the assignment's networks tell {classes} apart; "
            "change the assignment's `data-set` or its `classes`"
        )


def _having(known: Known, folders: list[Folder]) -> Folder | None:
    """Return the first folder that has the data set; where `MNIST/raw` is given, the folder around it is meant."""
    for folder in folders:
        path = folder.path if missing(known, folder.path) is None else meant(known, folder)
        if path:
            return Folder(path, folder.source)
    return None


def _fetched(known: Known, folders: list[Folder]) -> Folder:
    """Fetch a data set into the first folder."""
    target = folders[0]
    fault = fetch(known, target.path)
    if missing(known, target.path) is None:
        return target
    looked = "; ".join(f"{folder} has no {missing(known, folder.path)}" for folder in folders)
    raise DataError(
        f"{known.name} was not found: {looked}; and it can't be fetched into {target.path}: "
        f"{fault or 'what was fetched lacks files'}; fetch it where there is a network, or give the folder that holds "
        f"its files by --data-root or {VARIABLE}"
    )


def _read(known: Known, folder: Path, remedy: str) -> DataSet:
    try:
        train, test = (_split(*read_part(known, part, folder)) for part in ("train", "test"))
    except PartError as error:
        raise DataError(f"{error.path} can't be used: {error.fault}; {remedy}") from None
    fault = _mixed_up(known, train, test)
    if fault:
        raise DataError(f"the files of {known.name} in {folder} can't be used: {fault}; {remedy}")
    full = known is not DIGITS and (len(train.labels), len(test.labels)) == (known.train, known.test)
    return DataSet(known.name, train, test, full=full)


def _mixed_up(known: Known, train: Split, test: Split) -> str:
    """Say how one part stands in the other's place; empty if neither does."""
    counts = (len(train.labels), len(test.labels))
    if known.train != known.test and counts == (known.test, known.train):
        return f"the training part has {counts[0]:,} images and the test part {counts[1]:,}: one was put for the other"
    least = min(counts)
    if counts[0] == counts[1] and torch.equal(train.images[:least], test.images[:least]):
        return "the training images and the test images are the same"
    return ""


def _split(images: NDArray[Any], labels: NDArray[Any]) -> Split:
    # Copies, as a file's bytes can't be written to, and in the machine's own byte order.
    return Split(torch.from_numpy(images.copy()), torch.from_numpy(labels.astype("int64")))


def _by(shape: tuple[int, ...]) -> str:
    return "×".join(str(length) for length in shape)
