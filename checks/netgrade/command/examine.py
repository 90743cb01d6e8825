"""Has submissions examined, and gives a report for each network."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import click

from netgrade import assignment as assignments
from netgrade.assignment import Assignment, AssignmentError
from netgrade.command.colour import print_lines, width
from netgrade.command.progress import progress
from netgrade.reports.live import Screen
from netgrade.reports.report import Report, Run
from netgrade.reports.terminal import Line
from netgrade.sandbox import client
from netgrade.sandbox.neutral import neutral
from netgrade.sandbox.protocol import Level
from netgrade.session.options import Options
from netgrade.session.session import MistakeError, Session
from netgrade.session.trainings import Trainings
from netgrade.submissions import PathError, Submission, expand

_UNTRAINED = Options(device="auto", output=Path(), data_root=None, anyway=False, timeout=7200.0)
"""For what trains nothing for the assignment."""
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


def examine(  # noqa: PLR0913 - each is one thing that the user can choose
    submissions: Sequence[Submission],
    assignment: str,
    *,
    level: Level,
    timeout: float,
    quiet: bool,
    aside: str = "",
    summary: bool = False,
    learns: bool = False,
) -> Run:
    """Have each submission examined, and judge its networks.

    Args:
        submissions: What is to be graded.
        assignment: The name of a built-in one, or a file.
        level: What holds a submission.
        timeout: Seconds for one network.
        quiet: Nothing is said while the user waits.
        aside: Which files are not graded; empty if there is none.
        summary: torchinfo's table of each network is wanted.
        learns: Ask for the rule `learns` too.

    Raises:
        click.ClickException: A network's name or the assignment is wrong, or `level` can't be had.
        SandboxError: netgrade itself failed.
    """
    held = partial(load, assignment, partial(assignments.with_options, learns=learns))
    with opened(submissions, held, _UNTRAINED, level=level, timeout=timeout, quiet=quiet, summary=summary) as session:
        judged(session, quiet=quiet)
        return session.run(filter(None, [session.trainings_left_out(0, "see netgrade train"), aside]))


@contextmanager
def opened(  # noqa: PLR0913 - each is one thing that a run is made of
    submissions: Sequence[Submission],
    held: Callable[[], Assignment],
    how: Options,
    *,
    level: Level,
    timeout: float,
    quiet: bool,
    trains: bool = False,
    summary: bool = False,
) -> Iterator[Session]:
    """Give a session whose submissions are being examined, and end its processes afterwards.

    Args:
        submissions: What is to be graded.
        held: Gives what they are held to. It is asked while the server imports torch.
        how: How networks are trained.
        level: What holds a submission.
        timeout: Seconds for one network.
        quiet: Nothing is said while the user waits.
        trains: Networks are trained for the assignment.
        summary: torchinfo's table of each network is wanted.

    Raises:
        click.ClickException: `level` can't be had.
    """
    try:
        server = client.Server.start(isolation=level)
    except client.SandboxError as error:
        raise click.ClickException(str(error)) from None
    with closing(server):
        assignment = held()
        write: Callable[[Iterable[Line]], None] = _nothing if quiet else print_lines
        with closing(Trainings(assignment, how, lambda: Screen(write, width, Path.cwd()))) as trainings:
            session = Session(
                server, submissions, assignment, trainings, timeout=timeout, trains=trains, summary=summary
            )
            session.submit()
            yield session


def judged(session: Session, *, quiet: bool) -> Sequence[Report]:
    """Return a report for each network, on all but its training.

    Raises:
        click.ClickException: A network's name is wrong.
        SandboxError: netgrade itself failed.
    """
    try:
        return session.reports(partial(progress, quiet=quiet))
    except MistakeError as error:
        raise click.ClickException("\n".join(str(text).removeprefix(_OPTION) for text in error.args)) from None


def load(name: str, changed: Callable[[Assignment], Assignment]) -> Assignment:
    """Return an assignment as the options change it.

    Raises:
        click.ClickException: There is no such one, its file is wrong, or it can't take an option.
    """
    try:
        return changed(assignments.load(name, folder=Path.cwd()))
    except AssignmentError as error:
        raise click.ClickException(str(error)) from None


def _nothing(_lines: Iterable[Line]) -> None:
    """Write nothing."""
