"""Closing what a child has inherited."""

import contextlib
import os
import sys
from collections.abc import Container

_LIST = "/proc/self/fd" if sys.platform == "linux" else "/dev/fd"


def keep_only(kept: Container[int]) -> None:
    """Close every open descriptor but these.

    They are listed, because the range up to the highest that is allowed can be a thousand million long.
    """
    for name in os.listdir(_LIST):  # noqa: PTH208 - names are enough
        if int(name) not in kept:
            with contextlib.suppress(OSError):  # the listing's own is closed already
                os.close(int(name))


def no_input() -> None:
    """Make standard input an empty file."""
    null = os.open(os.devnull, os.O_RDONLY)
    if null != 0:
        os.dup2(null, 0)
        os.close(null)
