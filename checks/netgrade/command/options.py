"""What several commands take: paths, an assignment, the sandbox."""

import math
from collections.abc import Callable
from typing import Any

import click
from click.shell_completion import CompletionItem

from netgrade.assignment import DEFAULT, built_in
from netgrade.reports.formats import FORMATS
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


def complete_epochs(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return what decides, for a shell."""
    return [CompletionItem(name) for name in ("best", "last", "last-3") if name.startswith(begun)]


def learning(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the plugin's option of a quick training."""
    return click.option(
        "--learns",
        is_flag=True,
        help="Train for seconds on few images that come with netgrade: the rule `learns`.",
    )(function)


def reporting(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of what it shows and writes at its end."""
    for option in (
        click.option("-q", "--quiet", is_flag=True, help="Only what needs attention."),
        click.option(
            "--report",
            "report",
            multiple=True,
            metavar="FORMAT=PATH",
            help=f"Write a report as {', '.join(FORMATS)}; PATH `-` is the standard output. May be given several "
            "times.",
        ),
    ):
        function = option(function)
    return function


def training(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of training, under the names of the plugin's too, which messages speak of."""
    for option in (
        click.option(
            "--accuracy-at",
            metavar="best|last|last-K",
            shell_complete=complete_epochs,
            help="The epoch that decides: the best, the last, the worst of the last K.",
        ),
        click.option(
            "--seeds", metavar="N|auto", help="How many seeds: their mean decides; auto: one if that leaves no doubt."
        ),
        click.option("--seed", type=int, metavar="N", help="The first seed, in place of the assignment's."),
        click.option("--epochs", type=int, metavar="N", help="Epochs, no more than the assignment's."),
        click.option(
            "--timeout",
            "--train-timeout",
            "timeout",
            callback=_seconds,
            default="7200",
            show_default=True,
            metavar="SECONDS",
            help="Time for the training from one seed.",
        ),
        click.option(
            "--data-root",
            metavar="DIR",
            type=click.Path(),
            help="Where the data set lies, as torchvision lays it out.  [default: NETGRADE_DATA, else your cache "
            "folder]",
        ),
        click.option(
            "--anyway",
            "--train-anyway",
            "anyway",
            is_flag=True,
            help="Train a network even if it breaks a rule, by which it still fails.",
        ),
        click.option(
            "--output",
            "--train-output",
            "output",
            default="netgrade-out",
            show_default=True,
            metavar="DIR",
            type=click.Path(),
            help="Folder for each trial's record and curve.",
        ),
        click.option(
            "--device",
            "--train-device",
            "device",
            type=click.Choice(("auto", "cuda", "cpu")),
            default="auto",
            show_default=True,
            help="Where to train: on a GPU, without which nothing is judged; on a GPU, or it is an error; on the CPU, "
            "which takes minutes.",
        ),
    ):
        function = option(function)
    return function


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
