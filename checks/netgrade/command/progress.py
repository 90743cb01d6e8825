"""What the user sees while a slow submission is examined, on standard error: a live line, or a plain one now and then.

Standard output has the verdicts alone.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

_SOON = 1.0
"""Seconds before anything is said."""
_EVERY = 10.0
"""Seconds between two lines where none can be overwritten."""
_ERASE = "\r\x1b[2K"


@contextmanager
def progress(path: str, *, quiet: bool) -> Iterator[Callable[[str, float], None] | None]:
    """Give a function that is told what a submission waits for, and how many seconds long; None where nothing shows."""
    if quiet:
        yield None
        return
    live = sys.stderr.isatty()
    last, told = "", 0.0

    def tell(doing: str, seconds: float) -> None:
        nonlocal last, told
        if doing != last:
            last, told = doing, 0.0
        text = f"{path}: {doing}, {seconds:.0f} s"
        if live and seconds >= _SOON:
            click.echo(f"{_ERASE}{text}", nl=False, err=True, color=True)
        elif not live and seconds >= told + _EVERY:
            click.echo(text, err=True)
            told = seconds

    yield tell
    if live and last:
        click.echo(_ERASE, nl=False, err=True, color=True)
