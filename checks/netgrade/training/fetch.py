"""Has torchvision fetch a data set."""

import contextlib
import socket
import sys
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from tarfile import TarError
from typing import Any

from netgrade.training.datasets import Known

_PATIENCE = 30.0
"""Seconds that a server may take for its next answer."""


def published(known: Known) -> Any:  # noqa: ANN401 - torchvision's classes have no common type
    """Return torchvision's class of a data set: its addresses, its MD5 sums, its reader."""
    from torchvision import datasets  # type: ignore[import-untyped]  # noqa: PLC0415 - slow, and files that are there need it seldom

    return getattr(datasets, known.name)


def fetch(known: Known, folder: Path) -> str:
    """Fetch a data set into a folder; torchvision checks the sums of what it fetches.

    Returns:
        What went wrong, in one line; empty if nothing did.
    """
    try:
        with _patience(), contextlib.redirect_stdout(sys.stderr):
            _download(known, folder)
    except (OSError, RuntimeError, ValueError, EOFError, ImportError, HTTPException, TarError) as error:
        return " ".join(str(error).split()) or type(error).__name__
    return ""


def _download(known: Known, folder: Path) -> None:
    for part in ("train", "test"):
        choice = {"split": part} if known.form == "svhn" else {"train": part == "train"}
        published(known)(folder, download=True, **choice)


@contextlib.contextmanager
def _patience() -> Iterator[None]:
    """Wait for a server that does not answer, but not for ever: torchvision sets no limit of its own."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_PATIENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
