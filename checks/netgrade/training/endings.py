"""What it means that a training broke off, in words for the student."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from netgrade.facts.training import Ending
from netgrade.rules.wording import plural


class BrokenOffError(Exception):
    """The trial can't go on, and the reason is the network's. Anything else that is raised is netgrade's own fault."""


class DivergedError(BrokenOffError):
    """The loss is no finite number any more, in an epoch that is the argument."""


class FrozenError(BrokenOffError):
    """There is nothing to train."""


class OperatorError(BrokenOffError):
    """An operator of the network has raised an exception."""

    def __init__(self, cause: Exception, images: int) -> None:
        super().__init__(cause)
        self.cause = cause
        self.images = images
        """In the batch that it ran on."""

    @property
    def memory(self) -> bool:
        """Whether there was too little memory."""
        short = isinstance(self.cause, torch.OutOfMemoryError | MemoryError)
        return short or "can't allocate memory" in str(self.cause)


@contextmanager
def operators(images: int) -> Iterator[None]:
    """Blame the network for whatever is raised while its own operators run on a batch of so many images."""
    try:
        yield
    except Exception as error:
        raise OperatorError(error, images) from error


def ending(error: BrokenOffError, network: str) -> tuple[Ending, str, str]:
    """Return how the trial of a network ended, why, and what to do."""
    if isinstance(error, DivergedError):
        return (
            "diverged",
            f"the loss of {network} became NaN or infinite in epoch {error.args[0]}",
            "a layer lets values grow without bound; batch norm after each convolution holds them",
        )
    if isinstance(error, FrozenError):
        return "frozen", f"{network} has no parameter that can be trained", "leave requires_grad on"
    if not isinstance(error, OperatorError):
        raise TypeError(f"no words for {error!r}")
    if error.memory:
        return (
            "memory",
            f"the device has too little memory for {network} and a batch of {plural(error.images, 'image')}",
            "make the maps smaller or fewer, or set a smaller `batch` in [training.recipe]",
        )
    text = (str(error.cause) or type(error.cause).__name__).splitlines()[0][:300]
    return (
        "refused",
        f"{network} can't be trained on a batch of {plural(error.images, 'image')}: {text}",
        "forward must run on a batch of any size",
    )
