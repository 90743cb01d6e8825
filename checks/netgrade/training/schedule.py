"""The learning rate at every step, computed before the first one. Pure."""

import math

from netgrade.training.recipe import Recipe

_START = 25.0
"""The highest rate over the first one, in `one-cycle`."""
_END = 1e4
"""The first rate over the last one, in `one-cycle`."""


def learning_rates(recipe: Recipe, steps: int) -> list[float]:
    """Return the learning rate of each of a training's steps.

    `one-cycle` rises along half a cosine from 1/25 of the highest rate, and falls along another to a 250,000th of it
    (Smith and Topin, 2018, with the two cosines of torch's OneCycleLR). `cosine` falls from the highest rate to zero.
    """
    return [recipe.learning_rate * _share(recipe, step, steps) for step in range(steps)]


def _share(recipe: Recipe, step: int, steps: int) -> float:
    match recipe.schedule:
        case "constant":
            return 1.0
        case "cosine":
            return _cosine(1.0, 0.0, step / steps)
        case "one-cycle":
            rise = recipe.warm_up * steps - 1
            if step < rise:
                return _cosine(1 / _START, 1.0, step / rise)
            return _cosine(1.0, 1 / (_START * _END), (step - max(rise, 0)) / max(steps - 1 - max(rise, 0), 1))


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) / 2 * (1 + math.cos(math.pi * share))
