"""Moves the training images about: an affine map for each, drawn on the CPU and applied on any device."""

import torch
from torch.nn import functional as F

from netgrade.training.recipe import Recipe

_DRAWS = 5
"""Of one image: its angle, its shift along each axis, its scale, and whether it is mirrored."""


def draw(count: int, recipe: Recipe, size: tuple[int, int], generator: torch.Generator) -> torch.Tensor | None:
    """Draw how each of some images is moved.

    An image is mirrored first, then turned and scaled about its centre, then shifted; every amount is uniform between
    the recipe's limits.

    Args:
        count: How many images.
        recipe: The limits.
        size: Height and width of an image in pixels.
        generator: Of random numbers, on the CPU.

    Returns:
        On the CPU, float32, count×2×3: for each image the map from a place in the new image to the place in the old one
        that is shown there, both from -1 to 1 along each axis. None if the recipe leaves images as they are.
    """
    if not (recipe.rotation or recipe.shift or recipe.scale or recipe.flip):
        return None
    height, width = size
    # Every image takes all its draws whatever the recipe asks for, so a recipe with one kind less moves images alike.
    uniform = torch.rand(count, _DRAWS, generator=generator)
    angle, right, down, growth, mirrored = (2 * uniform - 1).unbind(1)
    angle = torch.deg2rad(recipe.rotation * angle)
    scale = 1 + recipe.scale * growth
    # In pixels from the centre, old = rotation back · (new - shift) / scale. A positive angle turns to the left.
    cos, sin = torch.cos(angle) / scale, torch.sin(angle) / scale
    right, down = recipe.shift * right, recipe.shift * down
    across = torch.stack([cos, -sin * height / width, (sin * down - cos * right) * 2 / width], 1)
    along = torch.stack([sin * width / height, cos, (-sin * right - cos * down) * 2 / height], 1)
    if recipe.flip:
        across = torch.where(mirrored[:, None] < 0, -across, across)
    return torch.stack([across, along], 1)


def warp(images: torch.Tensor, maps: torch.Tensor) -> torch.Tensor:
    """Move images about: bilinear between pixels, 0 from outside the image. Never waits for the device.

    Args:
        images: N×C×H×W, floating point, with 0 for an empty background.
        maps: N×2×3 of the same type and device, as `draw` makes them.

    Returns:
        N×C×H×W.
    """
    # As F.affine_grid, whose small matrix products and order in memory make the whole four times slower on a CPU.
    x, y = (_centres(length, maps) for length in images.shape[2:][::-1])
    by_x, by_y, shift = maps[:, :, :, None, None].unbind(2)
    grid = by_x * x + (by_y * y[:, None] + shift)  # N×2×H×W
    return F.grid_sample(images, grid.permute(0, 2, 3, 1), mode="bilinear", padding_mode="zeros", align_corners=False)


def _centres(length: int, like: torch.Tensor) -> torch.Tensor:
    """Return where the centres of `length` pixels in a row lie, from -1 at the row's one end to 1 at its other."""
    return (2 * torch.arange(length, dtype=like.dtype, device=like.device) + 1) / length - 1
