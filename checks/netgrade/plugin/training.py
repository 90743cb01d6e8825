"""Trains the networks of a run, each once, when the first of its checks runs; shows how it goes on."""

import os
from pathlib import Path
from typing import Literal

import msgspec
import pytest

from netgrade.assignment import Assignment
from netgrade.facts.model import Facts
from netgrade.facts.training import Epoch, Trial
from netgrade.grading import obstacle, with_training, without_training
from netgrade.plugin.lines import write
from netgrade.reports.report import Report
from netgrade.reports.training import begin, end, row
from netgrade.reports.training import files as made
from netgrade.rules.accuracy import AUTO, images_of
from netgrade.rules.model import Verdict
from netgrade.training.client import Trainer, TrainingError
from netgrade.training.folders import cache
from netgrade.training.messages import Began, Ready
from netgrade.training.record import RecordError
from netgrade.training.trials import LEARNING, Plan, train


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says of training."""

    device: Literal["auto", "cuda", "cpu"]
    output: Path
    data_root: Path | None
    anyway: bool


class Trainings:
    """All trainings of a run. One process does them, one after the other."""

    def __init__(self, config: pytest.Config, assignment: Assignment, options: Options) -> None:
        self._config = config
        self._assignment = assignment
        self._options = options
        self._trainer = Trainer()
        self.reports: dict[tuple[str, str], Report] = {}
        """The reports with what training has shown, by path and network."""

    def train(self, report: Report, blob: bytes | None) -> Report:
        """Return the report with the verdicts on a training, which is done the first time.

        Args:
            report: on everything else.
            blob: the network's capture; None if there is none.
        """
        key = report.path, report.network
        if key not in self.reports:
            self.reports[key] = self._trained(report, blob)
        return self.reports[key]

    def learning(self, facts: Facts, path: str, blob: bytes) -> Facts:
        """Return the facts with what a quick training on few images has shown.

        Raises:
            TrainingError: there is no trial, and not for the network's sake.
        """
        plan = msgspec.structs.replace(
            LEARNING,
            path=path,
            network=facts.network,
            parameters=facts.total,
            blob=blob,
            assignment=self._assignment.name,
        )
        return msgspec.structs.replace(facts, learning=train(self._trainer, plan, Silence()))

    def close(self) -> None:
        """End the process that trains."""
        self._trainer.close()

    def _trained(self, report: Report, blob: bytes | None) -> Report:
        before = obstacle(report, anyway=self._options.anyway)
        if before or blob is None:
            unknown = Verdict(
                rule="", outcome="error", message="its capture was not kept; this is netgrade's own fault"
            )
            return without_training(report, self._assignment, before or unknown)
        try:
            training = train(self._trainer, self._plan(report, blob), Screen(self._config))
        except (TrainingError, RecordError) as error:
            no_cuda = isinstance(error, TrainingError) and error.kind == "no-cuda" and self._options.device == "auto"
            verdict = Verdict(rule="", outcome="skipped" if no_cuda else "error", message=str(error))
            return without_training(report, self._assignment, verdict)
        return with_training(report, training, self._assignment)

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
        )


class Screen:
    """Writes the lines of a training as it goes on."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._epochs: list[Epoch] = []
        self._plan: Plan | None = None
        self._needed = self._images = 0

    def ready(self, plan: Plan, seed: int, began: Began, ready: Ready) -> None:
        """Write the heading."""
        self._plan, self._images = plan, began.test_images
        self._needed = images_of(plan.accuracy, began.test_images)
        self._epochs = list(ready.resumed)
        width = self._config.get_terminal_writer().fullwidth
        write(
            self._config,
            begin(plan.network, began, ready, planned=plan.epochs, seed=seed, needed=self._needed, width=width),
        )

    def passed(self, epoch: Epoch) -> None:
        """Write an epoch's line."""
        self._epochs.append(epoch)
        planned = self._plan.epochs if self._plan else 0
        write(self._config, [row(self._epochs, planned=planned, needed=self._needed, test_images=self._images)])

    def ended(self, trial: Trial, files: tuple[Path, ...], missing: str) -> None:
        """Write how it ended, and where its files are."""
        lines = [
            *end(
                trial,
                planned=self._plan.epochs if self._plan else 0,
                width=self._config.get_terminal_writer().fullwidth,
            )
        ]
        if files:
            svg = next((path for path in files if path.suffix == ".svg"), None)
            lines += made(_named(svg, self._config), _named(files[0], self._config) or files[0], why=missing)
        write(self._config, lines)


class Silence:
    """Says nothing: a quick training needs no lines."""

    def ready(self, plan: Plan, seed: int, began: Began, ready: Ready) -> None:
        """Say nothing."""

    def passed(self, epoch: Epoch) -> None:
        """Say nothing."""

    def ended(self, trial: Trial, files: tuple[Path, ...], missing: str) -> None:
        """Say nothing."""


def seeds(assignment: Assignment, *, wanted: bool) -> tuple[int, ...]:
    """Return the seeds that a network is to be constructed from."""
    training = assignment.training
    if training is None:
        return (0,)
    count = (AUTO if training.seeds == "auto" else training.seeds) if wanted else 1
    return tuple(range(training.seed, training.seed + count))


def _named(path: Path | None, config: pytest.Config) -> Path | None:
    """Return a path as the user would write it."""
    start = config.invocation_params.dir
    return path.relative_to(start) if path and path.is_relative_to(start) else path
