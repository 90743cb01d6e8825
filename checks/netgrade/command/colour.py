"""Lines in colour: on a terminal, and not where the user has set NO_COLOR."""

import os
import shutil
import sys
from collections.abc import Iterable
from typing import TypedDict

import click

from netgrade.reports.terminal import Line, Tone, fitting


class _Style(TypedDict, total=False):
    fg: str
    bold: bool
    dim: bool


_STYLES: dict[Tone, _Style] = {
    "plain": {},
    "strong": {"bold": True},
    "good": {"fg": "green"},
    "bad": {"fg": "red"},
    "careful": {"fg": "yellow"},
    "faint": {"dim": True},
}


def print_lines(lines: Iterable[Line]) -> None:
    """Print lines on standard output."""
    coloured = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    for line in lines:
        text = fitting(line.text, sys.stdout.encoding)
        click.echo(click.style(text, **_STYLES[line.tone]) if coloured and text else text, color=coloured)


def width() -> int:
    """Return the width of the terminal in characters: COLUMNS where it is set, 80 where there is no terminal."""
    return shutil.get_terminal_size().columns
