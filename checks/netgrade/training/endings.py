"""What it means that a training broke off, in words for the student."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from netgrade.facts.training import Ending


class BrokenOffError(Exception):
    """The trial can't go on, and the reason is the network's. Anything else that is raised is netgrade's own fault."""


class DivergedError(BrokenOffError):
    """The loss is no finite number any more, in an epoch that is the argument."""


class FrozenError(BrokenOffError):
    """There is nothing to train."""


class OperatorError(BrokenOffError):
    """An operator of the network has raised the exception that is the argument."""


@contextmanager
def operators() -> Iterator[None]:
    """Blame the network for whatever is raised while its own operators run."""
    try:
        yield
    except Exception as error:
        raise OperatorError(error) from error


def ending(error: BrokenOffError, network: str, batch: int) -> tuple[Ending, str, str]:
    """Return how the trial ended, why, and what to do.

    Args:
        error: what was raised.
        network: its name.
        batch: images in a training step.
    """
    if isinstance(error, DivergedError):
        return (
            "diverged",
            f"the loss of {network} became NaN or infinite in epoch {error.args[0]}",
            "a layer lets values grow without bound; batch norm after each convolution holds them",
        )
    if isinstance(error, FrozenError):
        return "frozen", f"{network} has no parameter that can be trained", "leave requires_grad on"
    cause = error.args[0]
    if isinstance(cause, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(cause):
        return (
            "memory",
            f"the device has too little memory for {network} and batches of {batch:,} images",
            "make the maps smaller or fewer, or set a smaller `batch` in [training.recipe]",
        )
    text = (str(cause) or type(cause).__name__).splitlines()[0][:300]
    return (
        "refused",
        f"{network} can't be trained on batches of {batch:,} images: {text}",
        "forward must run on a batch of any size",
    )
