"""Trains one network from one seed after the other until the verdict is settled. No torch.

A record of each trial is kept, and whole after each of its epochs.
"""

import hashlib
import platform
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import msgspec

from netgrade.facts.training import Epoch, Training, Trial
from netgrade.rules.accuracy import At, Seeds, deciding, images_of, trials_needed
from netgrade.training import curve, record
from netgrade.training.client import Trainer
from netgrade.training.messages import Began, Device, Job, Passed, Ready
from netgrade.training.recipe import Recipe


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How one network is trained, and where that is kept."""

    path: str
    """Of the submission, as the user gave it."""
    network: str
    parameters: int
    assignment: str
    blob: bytes
    """Its capture, with a set of tensors for each of the seeds that may be needed."""
    data_set: str
    data_root: str | None = None
    input_shape: tuple[int, int, int] = (1, 28, 28)
    classes: int = 10
    epochs: int
    accuracy: float
    """Per cent of the test images that must be right."""
    accuracy_at: At
    seed: int
    """The first one; the others count on from it."""
    seeds: Seeds
    recipe: Recipe
    reinitialize: bool = False
    device: Device = "auto"
    output: Path | None = None
    """Folder for records and plots; None keeps none."""
    checkpoints: Path | None = None
    """Folder for what an interrupted trial goes on from; None keeps nothing."""
    timeout: float = 7200.0
    """Seconds for one seed, from when the data are loaded."""


LEARNING = Plan(
    path="",
    network="",
    parameters=0,
    assignment="",
    blob=b"",
    data_set="digits",
    epochs=6,
    accuracy=100.0,
    accuracy_at="last",
    seed=0,
    seeds=1,
    recipe=Recipe(batch=64),
    device="cpu",
    timeout=300.0,
)
"""The quick training that the rule `learns` judges by, of no network yet."""


class Watch(Protocol):
    """Whoever is told how a training goes on."""

    def ready(self, plan: Plan, seed: int, began: Began, ready: Ready) -> None:
        """Be told that a trial begins."""

    def passed(self, epoch: Epoch) -> None:
        """Be told that an epoch is over."""

    def ended(self, trial: Trial, files: tuple[Path, ...], missing: str) -> None:
        """Be told that a trial is over, what files there are of it, and why there is no plot, if there is none."""


def train(trainer: Trainer, plan: Plan, watch: Watch) -> Training:
    """Train a network from as many seeds as the verdict takes.

    Args:
        trainer: the process that trains.
        plan: what is trained, and how.
        watch: is told of every step.

    Raises:
        TrainingError: there is no trial, and not for the network's sake.
        RecordError: the folder for the records can't be written.
    """
    trials: list[Trial] = []
    while True:
        began, trial = _trial(trainer, plan, len(trials), watch)
        trials.append(trial)
        counts = [deciding(each, plan.accuracy_at) for each in trials]
        needed = images_of(plan.accuracy, began.test_images)
        enough = trials_needed(counts, seeds=plan.seeds, needed=needed, images=began.test_images)
        if trial.ending != "finished" or len(trials) >= enough:
            return Training(
                data_set=began.data_set,
                full=began.full,
                device=began.device,
                planned=plan.epochs,
                test_images=began.test_images,
                trials=tuple(trials),
            )


def _trial(trainer: Trainer, plan: Plan, number: int, watch: Watch) -> tuple[Began, Trial]:
    files = _Files(plan, plan.seed + number)
    told: list[Began] = []

    def tell(said: Began | Ready | Passed) -> None:
        match said:
            case Began():
                told.append(said)
                files.begin(said)
            case Ready():
                files.ready(said)
                watch.ready(plan, plan.seed + number, told[0], said)
            case Passed(epoch=epoch):
                files.add(epoch)
                watch.passed(epoch)

    trial = trainer.train(_job(plan, number), tell, limit=plan.timeout)
    watch.ended(trial, *files.end(trial))
    return told[0], trial


def _job(plan: Plan, number: int) -> Job:
    return Job(
        blob=plan.blob,
        trial=number,
        seed=plan.seed + number,
        epochs=plan.epochs,
        recipe=plan.recipe,
        data_set=plan.data_set,
        data_root=plan.data_root,
        input_shape=plan.input_shape,
        classes=plan.classes,
        device=plan.device,
        reinitialize=plan.reinitialize,
        checkpoints=str(plan.checkpoints) if plan.checkpoints else None,
    )


class _Files:
    """The files of one trial; none without a folder for them."""

    def __init__(self, plan: Plan, seed: int) -> None:
        self._plan = plan
        self._seed = seed
        self._clock = time.monotonic()
        self._started = datetime.now(UTC).isoformat(timespec="seconds")
        self._record: record.Record | None = None
        self._path = plan.output / f"{record.stem(plan.path, plan.network, seed)}.json" if plan.output else None

    def begin(self, began: Began) -> None:
        plan = self._plan
        self._write(
            record.Record(
                path=plan.path,
                network=plan.network,
                assignment=plan.assignment,
                data_set=began.data_set,
                full=began.full,
                test_images=began.test_images,
                parameters=plan.parameters,
                needed=images_of(plan.accuracy, began.test_images),
                accuracy_at=plan.accuracy_at,
                recipe=plan.recipe,
                planned=plan.epochs,
                device=began.device,
                versions={
                    "python": platform.python_version(),
                    "netgrade": version("netgrade"),
                    "torchvision": version("torchvision"),
                    **began.versions,
                },
                captured=hashlib.sha256(plan.blob).hexdigest(),
                started=self._started,
                seconds=self._seconds(),
                trial=Trial(seed=self._seed, start=0, ending="interrupted"),
            )
        )

    def add(self, epoch: Epoch) -> None:
        if self._record:
            self._write(self._record.after(epoch, self._seconds()))

    def ready(self, ready: Ready) -> None:
        if self._record:
            trial = msgspec.structs.replace(self._record.trial, start=ready.start, epochs=ready.resumed)
            self._write(msgspec.structs.replace(self._record, details=ready.details, trial=trial))

    def end(self, trial: Trial) -> tuple[tuple[Path, ...], str]:
        """Write the last record, and return all files that are left of the trial, and why there is no plot."""
        if self._record:
            self._write(self._record.ended(trial, self._seconds()))
        if not self._path or not self._record:
            return (), ""
        png, svg = self._path.with_suffix(".png"), self._path.with_suffix(".svg")
        try:
            curve.draw([self._record], png, svg)
        except curve.NoMatplotlibError as error:
            return (self._path,), str(error)
        except OSError as error:
            return (
                self._path,
            ), f"no curve is drawn: its files in {self._path.parent} can't be written: {error.strerror}"
        return (self._path, png, svg), ""

    def _seconds(self) -> float:
        return time.monotonic() - self._clock

    def _write(self, what: record.Record) -> None:
        self._record = what
        if self._path:
            record.write(what, self._path)
