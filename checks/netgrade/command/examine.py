"""Has submissions examined, and gives a report for each network."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import click

from netgrade.assignment import Assignment, AssignmentError, load
from netgrade.command.progress import progress
from netgrade.grading import mistake, reports, run, task
from netgrade.reports.report import Report, Run
from netgrade.sandbox import client
from netgrade.sandbox.neutral import neutral
from netgrade.sandbox.protocol import Level
from netgrade.submissions import PathError, Submission, expand, shown, strangers

_OPTION = "--model-path "
"""How pytest's option begins the messages about a path; a path is no option here."""


def named(paths: Sequence[str]) -> tuple[Submission, ...]:
    """Return the submissions that the paths name, folders standing for the files in them.

    Raises:
        click.ClickException: A path names none.
    """
    try:
        return expand(paths, Path.cwd())
    except PathError as error:
        raise click.ClickException(neutral(str(error)).removeprefix(_OPTION)) from None


def examine(submissions: Sequence[Submission], assignment: str, *, level: Level, timeout: float, quiet: bool) -> Run:
    """Have each submission examined, and judge its networks.

    Args:
        submissions: What is to be graded.
        assignment: The name of a built-in one, or a file.
        level: What holds a submission.
        timeout: Seconds for one network.
        quiet: Nothing is said while the user waits.

    Raises:
        click.ClickException: A network's name or the assignment is wrong, or `level` can't be had.
        SandboxError: netgrade itself failed.
    """
    try:
        server = client.Server.start(isolation=level)  # before the assignment is read: it imports torch meanwhile
    except client.SandboxError as error:
        raise click.ClickException(str(error)) from None
    with closing(server):
        held = _load(assignment, Path.cwd())
        judged = _reports(server, submissions, held, timeout=timeout, quiet=quiet)
        return run(judged, held, submissions)


def _load(assignment: str, folder: Path) -> Assignment:
    try:
        return load(assignment, folder=folder)
    except AssignmentError as error:
        raise click.ClickException(str(error)) from None


def _reports(
    server: client.Server, submissions: Sequence[Submission], assignment: Assignment, *, timeout: float, quiet: bool
) -> tuple[Report, ...]:
    alone = strangers(submissions)
    tasks = [task(each, assignment, timeout=timeout, alone=each.path in alone) for each in submissions]
    for each in tasks:
        server.submit(each)
    found: list[Report] = []
    mistakes: list[str] = []
    for submission, each in zip(submissions, tasks, strict=True):
        with progress(shown(submission.given), quiet=quiet) as tell:
            examined = server.result(each, progress=tell)
        if not examined.networks:  # a submission without a check would pass
            raise RuntimeError(f"{submission.given} was examined without a result")
        if text := mistake(submission, examined):
            mistakes.append(text.removeprefix(_OPTION))
        found += reports(examined, assignment, path=shown(submission.given))
    if mistakes:
        raise click.ClickException("\n".join(mistakes))
    return tuple(found)
