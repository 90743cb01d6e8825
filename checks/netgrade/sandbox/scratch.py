"""The folder that one submission may write to."""

import contextlib
import os
import shutil
import tempfile

_ENTRY = 2**16
"""Bytes that a file or folder counts for at least, so that a million empty ones are too many."""


def make(parent: str) -> str:
    """Make a new, empty folder."""
    return tempfile.mkdtemp(dir=parent)


def exceeds(folder: str, limit: int) -> bool:
    """Tell whether a folder holds more than `limit` bytes. What is open and has no name any more isn't seen."""
    total, folders = 0, [folder]
    while folders:
        with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                total += _ENTRY
                if total > limit:
                    return True
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
    return total > limit


def remove(folder: str) -> None:
    """Remove a folder with all that is in it, as far as that can be done."""
    with contextlib.suppress(RecursionError):  # a submission can nest folders as deep as it likes
        shutil.rmtree(folder, ignore_errors=True)
