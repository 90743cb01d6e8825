"""Writes the reports that `--report` asks for."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from netgrade.reports.formats import FORMATS
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
    for target in planned:
        if target.path:
            try:
                target.path.write_text(FORMATS[target.format](run), encoding="utf-8", newline="\n")
            except OSError as error:
                message = f"--report {target.format}={target.given} could not be written: {error.strerror}"
                raise SandboxError(message) from None
    sys.stdout.flush()
    for target in planned:
        if not target.path:
            click.echo(FORMATS[target.format](run).encode(), nl=False)  # bytes: a program reads them
