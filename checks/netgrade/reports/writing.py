"""Writes the reports that `--report` asks for, for every shell alike.

A reader never sees half a report, and a link or a pipe that somebody laid at the place is replaced, not followed.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from netgrade.facts.model import Facts
from netgrade.placing import place
from netgrade.reports.formats import FORMATS
from netgrade.reports.report import Report, Run
from netgrade.reports.targets import Target, TargetError
from netgrade.sandbox.neutral import throughout


def write(targets: Iterable[Target], run: Run) -> None:
    """Write the reports that go to files.

    Raises:
        TargetError: A file could not be written after all; the message names it and says why.
    """
    shown = _neutral(run)
    for target in targets:
        if target.path:
            try:
                place(target.path, FORMATS[target.format](shown).encode())
            except OSError as error:
                reason = error.strerror or str(error)
                raise TargetError(f"--report {target.format}={target.given} could not be written: {reason}") from None


def printed(targets: Iterable[Target], run: Run) -> bytes:
    """Return what goes to the standard output: bytes, because a program reads them."""
    wanted = [FORMATS[target.format] for target in targets if not target.path]
    shown = _neutral(run) if wanted else run
    return "".join(render(shown) for render in wanted).encode()


def _neutral(run: Run) -> Run:
    """Return the run without control characters, lone surrogates and the like, which no file of text can hold.

    Facts come out of the sandbox so, all but those of a training; source lines are read so.
    """
    reports = tuple(replace(throughout(replace(report, facts=None)), facts=_facts(report)) for report in run.reports)
    return replace(run, reports=reports, assignment=throughout(run.assignment))


def _facts(report: Report) -> Facts | None:
    facts = report.facts
    return replace(facts, training=throughout(facts.training)) if facts and facts.training else facts
