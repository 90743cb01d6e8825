"""Writes the reports that `--report` asks for."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from netgrade.reports import writing
from netgrade.reports.report import Run
from netgrade.reports.targets import Target, TargetError, targets
from netgrade.sandbox.client import SandboxError
from netgrade.submissions import Submission


def planned(values: Sequence[str], submissions: Sequence[Submission]) -> tuple[Target, ...]:
    """Return what is to be written; every mistake is found before anything is graded.

    Raises:
        click.ClickException: A format is unknown, or a path can't be written.
    """
    try:
        return targets(values, start=Path.cwd(), kept=[submission.path for submission in submissions])
    except TargetError as error:
        raise click.ClickException(str(error)) from None


def write(planned: Sequence[Target], run: Run) -> None:
    """Write the files, and then what goes to the standard output.

    Raises:
        SandboxError: A file could not be written after all.
    """
    try:
        writing.write(planned, run)
    except TargetError as error:
        raise SandboxError(str(error)) from None
    sys.stdout.flush()
    click.echo(writing.printed(planned, run), nl=False)
