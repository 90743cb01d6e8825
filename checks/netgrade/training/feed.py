"""Images as a training reads them: on the device from the start, in an order and with changes drawn for each epoch.

Order and changes are drawn on the CPU from generators named by seed and epoch, so that every device sees the same ones
and an epoch does not depend on those before it.
"""

import torch
from torch import Tensor

from netgrade.training.augment import draw, warp
from netgrade.training.data import Split
from netgrade.training.draws import generator
from netgrade.training.network import LAYOUT
from netgrade.training.recipe import Recipe


class Normal:
    """Brings images of brightness 0 to 1 to mean 0 and deviation 1 a channel, as measured on the training images."""

    def __init__(self, images: Tensor, device: torch.device) -> None:
        brightness = torch.arange(256, dtype=torch.float64).div(255)
        channels = images.transpose(0, 1).flatten(1)
        shares = torch.stack([channel.bincount(minlength=256) for channel in channels]).double() / channels.shape[1]
        mean = shares @ brightness
        deviation = (shares @ brightness.square() - mean.square()).clamp(min=1e-12).sqrt()
        self._mean = mean.float().view(1, -1, 1, 1).to(device)
        self._deviation = deviation.float().view(1, -1, 1, 1).to(device)

    def __call__(self, images: Tensor) -> Tensor:
        """Return the images, N×C×H×W, in the reference layout."""
        return ((images - self._mean) / self._deviation).contiguous(memory_format=LAYOUT)


class Feed:
    """The training images of one trial."""

    def __init__(self, split: Split, normal: Normal, recipe: Recipe, seed: int, device: torch.device) -> None:
        self._images = split.images.to(device)
        self._labels = split.labels.to(device)
        self._normal = normal
        self._recipe = recipe
        self._seed = seed
        self.count = len(split.labels)
        self.device = device
        self._order = torch.arange(self.count, device=device)
        theta = self._draw(0)
        self._theta = None if theta is None else theta.to(device)

    def shuffle(self, epoch: int) -> None:
        """Draw the order and the changes of an epoch into the tensors that `take` reads."""
        order = torch.randperm(self.count, generator=generator(self._seed, "order", epoch))
        self._order.copy_(order)
        theta = self._draw(epoch)
        if self._theta is not None and theta is not None:
            self._theta.copy_(theta)

    def take(self, places: Tensor) -> tuple[Tensor, Tensor]:
        """Return the images at some places of the epoch's order, changed and normalised, and their labels.

        Args:
            places: whole numbers on the device, one an image.
        """
        chosen = self._order.index_select(0, places)
        images = self._images.index_select(0, chosen).float().div(255)
        if self._theta is not None:
            images = warp(images, self._theta.index_select(0, places))
        return self._normal(images), self._labels.index_select(0, chosen)

    def _draw(self, epoch: int) -> Tensor | None:
        size = (int(self._images.shape[-2]), int(self._images.shape[-1]))
        return draw(self.count, self._recipe, size, generator(self._seed, "augmentation", epoch))
