"""What the process does that the user started: has the submissions examined, once, and prints the summary.

With pytest-xdist it hands the reports to the workers, which start no server.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest

from netgrade.assignment import Assignment
from netgrade.facts.model import Facts
from netgrade.grading import mistake, reports, run, task, training_rules
from netgrade.messages import Examined, Task
from netgrade.plugin.lines import MARKUP, fitting
from netgrade.plugin.progress import progress
from netgrade.plugin.training import Trainings, seeds
from netgrade.reports.report import Report, Run
from netgrade.reports.terminal import summary, title, versions
from netgrade.rules.model import Verdict
from netgrade.rules.wording import plural
from netgrade.sandbox.client import SandboxError, Server
from netgrade.submissions import Submission, shown, strangers
from netgrade.training.client import TrainingError

_INPUT = "netgrade"
"""Key of the reports in an xdist worker's input."""


class Controller:
    """Has each submission examined once, and says what came of it."""

    def __init__(
        self,
        config: pytest.Config,
        server: Server,
        submissions: Sequence[Submission],
        assignment: Assignment,
        trainings: Trainings,
    ) -> None:
        self._config = config
        self._server = server
        self._submissions = submissions
        self._alone = strangers(submissions)
        self._assignment = assignment
        self._trainings = trainings
        self._wanted = bool(config.option.markexpr)
        self._learns = any(each.rule.evidence == "learning" for each in assignment.requirements)
        self._seeds = seeds(assignment, wanted=self._wanted)
        self._reports: list[Report] | None = None
        self._tasks: dict[str, Task] = {}
        self._ran: dict[tuple[str, str, str], str] = {}
        """The checks that ran, and their outcomes."""

    def reports(self) -> Sequence[Report]:
        """Return a report for each network, as soon as all are examined.

        Raises:
            pytest.UsageError: A file has no network of the name that was asked for.
        """
        if self._reports is None:
            examined = [self._taught(self._examined(submission), submission) for submission in self._submissions]
            mistakes = [text for pair in zip(self._submissions, examined, strict=True) if (text := mistake(*pair))]
            if mistakes:
                raise pytest.UsageError(*mistakes)
            self._reports = [
                report
                for submission, each in zip(self._submissions, examined, strict=True)
                for report in reports(each, self._assignment, path=shown(submission.given))
            ]
        return self._reports

    def train(self, report: Report, rule: str) -> Verdict:
        """Have a network trained, if it isn't yet, and return the verdict of a rule that judges by training."""
        blob = self._server.capture(self._tasks[report.path], report.network) if report.facts else None
        verdicts = self._trainings.train(report, blob).trained
        return next(verdict for verdict in verdicts if verdict.rule == rule)

    def run(self) -> Run | None:
        """Return all that the formats of `--report` render; None if nothing was graded."""
        if self._reports is None:
            return None
        return run(self._final(), self._assignment, self._submissions)

    def pytest_report_header(self) -> str:
        """Name what a verdict depends on."""
        return versions(self._assignment.name)

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
            self._ran[str(told["submission"]), str(told["network"]), str(told["rule"])] = str(told["outcome"])

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Let a run in which nothing was judged not be green."""
        if self._ran and set(self._ran.values()) == {"skipped"} and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.NO_TESTS_COLLECTED

    def pytest_terminal_summary(self, terminalreporter: "pytest.TerminalReporter") -> None:
        """Print the tables and the rules, after pytest's FAILURES and above its short list of them."""
        width, verbosity = self._config.get_terminal_writer().fullwidth, self._config.option.verbose
        lines = list(summary(self._final(), self._ran, width=width, verbosity=verbosity))
        if lines and verbosity >= 0:
            terminalreporter.write_sep("=", fitting(title(self._assignment.name, self._reports or ())))
        for line in lines:
            terminalreporter.write_line(fitting(line.text), **MARKUP[line.tone])
        if text := self._unjudged() if verbosity >= 0 else "":
            terminalreporter.write_line(text)

    def _final(self) -> list[Report]:
        """Return the reports with what training has shown."""
        return [self._trainings.reports.get((each.path, each.network), each) for each in self._reports or ()]

    def _unjudged(self) -> str:
        """Say what was left out, or that nothing was judged."""
        if self._ran and set(self._ran.values()) == {"skipped"}:
            return "nothing was judged, so this run is not green: every selected check was skipped"
        if self._reports and not self._wanted and training_rules(self._assignment):
            return f"{plural(len(self._reports), 'training')} left out: add -m gpu_train"
        return ""

    def _taught(self, examined: Examined, submission: Submission) -> Examined:
        """Add what a quick training shows, where a rule judges by it."""
        asked = self._tasks[shown(submission.given)] = self._task(submission)
        if not self._learns:
            return examined
        try:
            networks = tuple(
                self._trainings.learning(each, shown(submission.given), self._server.capture(asked, each.network))
                if isinstance(each, Facts)
                else each
                for each in examined.networks
            )
        except TrainingError as error:
            pytest.exit(
                f"the quick training for the rule `learns` failed: {error}", returncode=pytest.ExitCode.INTERNAL_ERROR
            )
        return msgspec.structs.replace(examined, networks=networks)

    def _task(self, submission: Submission) -> Task:
        alone = submission.path in self._alone
        plain = task(submission, self._assignment, timeout=self._config.option.model_timeout, alone=alone)
        return msgspec.structs.replace(plain, seeds=self._seeds, keep=self._wanted or self._learns)

    def _examined(self, submission: Submission) -> Examined:
        with _our_fault(), progress(self._config, shown(submission.given)) as tell:
            examined = self._server.result(self._task(submission), progress=tell)
        if not examined.networks:  # a submission without a check would be green
            raise RuntimeError(f"{submission.given} was examined without a result")
        return examined


def received(workerinput: dict[str, Any]) -> Sequence[Report]:
    """Return the reports that the controller has handed to this xdist worker."""
    return msgspec.msgpack.decode(workerinput[_INPUT], type=list[Report])


@contextmanager
def _our_fault() -> Iterator[None]:
    try:
        yield
    except SandboxError as error:
        pytest.exit(str(error), returncode=pytest.ExitCode.INTERNAL_ERROR)
