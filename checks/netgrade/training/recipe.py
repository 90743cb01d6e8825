"""How a network is trained, as an assignment states it. No torch."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

_Positive = Annotated[float, Meta(gt=0, le=1e6)]
_Share = Annotated[float, Meta(ge=0, lt=1)]


class Recipe(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """The optimizer, its schedule, and what is done to the training images."""

    optimizer: Literal["adamw", "sgd"] = "adamw"
    learning_rate: _Positive = 0.01
    """The highest of the schedule."""
    schedule: Literal["one-cycle", "cosine", "constant"] = "one-cycle"
    warm_up: _Share = 0.2
    """Share of all steps in which the learning rate of `one-cycle` rises."""
    weight_decay: Annotated[float, Meta(ge=0, le=1e6)] = 1e-4
    momentum: _Share = 0.9
    """Of SGD; AdamW has its own two."""
    batch: Annotated[int, Meta(ge=2, le=65536)] = 128
    """Images in a training step."""
    label_smoothing: _Share = 0.0
    rotation: Annotated[float, Meta(ge=0, le=180)] = 8.0
    """Each training image is turned by up to this many degrees, either way."""
    shift: Annotated[float, Meta(ge=0, le=64)] = 1.5
    """Each is moved by up to this many pixels along both axes."""
    scale: Annotated[float, Meta(ge=0, lt=1)] = 0.08
    """Each is made larger or smaller by up to this share."""
    flip: bool = False
    """Half of them are mirrored left to right."""
