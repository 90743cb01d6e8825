"""Puts a file in its place whole or not at all. No torch.

It is written beside its place under a name that nobody can foresee, and then put there. So a reader never sees half of
it, two runs never write into one another's, and a link or a pipe that somebody laid at the place is replaced, not
followed.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path


def place(path: Path, data: bytes) -> None:
    """Write a file in place of an older one; its folder must be there.

    Raises:
        OSError: It can't be written; nothing is left of the attempt.
    """
    beside = path.parent / f".netgrade-{secrets.token_hex(8)}"
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - it is open already
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)  # noqa: PTH105 - the same with two paths
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
