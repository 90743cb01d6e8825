"""`netgrade check`: grades submissions as `pytest --model-path` does, without pytest."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from netgrade.command.colour import print_lines, width
from netgrade.command.examine import examine, named
from netgrade.command.options import examining, learning, reporting
from netgrade.command.write import planned, write
from netgrade.reports.report import Report
from netgrade.reports.terminal import Line, summary, title
from netgrade.rules.model import Outcome, Verdict
from netgrade.sandbox.protocol import Level
from netgrade.submissions import left_out

_WORDS: dict[Outcome, str] = {
    "failed": "failed",
    "error": "can't be judged",
    "warned": "warned",
    "skipped": "skipped",
    "passed": "passed",
}
"""From the worst to the best."""


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path())
@examining
@learning
@reporting
@click.option(
    "--skip-helpers", is_flag=True, help="Name the files that define no network, such as utils.py, and don't fail them."
)
def check(  # noqa: PLR0913 - one an option
    *,
    paths: Sequence[str],
    assignment: str,
    model_timeout: float,
    sandbox: Level,
    verbose: int,
    report: Sequence[str],
    learns: bool,
    skip_helpers: bool,
    quiet: bool,
) -> int:
    """Grade networks.

    PATH is FILE.py, FILE.py::Class, FILE.ipynb, or a folder of such files. No configuration is read, neither
    netgrade's nor pytest's: what decides stands in the command and in the assignment that it names.

    Exit codes: 0 every rule passed; 1 a rule failed, could not judge, or a submission could not be loaded; 2
    interrupted; 3 netgrade itself failed; 4 a mistake in the command or the assignment.
    """
    submissions = named(paths)
    targets = planned(report, submissions)
    aside = left_out(paths, Path.cwd())
    run = examine(
        submissions, assignment, level=sandbox, timeout=model_timeout, quiet=quiet, aside=aside, learns=learns
    )
    helpers = [each for each in run.reports if skip_helpers and each.failure and each.failure.helper]
    reports = tuple(each for each in run.reports if each not in helpers)
    passed_over = [f"left out: {each.path} defines no network" for each in helpers]
    run = msgspec.structs.replace(run, reports=reports, left_out=(*run.left_out, *passed_over))
    verbosity = -1 if quiet else verbose
    every = {(each.path, each.network, verdict.rule) for each in reports for verdict in each.checks}
    if not quiet:
        print_lines([Line(title(run.assignment, [*reports, *helpers]), "strong"), Line("")])
    print_lines(summary(reports, every, width=width(), verbosity=verbosity, command="netgrade check "))
    print_lines(Line(text, "faint") for text in (passed_over if quiet else run.left_out))
    print_lines([total([verdict for each in reports for verdict in each.checks])])
    write(targets, run)
    return int(fails(reports))


def fails(reports: Sequence[Report]) -> bool:
    """Whether a rule failed or could not judge, or a submission could not be loaded."""
    return any(verdict.outcome in ("failed", "error") for report in reports for verdict in report.checks)


def total(verdicts: Sequence[Verdict]) -> Line:
    """Return `2 failed, 8 passed`."""
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    text = ", ".join(f"{outcomes[outcome]:,} {word}" for outcome, word in _WORDS.items() if outcomes[outcome])
    return Line(text or "nothing was graded", "bad" if outcomes["failed"] or outcomes["error"] else "good")
