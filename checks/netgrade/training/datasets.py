"""The data sets that a network can be trained on. No torch.

Each is one that torchvision knows, with ten classes and images of 28×28 or 32×32 pixels, or `digits`, a small part of
MNIST that comes with netgrade. EMNIST is none of them: torchvision keeps it as six data sets under one name.
"""

from types import MappingProxyType
from typing import Literal

import msgspec

CLASSES = 10

Form = Literal["idx", "cifar", "svhn"]
"""How the files are laid out: MNIST's own format, pickled batches, or MATLAB's."""

_MNIST_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
_QMNIST_FILES = (
    "qmnist-train-images-idx3-ubyte",
    "qmnist-train-labels-idx2-int",
    "qmnist-test-images-idx3-ubyte",
    "qmnist-test-labels-idx2-int",
)
_CIFAR_FILES = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is published of a data set."""

    name: str
    """As torchvision spells it."""
    form: Form
    folder: str
    """Where its files lie in the folder that torchvision calls root; empty for that folder itself."""
    files: tuple[str, ...]
    """Training images, training labels, test images, test labels; or the files of the training part, then the last
    one of the test part."""
    shape: tuple[int, int, int]
    """Channels, height and width of an image."""
    train: int
    """Images to train on."""
    test: int
    """Images to test on."""


def _like_mnist(name: str, files: tuple[str, ...] = _MNIST_FILES, test: int = 10_000) -> Known:
    return Known(name=name, form="idx", folder=f"{name}/raw", files=files, shape=(1, 28, 28), train=60_000, test=test)


KNOWN = MappingProxyType(
    {
        "mnist": _like_mnist("MNIST"),
        "fashion-mnist": _like_mnist("FashionMNIST"),
        "kmnist": _like_mnist("KMNIST"),
        "qmnist": _like_mnist("QMNIST", _QMNIST_FILES, test=60_000),
        "cifar10": Known(
            name="CIFAR10",
            form="cifar",
            folder="cifar-10-batches-py",
            files=_CIFAR_FILES,
            shape=(3, 32, 32),
            train=50_000,
            test=10_000,
        ),
        "svhn": Known(
            name="SVHN",
            form="svhn",
            folder="",
            files=("train_32x32.mat", "test_32x32.mat"),
            shape=(3, 32, 32),
            train=73_257,
            test=26_032,
        ),
    }
)
"""By the names that an assignment gives them."""

DIGITS = Known(name="digits", form="idx", folder="", files=_MNIST_FILES, shape=(1, 28, 28), train=2_000, test=1_000)
"""The part of MNIST that comes with netgrade."""

NAMES = (*KNOWN, DIGITS.name)
"""What an assignment may name."""


def find(name: str) -> Known | None:
    """Return the data set of a name, as an assignment or as torchvision writes it; None if there is none."""
    if name == DIGITS.name:
        return DIGITS
    return KNOWN.get(name) or next((known for known in KNOWN.values() if known.name == name), None)


def torchvision_name(name: str) -> str:
    """Return torchvision's name of a data set that an assignment names: `FashionMNIST` for `fashion-mnist`.

    Raises:
        KeyError: there is no such data set.
    """
    known = find(name)
    if known is None:
        raise KeyError(name)
    return known.name
