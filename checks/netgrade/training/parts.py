"""Reads the training or the test part of a data set from its files, and checks what they hold."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from netgrade.training.datasets import CLASSES, DIGITS, Form, Known
from netgrade.training.fetch import published
from netgrade.training.files import DamagedError, md5, read_cifar, read_idx

Part = Literal["train", "test"]
_Arrays = tuple[NDArray[Any], NDArray[Any]]
_Read = TypeVar("_Read")

_MNIST_MD5 = MappingProxyType(
    {
        "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
        "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
        "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
        "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
    }
)
"""Of MNIST's files unpacked. torchvision knows the sums of the packed ones, which nobody has to keep."""


_QMNIST_COLUMNS = 8
"""QMNIST says eight things of an image, its class first."""


class PartError(Exception):
    """A file of a data set is damaged."""

    def __init__(self, path: Path, fault: object) -> None:
        super().__init__(f"{path}: {fault}")
        self.path = path
        self.fault = fault


def read_part(known: Known, part: Part, folder: Path) -> _Arrays:
    """Read the training or the test part of a data set.

    Args:
        known: The data set.
        part: Which.
        folder: Where its files lie.

    Returns:
        Images, uint8 N×C×H×W, and labels, N whole numbers from 0 to 9.

    Raises:
        PartError: a file can't be read, or does not hold what it should.
    """
    images, labels = _READERS[known.form](known, part, folder)
    files = _files(known, part)
    first, last = folder / files[0], folder / files[-1]
    if images.dtype != np.uint8 or images.shape[1:] != known.shape or not len(images):
        raise PartError(
            first, f"it holds {_by(images.shape)} of {images.dtype}, not images of {_by(known.shape)} bytes"
        )
    if labels.shape != (len(images),):
        raise PartError(last, f"it holds {_by(labels.shape)} labels for {len(images):,} images")
    if labels.min() < 0 or labels.max() >= CLASSES:
        raise PartError(last, f"it holds labels from {labels.min()} to {labels.max()}, not from 0 to {CLASSES - 1}")
    return images, labels


def _files(known: Known, part: Part) -> tuple[str, ...]:
    train = known.files[:-2] if known.form == "idx" else known.files[:-1]
    return train if part == "train" else known.files[len(train) :]


def _idx(known: Known, part: Part, folder: Path) -> _Arrays:
    ending = ".gz" if known is DIGITS else ""
    paths = [folder / f"{file}{ending}" for file in _files(known, part)]
    images, labels = (_tried(path, partial(read_idx, packed_md5=_packed_md5(known, path))) for path in paths)
    if known.name == "MNIST" and len(images) == (known.train if part == "train" else known.test):
        for path in paths:
            if (found := md5(path.read_bytes())) != _MNIST_MD5[path.name]:
                raise PartError(path, f"its MD5 sum is {found}, that of the published file is {_MNIST_MD5[path.name]}")
    if images.ndim == 3:  # noqa: PLR2004 - the axes of a stack of grey images
        images = images[:, None]
    return images, labels[:, 0] if labels.shape[1:] == (_QMNIST_COLUMNS,) else labels


def _packed_md5(known: Known, path: Path) -> str | None:
    """Return the published MD5 sum of a file's packed form, if that lies beside it."""
    packed = f"{path.name}.gz"
    if not path.with_name(packed).is_file():
        return None
    resources = published(known).resources
    pairs = resources if isinstance(resources, list) else [pair for group in resources.values() for pair in group]
    return {address.rpartition("/")[2]: found for address, found in pairs}.get(packed)


def _cifar(known: Known, part: Part, folder: Path) -> _Arrays:
    source = published(known)
    listed = source.train_list if part == "train" else source.test_list
    batches = [_tried(folder / file, partial(read_cifar, published_md5=found)) for file, found in listed]
    return np.concatenate([images for images, _ in batches]), np.concatenate([np.array(given) for _, given in batches])


def _svhn(known: Known, part: Part, folder: Path) -> _Arrays:
    source = published(known)
    _, file, listed = source.split_list[part]
    path = folder / file
    found = md5(_tried(path, Path.read_bytes))
    if found != listed:
        raise PartError(path, f"its MD5 sum is {found}, the published one is {listed}")
    try:
        data = source(folder, split=part)
    except ImportError:
        raise PartError(path, "it is a MATLAB file, which takes scipy to read: pip install scipy") from None
    return data.data, data.labels


_READERS: Mapping[Form, Callable[[Known, Part, Path], _Arrays]] = MappingProxyType(
    {"idx": _idx, "cifar": _cifar, "svhn": _svhn}
)


def _tried(path: Path, read: Callable[[Path], _Read]) -> _Read:
    try:
        return read(path)
    except DamagedError as error:
        raise PartError(path, error) from None
    except OSError as error:
        raise PartError(path, error.strerror or error) from None


def _by(shape: tuple[int, ...]) -> str:
    return "×".join(str(length) for length in shape)
