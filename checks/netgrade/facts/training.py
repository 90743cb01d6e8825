"""What training a network has shown, as frozen data. No torch.

Accuracy is counted, never rounded: images that got the highest score for their own class, of all test images.
"""

from typing import Literal

import msgspec

Ending = Literal["finished", "interrupted", "diverged", "memory", "frozen", "refused", "slow"]
"""How a trial ended: after its last epoch; by the user; on a loss that is no number; without enough memory; without a
parameter to train; because the program can't run on a batch of the training; because it took longer than it may."""


class Epoch(msgspec.Struct, frozen=True, kw_only=True):
    """One pass over the training images, and the look at the test images after it."""

    number: int
    """Counted from one."""
    loss: float
    """Mean over the epoch's training images, as they were trained on: augmented, with dropout."""
    train_correct: int
    """Of the epoch's training images, as they were trained on."""
    train_images: int
    test_correct: int
    seconds: float
    """Training and the look at the test images together."""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """The training of one network from one seed."""

    seed: int
    start: int
    """Test images that were right before any training."""
    epochs: tuple[Epoch, ...] = ()
    ending: Ending = "finished"
    message: str = ""
    """Why it ended early, with numbers; empty if it did not."""
    hint: str = ""
    digest: str = ""
    """SHA-256 of all tensors after the last epoch."""
    remarks: tuple[str, ...] = ()
    """What a reader should know: no CUDA graph and why, an operator without a deterministic algorithm."""

    @property
    def last(self) -> int:
        """Test images that were right after the last epoch; before training, where there was none."""
        return self.epochs[-1].test_correct if self.epochs else self.start

    @property
    def best(self) -> int:
        """The highest count of all epochs."""
        return max((epoch.test_correct for epoch in self.epochs), default=self.start)

    @property
    def lowest_of_last_three(self) -> int:
        """The lowest count of the last three epochs."""
        return min((epoch.test_correct for epoch in self.epochs[-3:]), default=self.start)


class Training(msgspec.Struct, frozen=True, kw_only=True):
    """All trials of one network."""

    data_set: str
    """As torchvision spells it: `MNIST`."""
    full: bool
    """The whole data set was used, not a part of it."""
    device: str
    """`cpu`, or the name of the GPU."""
    planned: int
    """Epochs of one trial."""
    allowed: int = 0
    """Epochs that the assignment gives, where an option has asked for fewer; else nothing."""
    test_images: int
    trials: tuple[Trial, ...]
    """In the order of their seeds."""
