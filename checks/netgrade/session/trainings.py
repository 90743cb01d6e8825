"""Trains the networks of a run, each once, and judges what came of it."""

import os
from collections.abc import Callable

import msgspec

from netgrade.assignment import Assignment
from netgrade.facts.model import Facts
from netgrade.grading import obstacle, with_training, without_training
from netgrade.reports.live import Screen, Silence
from netgrade.reports.report import Report
from netgrade.rules.accuracy import AUTO
from netgrade.rules.model import Verdict
from netgrade.session.options import Options
from netgrade.training.client import Trainer, TrainingError
from netgrade.training.folders import cache
from netgrade.training.record import RecordError, stem
from netgrade.training.trials import LEARNING, Plan, train


class Trainings:
    """All trainings of a run. One process does them, one after the other."""

    def __init__(self, assignment: Assignment, options: Options, watch: Callable[[], Screen]) -> None:
        """Start nothing yet.

        Args:
            assignment: What the networks are held to.
            options: Of the command line.
            watch: Gives, for each network, who is told how its training goes on.
        """
        self._assignment = assignment
        self._options = options
        self._watch = watch
        self._trainer = Trainer()
        self._records: dict[str, tuple[str, str]] = {}
        """Whose the records of a name are: a submission and a network."""

    def train(self, report: Report, capture: Callable[[], bytes]) -> Report:
        """Return the report with the verdicts on a training.

        Args:
            report: On everything else.
            capture: Gives the network's capture; it is not asked for where nothing is trained.
        """
        if before := obstacle(report, anyway=self._options.anyway):
            return without_training(report, self._assignment, before)
        if taken := self._taken(report):
            return without_training(report, self._assignment, Verdict(rule="", outcome="error", message=taken))
        watch = self._watch()
        try:
            training = train(self._trainer, self._plan(report, capture()), watch)
        except KeyboardInterrupt:
            watch.interrupted()
            raise
        except (TrainingError, RecordError) as error:
            no_cuda = isinstance(error, TrainingError) and error.kind == "no-cuda" and self._options.device == "auto"
            verdict = Verdict(rule="", outcome="skipped" if no_cuda else "error", message=str(error))
            return without_training(report, self._assignment, verdict)
        return with_training(report, training, self._assignment)

    def learn(self, facts: Facts, path: str, blob: bytes) -> Facts:
        """Return the facts with what a quick training on few images has shown, or why it has shown nothing.

        A training that fails for no network's sake is no reason to judge no other network of the run.
        """
        plan = msgspec.structs.replace(
            LEARNING,
            path=path,
            network=facts.network,
            parameters=facts.total,
            blob=blob,
            assignment=self._assignment.name,
        )
        try:
            return msgspec.structs.replace(facts, learning=train(self._trainer, plan, Silence()))
        except TrainingError as error:
            return msgspec.structs.replace(facts, unlearned=str(error))

    def close(self) -> None:
        """End the process that trains."""
        self._trainer.close()

    def _taken(self, report: Report) -> str:
        """Say so if another network of the run has records of the same name, as `Aa` and `AA` in aa.py have."""
        key = report.path, report.network
        # Some file systems don't tell capital letters from small ones.
        path, network = self._records.setdefault(stem(*key, seed=0).casefold(), key)
        if (path, network) == key:
            return ""
        return f"its record would take the place of that of {network} in {path}; train it in a run of its own"

    def _plan(self, report: Report, blob: bytes) -> Plan:
        asked = self._assignment.training
        assert asked is not None  # noqa: S101 - for the type checker: there are no such checks without it
        assert report.facts is not None  # noqa: S101 - the same: `obstacle` has looked
        return Plan(
            path=report.path,
            network=report.network,
            parameters=report.facts.total,
            assignment=self._assignment.name,
            blob=blob,
            data_set=asked.data_set,
            data_root=str(self._options.data_root) if self._options.data_root else None,
            input_shape=self._assignment.input_shape,
            classes=self._assignment.classes,
            epochs=asked.epochs,
            accuracy=asked.accuracy,
            accuracy_at=asked.accuracy_at,
            seed=asked.seed,
            seeds=asked.seeds,
            recipe=asked.recipe,
            reinitialize=asked.reinitialize,
            device=self._options.device,
            output=self._options.output,
            checkpoints=cache(os.environ) / "checkpoints",
            timeout=self._options.timeout,
        )


def seeds(assignment: Assignment, *, wanted: bool) -> tuple[int, ...]:
    """Return the seeds that a network is to be constructed from."""
    training = assignment.training
    if training is None:
        return (0,)
    count = (AUTO if training.seeds == "auto" else training.seeds) if wanted else 1
    return tuple(range(training.seed, training.seed + count))
