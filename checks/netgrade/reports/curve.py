"""A training drawn as SVG: the accuracy after each epoch, what is needed, and the interval of the last epoch."""

from collections.abc import Iterator
from html import escape
from math import log10

from netgrade.facts.training import Training, Trial
from netgrade.reports.training import per_cent
from netgrade.reports.wording import cut
from netgrade.rules.accuracy import wilson
from netgrade.rules.wording import plural

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM, _RIGHT = 400, 250, 44, 12, 34, 14
_TICKS = (0, 50, 80, 90, 95, 98, 99, 99.5, 99.8, 99.9, 100)
_APART = 14.0
"""Pixels between the middles of two labels."""
_TRIALS, _EPOCHS = 10, 400
"""Seeds that are drawn and told, and rows of the table of epochs."""
_TEXT = 500
"""Characters of why a trial ended."""


def curve(training: Training, needed: float | None) -> str:
    """Return a figure with its caption, and its numbers as a table; `needed` is in per cent, None if none is."""
    caption = "".join(f"<p>{escape(line)}</p>" for line in _told(training, needed))
    drawing = _Drawing(training, needed).svg()
    return f'<figure class="training">{drawing}<figcaption>{caption}</figcaption></figure>{_table(training)}'


class _Drawing:
    """The drawing's scales: epochs to the right; upwards the accuracy, by the logarithm of the errors."""

    def __init__(self, training: Training, needed: float | None) -> None:
        self._training, self._needed = training, needed
        self._trials = training.trials[:_TRIALS]
        self._images = training.test_images
        self._least = 50 / max(1, self._images)
        """Half an image, in per cent, stands for no error at all."""
        spans = [each for trial in self._trials for each in wilson(trial.last, self._images)]
        shares = [100 * epoch.test_correct / self._images for trial in self._trials for epoch in trial.epochs]
        seen = [self._up(share) for share in [*spans, *shares, *([needed] if needed else [])]] or [0.0]
        edge = max(0.08, (max(seen) - min(seen)) / 20)
        self._low, self._high = min(seen) - edge, max(seen) + edge

    def svg(self) -> str:
        parts = [*self._grid(), *self._limit(), *(part for trial in self._trials for part in self._trial(trial))]
        return (
            f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
            f'aria-label="Accuracy on the test images by epoch, in per cent">{"".join(parts)}</svg>'
        )

    def _up(self, share: float) -> float:
        return -log10(max(self._least, 100 - share))

    def _y(self, share: float) -> float:
        span = self._high - self._low
        return round(_TOP + (self._high - self._up(share)) / span * (_HEIGHT - _TOP - _BOTTOM), 1)

    def _x(self, epoch: int) -> float:
        planned = max(self._training.planned, 1)
        return round(_LEFT + (epoch - 0.5) / planned * (_WIDTH - _LEFT - _RIGHT), 1)

    def _grid(self) -> Iterator[str]:
        last = _HEIGHT + _APART
        for tick in _TICKS:
            if self._low <= self._up(tick) <= self._high and last - self._y(tick) >= _APART:
                last = self._y(tick)
                yield f'<path class="grid" d="M{_LEFT} {last}H{_WIDTH - _RIGHT}"/>'
                yield f'<text class="soft" text-anchor="end" x="{_LEFT - 6}" y="{last + 4:g}">{tick:g}</text>'
        planned = max(self._training.planned, 1)
        for epoch in sorted({1, *(planned * quarter // 4 for quarter in (1, 2, 3)), planned} - {0}):
            yield f'<text class="soft" text-anchor="middle" x="{self._x(epoch)}" y="{_HEIGHT - 18}">{epoch:,}</text>'
        middle = (_LEFT + _WIDTH - _RIGHT) // 2
        yield f'<text class="soft" text-anchor="middle" x="{middle}" y="{_HEIGHT - 3}">epoch</text>'

    def _limit(self) -> Iterator[str]:
        if self._needed:
            y = self._y(self._needed)
            yield f'<path class="needed" d="M{_LEFT} {y}H{_WIDTH - _RIGHT}"/>'
            yield f'<text class="limit" x="{_LEFT + 4}" y="{y - 5:g}">{self._needed:g} % needed</text>'

    def _trial(self, trial: Trial) -> Iterator[str]:
        points = [(self._x(each.number), self._y(100 * each.test_correct / self._images)) for each in trial.epochs]
        if not points:
            return
        low, high = map(self._y, wilson(trial.last, self._images))
        x = points[-1][0]
        yield f'<path class="span" d="M{x} {low}V{high}M{x - 5:g} {low}h10M{x - 5:g} {high}h10"/>'
        yield f'<polyline class="curve" points="{" ".join(f"{a},{b}" for a, b in points)}"/>'
        yield from (f'<circle class="dot" cx="{a}" cy="{b}" r="3"/>' for a, b in points)


def _told(training: Training, needed: float | None) -> Iterator[str]:
    part = "" if training.full else " (a part of it)"
    limit = f" The dashed line is the {needed:g} % that is needed." if needed else ""
    yield (
        f"{training.data_set}{part} on {training.device}.{limit} The bar at the last epoch is its 95 % interval; the "
        "scale is stretched towards 100 %."
    )
    for trial in training.trials[:_TRIALS]:
        yield _of_seed(trial, training)
    beyond = len(training.trials) - _TRIALS
    if beyond > 0:
        yield f"{plural(beyond, 'seed')} more in the JSON report."


def _of_seed(trial: Trial, training: Training) -> str:
    images = training.test_images
    ended = "" if trial.ending == "finished" else f" It ended early: {cut(trial.message, _TEXT) or trial.ending}."
    if not trial.epochs:
        return f"Seed {trial.seed}: no epoch; {trial.start:,} of {images:,} right before any training.{ended}"
    low, high = wilson(trial.last, images)
    return (
        f"Seed {trial.seed}: {trial.last:,} of {images:,} right after the last of {plural(len(trial.epochs), 'epoch')} "
        f"({per_cent(trial.last, images)} %, 95 % interval {low:.2f}–{high:.2f}), best {trial.best:,}.{ended}"
    )


def _table(training: Training) -> str:
    """Return the epochs as a table that is folded."""
    rows = [(trial.seed, epoch) for trial in training.trials for epoch in trial.epochs]
    if not rows:
        return ""
    beyond = f"<p>{plural(len(rows) - _EPOCHS, 'epoch')} more in the JSON report</p>" if len(rows) > _EPOCHS else ""
    head = "".join(
        f'<th scope="col" class="number">{title}</th>' for title in ("Seed", "Epoch", "Loss", "Train, %", "Test, %")
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="number">{text}</td>'
            for text in (
                seed,
                f"{epoch.number:,}",
                f"{epoch.loss:.4f}",
                per_cent(epoch.train_correct, epoch.train_images),
                per_cent(epoch.test_correct, training.test_images),
            )
        )
        + "</tr>"
        for seed, epoch in rows[:_EPOCHS]
    )
    return (
        f"<details><summary>Every epoch in numbers</summary>"
        f'<div class="scroll" tabindex="0" role="group" aria-label="Table of the epochs">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{beyond}</details>"
    )
