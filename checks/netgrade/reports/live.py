"""What a user sees of a training while it goes on, wherever lines are written."""

from collections.abc import Callable, Iterable
from pathlib import Path

from netgrade.facts.training import Epoch, Trial
from netgrade.reports.terminal import Line
from netgrade.reports.training import begin, end, row
from netgrade.reports.training import files as made
from netgrade.rules.accuracy import images_of
from netgrade.training.messages import Began, Ready
from netgrade.training.trials import Plan


class Screen:
    """Writes the lines of one network's training, trial after trial."""

    def __init__(self, write: Callable[[Iterable[Line]], None], width: Callable[[], int], start: Path) -> None:
        """Write nothing yet.

        Args:
            write: Takes lines as they come.
            width: Gives the width of the terminal, in characters.
            start: Folder that the command started in; paths in it are shown as seen from it.
        """
        self._write = write
        self._width = width
        self._start = start
        self._epochs: list[Epoch] = []
        self._planned = self._needed = self._images = 0

    def ready(self, plan: Plan, seed: int, began: Began, ready: Ready) -> None:
        """Write the heading."""
        self._planned, self._images = plan.epochs, began.test_images
        self._needed = images_of(plan.accuracy, began.test_images)
        self._epochs = list(ready.resumed)
        self._write(
            begin(plan.network, began, ready, planned=plan.epochs, seed=seed, needed=self._needed, width=self._width())
        )

    def passed(self, epoch: Epoch) -> None:
        """Write an epoch's line."""
        self._epochs.append(epoch)
        self._write([row(self._epochs, planned=self._planned, needed=self._needed, test_images=self._images)])

    def ended(self, trial: Trial, files: tuple[Path, ...], missing: str) -> None:
        """Write how it ended, and where its files are."""
        self._write(end(trial, planned=self._planned, width=self._width()))
        if files:
            svg = next((path for path in files if path.suffix == ".svg"), None)
            self._write(made(self._named(svg) if svg else None, self._named(files[0]), why=missing))

    def interrupted(self) -> None:
        """Write what is left of the trial that the user has interrupted."""
        done = f"after epoch {len(self._epochs):,} of {self._planned:,}" if self._epochs else "before the first epoch"
        after = ", and the same command goes on from there" if self._epochs else ""
        self._write([Line(f"  interrupted {done}: its record is whole{after}", "careful")])

    def _named(self, path: Path) -> Path:
        """Return a path as the user would write it."""
        return path.relative_to(self._start) if path.is_relative_to(self._start) else path


class Silence:
    """Says nothing: a quick training needs no lines."""

    def ready(self, plan: Plan, seed: int, began: Began, ready: Ready) -> None:
        """Say nothing."""

    def passed(self, epoch: Epoch) -> None:
        """Say nothing."""

    def ended(self, trial: Trial, files: tuple[Path, ...], missing: str) -> None:
        """Say nothing."""
