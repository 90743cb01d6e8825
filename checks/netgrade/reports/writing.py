"""Writes the reports that `--report` asks for, for every shell alike.

A file is written beside its place and then put there. So a reader never sees half a report, and a link or a pipe that
somebody laid at the place is replaced, not followed.
"""

import os
import secrets
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from netgrade.facts.model import Facts
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
                _place(target.path, FORMATS[target.format](shown).encode())
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


def _place(path: Path, data: bytes) -> None:
    beside = path.parent / f".netgrade-{secrets.token_hex(8)}"
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - it is open already
            file.write(data)
        os.replace(beside, path)  # noqa: PTH105 - the same with two paths
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise
