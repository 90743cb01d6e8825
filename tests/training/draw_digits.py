"""Draws the small data set that comes with netgrade from MNIST.

    python tests/training/draw_digits.py checks/netgrade/training/digits

MNIST is found as for a training. Of each class, the first so many of a permutation of all its images are taken; those
of all classes are then put in the order that they have in MNIST.
"""

import gzip
import os
import sys
from pathlib import Path

import torch

from netgrade.training.data import Split, load
from netgrade.training.draws import generator

TRAIN, TEST = 200, 100
"""Images of one class."""


def main(folder: Path) -> None:
    """Write the four files."""
    data = load("MNIST", None, environ=os.environ)
    for part, split, each in [("train", data.train, TRAIN), ("t10k", data.test, TEST)]:
        drawn = draw(part, split, each)
        for name, content in [("images-idx3", drawn.images.squeeze(1)), ("labels-idx1", drawn.labels.byte())]:
            (folder / f"{part}-{name}-ubyte.gz").write_bytes(gzip.compress(idx(content), 9, mtime=0))


def draw(part: str, split: Split, each: int) -> Split:
    """Take `each` images of every class."""
    taken = []
    for label in range(10):
        places = (split.labels == label).nonzero()[:, 0]
        taken.append(places[torch.randperm(len(places), generator=generator(0, "digits", part, label))[:each]])
    chosen = torch.cat(taken).sort().values
    return Split(split.images[chosen], split.labels[chosen])


def idx(array: torch.Tensor) -> bytes:
    """Write bytes in MNIST's format."""
    lengths = b"".join(length.to_bytes(4, "big") for length in array.shape)
    return bytes([0, 0, 8, array.ndim]) + lengths + array.numpy().tobytes()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
