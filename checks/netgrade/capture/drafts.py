"""What a recording is made of."""

import dataclasses

from torch import Tensor

from netgrade.program.model import Argument, Site


class Unrecordable(Exception):  # noqa: N818 - it is a verdict on the network, not an error of ours
    """The network does something that no recorded graph can hold. The text says what; `site` says where.

    `outside` says that it reads a tensor which is none of the network's own.
    """

    def __init__(self, text: str, site: Site, hint: str = "", *, outside: bool = False) -> None:
        super().__init__(text)
        self.site = site
        self.hint = hint
        self.outside = outside


@dataclasses.dataclass(frozen=True)
class Draft:
    """One recorded operator. Values below zero are stored tensors: -1 is the first."""

    op: str
    args: tuple[Argument, ...]
    kwargs: dict[str, Argument]
    first: int
    """Number of its first result."""
    results: int
    grad: bool
    site: Site
    state: bool
    """It only brings a buffer up to date."""


@dataclasses.dataclass
class Kept:
    """A tensor that is no result of an operator: a parameter, a buffer, or a constant."""

    name: str
    kind: str
    tensor: Tensor
    """The tensor itself; for a constant, a copy of it as it was when first read."""
    trainable: bool
    site: Site = dataclasses.field(default_factory=Site)
    original: Tensor | None = None
    """The constant itself, by which train and eval mode know that they read the same one."""
