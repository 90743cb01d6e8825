"""`netgrade train`: trains networks as `pytest -m gpu_train` does, without pytest."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import click

from netgrade.assignment import Assignment, with_options
from netgrade.command.check import fails, total
from netgrade.command.colour import print_lines, width
from netgrade.command.examine import judged, load, named, opened
from netgrade.command.options import examining, learning, reporting, training
from netgrade.command.write import planned, write
from netgrade.reports.report import Report, Run
from netgrade.reports.terminal import Line, summary, title
from netgrade.rules.model import Verdict
from netgrade.sandbox.protocol import Level
from netgrade.session.options import OptionError, Options, hold_output, options
from netgrade.submissions import left_out
from netgrade.training.messages import Device

UNJUDGED = 5
"""Exit code where every training was skipped, as pytest's where no test ran."""


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path())
@training
@examining
@learning
@reporting
def train(  # noqa: PLR0913 - one an option
    *,
    paths: Sequence[str],
    assignment: str,
    model_timeout: float,
    sandbox: Level,
    verbose: int,
    report: Sequence[str],
    quiet: bool,
    device: Device,
    output: str,
    anyway: bool,
    timeout: float,
    data_root: str | None,
    epochs: int | None,
    seed: int | None,
    seeds: str | None,
    accuracy_at: str | None,
    learns: bool,
) -> int:
    """Train networks, and judge what they reach.

    PATH is FILE.py, FILE.py::Class, FILE.ipynb, or a folder of such files. Networks are graded first, and one that
    breaks a rule is not trained. Each epoch is a line on the screen, and each seed leaves a record. After Ctrl-C the
    same command goes on from the last whole epoch. No configuration is read, neither netgrade's nor pytest's.

    Exit codes: 0 every rule passed; 1 a rule failed, could not judge, or a submission could not be loaded; 2
    interrupted; 3 netgrade itself failed; 4 a mistake in the command or the assignment; 5 nothing was judged, because
    there is no GPU to train on.
    """
    submissions = named(paths)
    targets = planned(report, submissions)
    how = _options(device=device, output=output, data_root=data_root, anyway=anyway, timeout=timeout)
    changed = partial(with_options, epochs=epochs, seed=seed, seeds=seeds, accuracy_at=accuracy_at, learns=learns)
    held = partial(_held, assignment, changed)
    show = partial(_show, verbosity=-1 if quiet else verbose)
    with opened(submissions, held, how, level=sandbox, timeout=model_timeout, trains=True, quiet=quiet) as session:
        aside = [*filter(None, [left_out(paths, Path.cwd())])]
        try:
            for each in judged(session, quiet=quiet):
                session.train(each)
        except KeyboardInterrupt:
            show(session.run(aside), [each for each in session.final() if each.trained])
            raise
        run = session.run(aside)
    show(run, run.reports)
    write(targets, run)
    if fails(run.reports):
        return 1
    return UNJUDGED if _reasons(run.reports) else 0


def _show(run: Run, reports: Sequence[Report], *, verbosity: int) -> None:
    """Print what there is to say of these of the run's reports; nothing if there is none."""
    if not reports:
        return
    shown = [(each, verdict) for each in reports for verdict in _shown(each, verbosity)]
    every = {(each.path, each.network, verdict.rule) for each, verdict in shown}
    if verbosity >= 0:
        print_lines([Line(""), Line(title(run.assignment, reports), "strong"), Line("")])
    print_lines(summary(reports, every, width=width(), verbosity=verbosity, command="netgrade train "))
    if verbosity >= 0:
        print_lines(Line(text, "faint") for text in run.left_out)
    print_lines([*_unjudged(reports), total([verdict for _, verdict in shown])])


def _options(*, device: Device, output: str, data_root: str | None, anyway: bool, timeout: float) -> Options:
    try:
        how = options(
            device=device, output=output, data_root=data_root, anyway=anyway, timeout=timeout, start=Path.cwd()
        )
        hold_output(how, "--output")
    except OptionError as error:
        raise click.ClickException(str(error)) from None
    return how


def _held(name: str, changed: Callable[[Assignment], Assignment]) -> Assignment:
    """Return the assignment as the options change it."""
    assignment = load(name, changed)
    if assignment.training is None:
        raise click.ClickException(f"{name} asks for no training; add a table [training]")
    return assignment


def _shown(report: Report, verbosity: int) -> list[Verdict]:
    """Return what training has shown, and what else did not pass; with -v all.

    Where a file can't be loaded that is said once.
    """
    if report.failure:
        return [verdict for verdict in report.checks if verdict not in report.trained]
    return [
        verdict
        for verdict in report.checks
        if verdict in report.trained or verbosity > 0 or verdict.outcome not in ("passed", "skipped")
    ]


def _reasons(reports: Sequence[Report]) -> list[str]:
    """Return why nothing was judged, each reason once; none if anything was."""
    trained = [verdict for report in reports for verdict in report.trained]
    if any(verdict.outcome != "skipped" for verdict in trained):
        return []
    return [*dict.fromkeys(verdict.message for verdict in trained)]


def _unjudged(reports: Sequence[Report]) -> list[Line]:
    reasons = _reasons(reports)
    return [Line(f"nothing was judged, so this run is no pass: {'; '.join(reasons)}", "bad")] if reasons else []
