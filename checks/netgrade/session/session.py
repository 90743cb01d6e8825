"""What is graded in one run: each submission examined once, its networks judged, taught and trained where asked."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager

import msgspec

from netgrade.assignment import Assignment
from netgrade.facts.model import Facts
from netgrade.grading import mistake, reports, run, task, training_rules
from netgrade.messages import Examined, Task
from netgrade.reports.report import Report, Run
from netgrade.rules.wording import plural
from netgrade.sandbox.client import Server
from netgrade.session.trainings import Trainings, seeds
from netgrade.submissions import Submission, names, strangers

Tell = Callable[[str, float], None]
"""Is told what a submission waits for, and how many seconds long."""
Progress = Callable[[str], AbstractContextManager[Tell | None]]
"""Gives one for a submission, by its name, while that is waited for."""
_Key = tuple[str, str]
"""A submission's name and a network: one report of the run, and no other."""


class MistakeError(Exception):
    """The user asked for networks that their files don't have. Its arguments are texts, one a mistake."""


class Session:
    """Has each submission examined once, and each network trained once."""

    def __init__(  # noqa: PLR0913 - each is one thing that a run is made of
        self,
        server: Server,
        submissions: Sequence[Submission],
        assignment: Assignment,
        trainings: Trainings,
        *,
        timeout: float,
        trains: bool,
        summary: bool = False,
    ) -> None:
        """Submit nothing yet.

        Args:
            server: Examines the submissions.
            submissions: What is graded.
            assignment: What it is held to.
            trainings: Trains the networks.
            timeout: Seconds for one network.
            trains: Networks may be trained for the assignment: their captures are kept, a set of tensors for each seed.
            summary: torchinfo's table of each network is wanted.
        """
        self._server = server
        self._submissions = submissions
        self._names = names(submissions)
        self._assignment = assignment
        self._trainings = trainings
        self._learns = any(each.rule.evidence == "learning" for each in assignment.requirements)
        alone = strangers(submissions)
        plain = (task(each, assignment, timeout=timeout, alone=each.path in alone) for each in submissions)
        constructed = seeds(assignment, wanted=trains)
        keep = trains or self._learns
        self._tasks = [msgspec.structs.replace(each, seeds=constructed, keep=keep, summary=summary) for each in plain]
        self._reports: list[Report] | None = None
        self._captured: dict[_Key, Task] = {}
        self._trained: dict[_Key, Report] = {}

    def submit(self) -> None:
        """Have the server begin.

        Raises:
            SandboxError: netgrade itself failed.
        """
        for each in self._tasks:
            self._server.submit(each)

    def reports(self, progress: Progress) -> Sequence[Report]:
        """Return a report for each network on all but its training, as soon as all are examined.

        Raises:
            MistakeError: A file has no network of the name that was asked for.
            SandboxError: netgrade itself failed.
        """
        if self._reports is None:
            pairs = list(zip(self._submissions, self._tasks, strict=True))
            examined = [self._examined(*pair, progress) for pair in pairs]
            mistakes = [text for pair in zip(self._submissions, examined, strict=True) if (text := mistake(*pair))]
            if mistakes:
                raise MistakeError(*mistakes)
            self._reports = [
                report for pair, each in zip(pairs, examined, strict=True) for report in self._judged(*pair, each)
            ]
        return self._reports

    def train(self, report: Report) -> Report:
        """Return a report with the verdicts on the network's training, which is done the first time."""
        key = report.path, report.network
        if key not in self._trained:
            self._trained[key] = self._trainings.train(report, lambda: self._capture(*key))
        return self._trained[key]

    def final(self) -> list[Report]:
        """Return the reports with what training has shown so far; none before any is examined."""
        return [self._trained.get((each.path, each.network), each) for each in self._reports or ()]

    def run(self, left_out: Iterable[str] = ()) -> Run:
        """Return all that the formats of `--report` render; `left_out` says what was not judged."""
        return run(self.final(), self._assignment, self._submissions, left_out)

    def trainings_left_out(self, chosen: int, way: str) -> str:
        """Say how many networks were not chosen to be trained, and what would have them trained.

        Args:
            chosen: Networks that were.
            way: What the user can do: `add -m gpu_train`.
        """
        networks = [each for each in self._reports or () if not (each.failure and each.failure.helper)]
        missing = len(networks) - chosen
        if missing <= 0 or not training_rules(self._assignment):
            return ""
        return f"{plural(missing, 'training')} left out: {way}"

    def _examined(self, submission: Submission, asked: Task, progress: Progress) -> Examined:
        with progress(self._names[submission.path]) as tell:
            examined = self._server.result(asked, progress=tell)
        if not examined.networks:  # a submission without a check would be green
            raise RuntimeError(f"{submission.given} was examined without a result")
        return examined

    def _judged(self, submission: Submission, asked: Task, examined: Examined) -> list[Report]:
        name = self._names[submission.path]
        self._captured |= {(name, each.network): asked for each in examined.networks if isinstance(each, Facts)}
        if self._learns:
            taught = (self._taught(each, name) if isinstance(each, Facts) else each for each in examined.networks)
            examined = msgspec.structs.replace(examined, networks=tuple(taught))
        return list(reports(examined, self._assignment, path=name))

    def _taught(self, facts: Facts, name: str) -> Facts:
        """Add what a quick training shows."""
        return self._trainings.learn(facts, name, self._capture(name, facts.network))

    def _capture(self, name: str, network: str) -> bytes:
        return self._server.capture(self._captured[name, network], network)
