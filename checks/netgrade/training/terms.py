"""What an assignment's table [training] asks for. No torch."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from netgrade.rules.accuracy import At, PerCent, Seeds, lowest_from
from netgrade.training.recipe import Recipe

Name = Literal["mnist", "fashion-mnist", "kmnist", "qmnist", "cifar10", "svhn", "digits"]
"""The data sets of `netgrade.training.datasets`."""


class Training(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """How the network is trained, and what it must reach."""

    data_set: Name
    epochs: Annotated[int, Meta(ge=1, le=10_000)]
    """The most that the network may be trained for."""
    accuracy: PerCent
    """Per cent of the test images that must be right at least."""
    accuracy_at: At = "best"
    """The epoch that decides: the best, the last, or the worst of the last K."""
    seed: Annotated[int, Meta(ge=0, le=2**31)] = 0
    """The first one; further ones follow it."""
    seeds: Seeds = 1
    """How many are trained; `auto`: one where it leaves no doubt, else five."""
    reinitialize: bool = False
    """Draw every parameter anew before training, by its tensor's standard scheme."""
    untrained_at_most: PerCent = 30.0
    """Per cent of the test images that may be right before training."""
    points: Annotated[int, Meta(ge=0, le=1000)] = 1
    """What reaching the accuracy is worth in a report."""
    recipe: Recipe = Recipe()

    def __post_init__(self) -> None:
        least = lowest_from(self.accuracy_at) or 1
        if least > self.epochs:
            raise ValueError(f'accuracy-at = "{self.accuracy_at}" takes at least {least:,} epochs, not {self.epochs:,}')
