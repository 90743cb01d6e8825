"""What the process does that the user started: has the submissions examined, once, and prints the summary.

With pytest-xdist it hands the reports to the workers, which start no server.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import msgspec
import pytest

from netgrade.assignment import Assignment
from netgrade.grading import training_rules
from netgrade.plugin.items import Check, Judged
from netgrade.plugin.lines import MARKUP, fitting
from netgrade.plugin.progress import progress
from netgrade.reports.report import Report, Run
from netgrade.reports.terminal import summary, title, versions
from netgrade.rules.model import Verdict
from netgrade.sandbox.client import SandboxError
from netgrade.session.session import MistakeError, Session

_INPUT = "netgrade"
"""Key of the reports in an xdist worker's input."""


class Controller:
    """Has each submission examined once, and says what came of it."""

    def __init__(
        self, config: pytest.Config, session: Session, assignment: Assignment, *, trains: bool, files: str
    ) -> None:
        """Ask for nothing yet.

        Args:
            config: pytest's.
            session: Grades and trains.
            assignment: What the submissions are held to.
            trains: Trainings may be selected.
            files: Which files of a folder are not graded, and why; empty if there is none.
        """
        self._config = config
        self._session = session
        self._assignment = assignment
        self._trains = trains
        self._files = files
        self._chosen: set[tuple[str, str]] = set()
        """Networks that are to be trained."""
        self._ran: dict[tuple[str, str, str], str] = {}
        """The checks that ran, and why they were skipped; an empty text for one that was judged."""

    def reports(self) -> Sequence[Report]:
        """Return a report for each network, as soon as all are examined.

        Raises:
            pytest.UsageError: A file has no network of the name that was asked for.
        """
        with _our_fault():
            try:
                return self._session.reports(partial(progress, self._config))
            except MistakeError as error:
                raise pytest.UsageError(*error.args) from None

    def judged(self) -> Judged:
        """Return the reports, and the rules that judge by training.

        Raises:
            pytest.UsageError: As `reports`.
        """
        return self.reports(), training_rules(self._assignment)

    def train(self, report: Report, rule: str) -> Verdict:
        """Have a network trained, if it isn't yet, and return the verdict of a rule that judges by training."""
        return next(verdict for verdict in self._session.train(report).trained if verdict.rule == rule)

    def run(self) -> Run | None:
        """Return all that the formats of `--report` render; None if nothing was graded."""
        return self._session.run(self._left_out()) if self._session.final() else None

    def pytest_report_header(self) -> str:
        """Name what a verdict depends on."""
        return versions(self._assignment.name)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Submit everything, to be captured while pytest collects."""
        with _our_fault():
            self._session.submit()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note what is trained: what is left of the trainings when everybody has selected."""
        items = (item for item in session.items if isinstance(item, Check) and item.is_training)
        self._chosen = {(item.report.path, item.report.network) for item in items}

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401, xdist may be missing
        """Hand the reports to an xdist worker, and the rules that judge by training; the first one waits for them."""
        node.workerinput[_INPUT] = msgspec.msgpack.encode(self.judged())

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Refuse to train under xdist, where several processes would share the machine."""
        if any(each.rpartition("::")[2] in training_rules(self._assignment) for each in ids):
            raise pytest.UsageError("-n with -m: networks are trained one after the other; leave -n out")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember which checks ran: the summary shows no other."""
        told = dict(report.user_properties)
        if {"submission", "network", "rule"} <= told.keys():
            key = str(told["submission"]), str(told["network"]), str(told["rule"])
            if report.failed or report.when == "call":
                self._ran[key] = ""
            elif isinstance(report.longrepr, tuple):  # skipped: file, line, reason
                self._ran[key] = report.longrepr[2].removeprefix("Skipped: ") or "no reason given"
            else:
                self._ran.setdefault(key, "")

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Let a run in which nothing was judged not be green."""
        if self._unjudged() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        """Print the tables and the rules, after pytest's FAILURES and above its short list of them."""
        width, verbosity = self._config.get_terminal_writer().fullwidth, self._config.option.verbose
        reports = self._session.final()
        lines = list(summary(reports, self._ran, width=width, verbosity=verbosity))
        if lines and verbosity >= 0:
            terminalreporter.write_sep("=", fitting(title(self._assignment.name, reports)))
        for line in lines:
            terminalreporter.write_line(fitting(line.text), **MARKUP[line.tone])
        if reasons := self._unjudged():
            terminalreporter.write_line(
                fitting(f"nothing was judged, so this run is not green: every check was skipped: {'; '.join(reasons)}")
            )
        elif verbosity >= 0:
            for text in self._left_out():
                terminalreporter.write_line(fitting(text))

    def _left_out(self) -> list[str]:
        """Say what is not judged."""
        way = "-m, -k or --deselect took them out" if self._trains else "add -m gpu_train"
        return [*filter(None, [self._session.trainings_left_out(len(self._chosen), way), self._files])]

    def _unjudged(self) -> list[str]:
        """Return the reasons, each once, if every check was skipped; none if any was judged."""
        return [*dict.fromkeys(self._ran.values())] if all(self._ran.values()) else []


def received(workerinput: dict[str, Any]) -> tuple[list[Report], tuple[str, ...]]:
    """Return the reports that the controller has handed to this xdist worker, and the rules that judge by training."""
    return msgspec.msgpack.decode(workerinput[_INPUT], type=tuple[list[Report], tuple[str, ...]])


@contextmanager
def _our_fault() -> Iterator[None]:
    try:
        yield
    except SandboxError as error:
        pytest.exit(str(error), returncode=pytest.ExitCode.INTERNAL_ERROR)
