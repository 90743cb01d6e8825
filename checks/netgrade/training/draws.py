"""Random numbers with a name, so that no draw depends on what was drawn before it."""

import hashlib
import json

import torch

_SEED_BYTES = 4
"""PyTorch's generator for the CPU starts from the low 32 bits of a seed and leaves the others out."""


def generator(seed: int, *names: str | int) -> torch.Generator:
    """Return a generator on the CPU that belongs to a seed and to names.

    The same seed and names give the same numbers, whichever device trains and whatever else was drawn. So an
    interrupted training goes on from `generator(seed, "order", epoch)` without any state kept.

    Args:
        seed: The training's own.
        names: What the numbers are for, and for which time: `"order", 3`.
    """
    text = json.dumps([seed, *names])  # keeps "a", "b" apart from "ab", and 1 from "1"
    digest = hashlib.sha256(text.encode()).digest()
    return torch.Generator("cpu").manual_seed(int.from_bytes(digest[:_SEED_BYTES], "big"))
