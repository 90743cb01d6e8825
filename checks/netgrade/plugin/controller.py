"""What the process does that the user started: has the submissions examined, once, and prints the summary.

With pytest-xdist it hands the reports to the workers, which start no server.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec
import pytest

from netgrade import __version__
from netgrade.assignment import Assignment
from netgrade.grading import reports
from netgrade.messages import Examined, Failure, Task
from netgrade.names import unknown
from netgrade.plugin.items import shown
from netgrade.plugin.progress import progress
from netgrade.reports.report import Report, Run
from netgrade.reports.sources import sources
from netgrade.reports.terminal import Tone, plain, summary
from netgrade.rules import all_rules
from netgrade.sandbox.client import SandboxError, Server
from netgrade.submissions import Submission, command, strangers

_INPUT = "netgrade"
"""Key of the reports in an xdist worker's input."""
_MARKUP: dict[Tone, dict[str, bool]] = {
    "plain": {},
    "strong": {"bold": True},
    "good": {"green": True},
    "bad": {"red": True},
    "careful": {"yellow": True},
    "faint": {"light": True},
}


class Controller:
    """Has each submission examined once, and says what came of it."""

    def __init__(
        self, config: pytest.Config, server: Server, submissions: Sequence[Submission], assignment: Assignment
    ) -> None:
        self._config = config
        self._server = server
        self._submissions = submissions
        self._alone = strangers(submissions)
        self._assignment = assignment
        self._reports: list[Report] | None = None
        self._ran: set[tuple[str, str, str]] = set()

    def reports(self) -> Sequence[Report]:
        """Return a report for each network, as soon as all are examined.

        Raises:
            pytest.UsageError: A file has no network of the name that was asked for.
        """
        if self._reports is None:
            examined = [self._examined(submission) for submission in self._submissions]
            mistakes = [text for pair in zip(self._submissions, examined, strict=True) if (text := mistake(*pair))]
            if mistakes:
                raise pytest.UsageError(*mistakes)
            self._reports = [
                report
                for submission, each in zip(self._submissions, examined, strict=True)
                for report in reports(each, self._assignment, path=shown(submission.given))
            ]
        return self._reports

    def run(self) -> Run | None:
        """Return all that the formats of `--report` render; None if nothing was graded."""
        if self._reports is None:
            return None
        training = self._assignment.training
        return Run(
            reports=tuple(self._reports),
            assignment=self._assignment.name,
            netgrade=__version__,
            torch=_torch(),
            accuracy=training.accuracy if training else None,
            sources=sources({shown(submission.given): submission.path for submission in self._submissions}),
        )

    def pytest_report_header(self) -> str:
        """Name what a verdict depends on."""
        return " · ".join(self._versions())

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Submit everything, to be captured while pytest collects."""
        with _our_fault():
            for submission in self._submissions:
                self._server.submit(self._task(submission))

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401, xdist may be missing
        """Hand the reports to an xdist worker; the first one waits for them."""
        node.workerinput[_INPUT] = msgspec.msgpack.encode(self.reports())

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember which checks ran: the summary shows no other."""
        told = dict(report.user_properties)
        if {"submission", "network", "rule"} <= told.keys():
            self._ran.add((str(told["submission"]), str(told["network"]), str(told["rule"])))

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        """Print the tables and the rules, after pytest's FAILURES and above its short list of them."""
        width, verbosity = self._config.get_terminal_writer().fullwidth, self._config.option.verbose
        lines = list(summary(self._reports or (), self._ran, width=width, verbosity=verbosity))
        if lines and verbosity >= 0:
            title = " · ".join([*self._versions(), f"sandbox: {self._sandbox()}"])
            terminalreporter.write_sep("=", _fitting(title))
        for line in lines:
            terminalreporter.write_line(_fitting(line.text), **_MARKUP[line.tone])

    def _task(self, submission: Submission) -> Task:
        return Task(
            path=str(submission.path),
            network=submission.network,
            input_shape=self._assignment.input_shape,
            classes=self._assignment.classes,
            timeout=self._config.option.model_timeout,
            alone=submission.path in self._alone,
        )

    def _examined(self, submission: Submission) -> Examined:
        with _our_fault(), progress(self._config, shown(submission.given)) as tell:
            examined = self._server.result(self._task(submission), progress=tell)
        if not examined.networks:  # a submission without a check would be green
            raise RuntimeError(f"{submission.given} was examined without a result")
        return examined

    def _versions(self) -> tuple[str, ...]:
        torch = _torch()
        return f"netgrade {__version__}", self._assignment.name, f"torch {torch}" if torch else "no torch"

    def _sandbox(self) -> str:
        names = dict.fromkeys(name for report in self._reports or () for name in report.sandbox)
        return ", ".join(names) or "none"


def _torch() -> str:
    """Return torch's version without importing it; nothing where it is missing."""
    try:
        return version("torch")
    except PackageNotFoundError:
        return ""


def received(workerinput: dict[str, Any]) -> Sequence[Report]:
    """Return the reports that the controller has handed to this xdist worker."""
    return msgspec.msgpack.decode(workerinput[_INPUT], type=list[Report])


def mistake(submission: Submission, examined: Examined) -> str | None:
    """Return what is wrong with the name that the user asked for, or None."""
    for network in examined.networks:
        if isinstance(network, Failure) and network.stage == "find" and submission.network and network.candidates:
            which = unknown("network", submission.network, network.candidates)
            rule = submission.network in all_rules()
            way = f"; a rule is chosen with -k: {command(submission.given, submission.network)}" if rule else ""
            return f"--model-path {shown(submission.given)}::{submission.network}: {which}{way}"
    return None


@contextmanager
def _our_fault() -> Iterator[None]:
    try:
        yield
    except SandboxError as error:
        pytest.exit(str(error), returncode=pytest.ExitCode.INTERNAL_ERROR)


def _fitting(text: str) -> str:
    """Return the text as the terminal can show it."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return plain(text)
    return text
