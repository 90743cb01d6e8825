"""A training as lines of text: what begins, one line an epoch while it runs, and how it ended."""

import math
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from netgrade.facts.training import Epoch, Trial
from netgrade.reports.terminal import Line, Tone
from netgrade.training.messages import Began, Ready

_BARS = "▁▂▃▄▅▆▇█"
_STEP = 1.5
"""Each bar shorter than the full one stands for so many times the errors."""
_NARROWEST = 40
"""Characters of text in a line, however narrow the terminal."""
_MINUTE, _HOUR = 60, 3600
_TENTHS = 9.95
"""Seconds below which tenths are shown; above it, 9.96 would read 10.0."""
_MANY_DIGITS = 1000.0
"""A loss from here on is shown rounded."""


def begin(  # noqa: PLR0913 - each is one thing that the heading says
    network: str, began: Began, ready: Ready, *, planned: int, seed: int, needed: int, width: int = 80
) -> Iterator[Line]:
    """Yield the heading, the columns' names, and the epochs that an earlier run has done.

    Args:
        network: Its class or factory.
        began: What the trainer said when the data were loaded.
        ready: What it said before the first epoch.
        planned: Epochs of the whole trial.
        seed: Of the trial.
        needed: Test images that must be right at least.
        width: Of the terminal, in characters.
    """
    first, *rest = ready.details or ("",)
    parts = [
        network,
        began.data_set if began.full else f"{began.data_set} (a part: {began.test_images:,} test images)",
        f"{planned:,} epoch{'' if planned == 1 else 's'}",
        f"seed {seed}",
        ", ".join(filter(None, [began.device, first])),
        *rest,
    ]
    yield from _wrap(" · ".join(parts), "", "  ", width, "strong")
    full = f"{_BARS[-1]} is {per_cent(needed, began.test_images)}"
    yield Line(f"  epoch    loss    train     test  {full:<20}        left", "faint")
    for done in range(1, len(ready.resumed) + 1):
        yield row(ready.resumed[:done], planned=planned, needed=needed, test_images=began.test_images)
    if ready.resumed:
        yield Line(f"  goes on after epoch {len(ready.resumed):,}, from an earlier run's checkpoint", "faint")


def row(epochs: Sequence[Epoch], *, planned: int, needed: int, test_images: int) -> Line:
    """Return the line of the last of these epochs; after the last one planned, it tells the best.

    Args:
        epochs: All that are done, one or more.
        planned: Epochs of the whole trial.
        needed: Test images that must be right at least.
        test_images: All test images.
    """
    epoch = epochs[-1]
    last = epoch.number >= planned
    best = max(epochs, key=lambda each: each.test_correct)
    bar = _bar(epoch.test_correct, needed, test_images)
    found = f"{bar}  best {per_cent(best.test_correct, test_images)} ({best.number})" if last else bar
    shown = (
        f"{epoch.number:>7,}",
        f"{_loss(epoch.loss):>8}",
        f"{per_cent(epoch.train_correct, epoch.train_images):>9}",
        f"{per_cent(epoch.test_correct, test_images):>9}",
        f"  {found:<20}",
        f"{'–' if last else duration(seconds_left(epochs, planned)):>12}",
    )
    return Line("".join(shown), "good" if epoch.test_correct >= needed else "plain")


def end(trial: Trial, *, planned: int, width: int = 80) -> Iterator[Line]:
    """Yield why a trial ended early, what to do about it, and what else a reader should know of it."""
    if trial.ending != "finished":
        after = f"after epoch {len(trial.epochs):,} of {planned:,}" if trial.epochs else "before the first epoch"
        why = f": {trial.message}" if trial.message else ""
        yield from _wrap(f"{trial.ending} {after}{why}", "  ", "    ", width, "bad")
        if trial.hint:
            yield from _wrap(trial.hint, "  → ", "    ", width)
    for remark in trial.remarks:
        yield from _wrap(f"note: {remark}", "  ", "        ", width)


def files(curve: Path | None, record: Path, *, why: str = "") -> Iterator[Line]:
    """Yield where the curve and the record lie; without a curve, why there is none. A path is never broken.

    Args:
        curve: Its SVG file, as it is named to the user; None where no curve was drawn.
        record: The JSON file, likewise.
        why: What stood in the way of a curve.
    """
    yield Line(f"  curve: {curve}" if curve else f"  curve: none{f', {why}' if why else ''}", "faint")
    yield Line(f"  record: {record}", "faint")


def per_cent(correct: int, images: int) -> str:
    """Return `99.39` for 9,939 of 10,000. It is never rounded up: what falls short of 99.40 does not read 99.40."""
    hundredths = 10_000 * correct // images
    return f"{hundredths // 100}.{hundredths % 100:02}"


def seconds_left(epochs: Sequence[Epoch], planned: int) -> float:
    """Return the seconds that the other epochs take, if they take as long as those that are done."""
    mean = math.fsum(epoch.seconds for epoch in epochs) / len(epochs)
    return mean * max(0, planned - epochs[-1].number)


def duration(seconds: float) -> str:
    """Return `4.1 s`, `42 s`, `3 min 20 s` or `1 h 05 min`."""
    if seconds < _TENTHS:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02} s"
    minutes = round(seconds / _MINUTE)
    return f"{minutes // 60:,} h {minutes % 60:02} min"


def _bar(correct: int, needed: int, images: int) -> str:
    """Return the full bar where enough images are right, else one that is shorter by the ratio of the errors.

    A scale of its own for every trial would be known after the last epoch alone, and accuracy itself would show the
    same bar for 99.0 and 99.6.
    """
    if correct >= needed:
        return _BARS[-1]
    ratio = (images - correct) / max(1, images - needed)
    return _BARS[max(0, len(_BARS) - 1 - max(1, math.ceil(math.log(ratio, _STEP))))]


def _loss(loss: float) -> str:
    return f"{loss:.4f}" if abs(loss) < _MANY_DIGITS or not math.isfinite(loss) else f"{loss:.2g}"


def _wrap(text: str, start: str, indent: str, width: int, tone: Tone = "plain") -> Iterator[Line]:
    room = max(width, len(indent) + _NARROWEST)
    for line in textwrap.wrap(text, room, initial_indent=start, subsequent_indent=indent, break_on_hyphens=False):
        yield Line(line, tone)
