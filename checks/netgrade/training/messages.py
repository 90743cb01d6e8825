"""What the controller and the training process say to each other. No torch.

controller  Job ...   -> trainer -> Began, Ready, a Passed after each epoch, Ended; or a Fault in place of any
A network that can't be trained at all has no Ready.
"""

from typing import Literal

import msgspec

from netgrade.facts.training import Epoch, Trial
from netgrade.training.recipe import Recipe

Device = Literal["auto", "cuda", "cpu"]


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One network, trained from one seed."""

    blob: bytes
    """What the capture child sent; the trainer decodes it anew."""
    trial: int = 0
    """Which of the blob's tensor sets to train."""
    seed: int
    epochs: int
    recipe: Recipe
    data_set: str
    """As torchvision spells it, or `digits` for the small one that comes with netgrade."""
    data_root: str | None = None
    """Absolute path of the folder to look in first; None for the usual places."""
    input_shape: tuple[int, int, int]
    """Of one image, which the data set's must have."""
    classes: int
    device: Device = "auto"
    reinitialize: bool = False
    """Draw every parameter anew before training."""
    checkpoints: str | None = None
    """Absolute path of the folder for what an interrupted trial can go on from; None keeps nothing."""


class Began(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The data are loaded and the network is built."""

    data_set: str
    """As torchvision spells it."""
    device: str
    """`cpu`, or the GPU's name."""
    test_images: int
    full: bool
    """The whole data set is used, not a part of it."""
    versions: dict[str, str]
    """Of torch, and of CUDA if it is used."""


class Ready(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The first epoch begins."""

    start: int
    """Test images that were right before any training."""
    details: tuple[str, ...]
    """How it is trained: `float32`, `CUDA graph`."""
    resumed: tuple[Epoch, ...] = ()
    """The epochs that an earlier run has done."""


class Passed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """An epoch is over."""

    epoch: Epoch


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The trial is over."""

    trial: Trial


class Fault(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """No trial, and not for the network's sake."""

    kind: Literal["no-cuda", "data", "ours"]
    message: str


Said = Began | Ready | Passed | Ended | Fault
