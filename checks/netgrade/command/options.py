"""What several commands take: paths, an assignment, the sandbox."""

import math
from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from netgrade.assignment import DEFAULT, built_in
from netgrade.rules import all_rules

LEVELS = ("auto", "require", "off")


def _seconds(_context: click.Context, _parameter: click.Parameter, text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise click.BadParameter(f"{text!r} is no number of seconds above 0")
    return seconds


def complete_rules(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the rules whose ids begin so, for a shell."""
    return [CompletionItem(name) for name in all_rules() if name.startswith(begun)]


def complete_assignments(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the built-in assignments whose names begin so, and ask the shell for files where there is none."""
    return [CompletionItem(name) for name in built_in() if name.startswith(begun)] or [
        CompletionItem(begun, type="file")
    ]


def examining(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of everything that has submissions examined."""
    for option in (
        click.option(
            "-v", "--verbose", count=True, help="The whole table of layers; twice: every operator, activations too."
        ),
        click.option(
            "--sandbox",
            type=click.Choice(LEVELS),
            default="auto",
            show_default=True,
            help="How a submission is held: by what this system has, not at all unless by all of it, or by limits of "
            "time and memory alone.",
        ),
        click.option(
            "--model-timeout",
            callback=_seconds,
            default="60",
            show_default=True,
            metavar="SECONDS",
            help="Time for one network.",
        ),
        click.option(
            "--assignment",
            default=DEFAULT,
            show_default=True,
            metavar="NAME|FILE.toml",
            shell_complete=complete_assignments,
            help="What the network is held to: a built-in assignment or a file.",
        ),
    ):
        function = option(function)
    return function
