"""A training drawn as SVG: the accuracy after each epoch, what is needed, and the interval of the last epoch."""

from html import escape

from netgrade.facts.training import Training, Trial
from netgrade.rules.accuracy import wilson

_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM, _RIGHT = 640, 300, 60, 15, 35, 20


def curve(training: Training, needed: float | None) -> str:
    """Return a figure with its caption; `needed` is in per cent, None where nothing is asked for."""
    images = training.test_images
    shares = [100 * epoch.test_correct / images for trial in training.trials for epoch in trial.epochs]
    spans = [wilson(trial.last, images) for trial in training.trials]
    seen = [*shares, *(each for span in spans for each in span), *([needed] if needed else [])]
    low, high = min(seen), max(seen)
    edge = (high - low) / 20 or 1.0
    low, high = low - edge, high + edge

    def y(share: float) -> float:
        return round(_TOP + (high - share) / (high - low) * (_HEIGHT - _TOP - _BOTTOM), 1)

    def x(epoch: int) -> float:
        return round(_LEFT + epoch / max(training.planned, 1) * (_WIDTH - _LEFT - _RIGHT), 1)

    parts = [f'<text class="soft" x="4" y="{y(share) + 4}">{share:.2f}</text>' for share in (min(seen), max(seen))]
    parts.append(f'<text class="soft" x="{_LEFT}" y="{_HEIGHT - 8}">epoch 0</text>')
    parts.append(f'<text class="soft" text-anchor="end" x="{_WIDTH - 4}" y="{_HEIGHT - 8}">{training.planned}</text>')
    if needed:
        parts.append(f'<path class="needed" d="M{_LEFT} {y(needed)}H{_WIDTH - _RIGHT}"/>')
    for trial, span in zip(training.trials, spans, strict=True):
        points = [(x(epoch.number), y(100 * epoch.test_correct / images)) for epoch in trial.epochs]
        if points:
            parts.append(f'<polyline class="curve" points="{" ".join(f"{a},{b}" for a, b in points)}"/>')
            parts.extend(f'<circle class="dot" cx="{a}" cy="{b}" r="3"/>' for a, b in points)
            parts.append(f'<path class="span" d="M{points[-1][0]} {y(span[0])}V{y(span[1])}"/>')
    told = [_told(trial, images) for trial in training.trials]
    wanted = [f"The dashed line is the {needed:g} % that is needed."] if needed else []
    caption = escape(" ".join([f"{training.data_set} on {training.device}.", *told, *wanted]))
    return (
        f'<figure><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}" role="img" '
        f'aria-label="Accuracy on the test images by epoch, in per cent">{"".join(parts)}</svg>'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _told(trial: Trial, images: int) -> str:
    low, high = wilson(trial.last, images)
    return (
        f"Seed {trial.seed}: {trial.last:,} of {images:,} right after the last of {len(trial.epochs)} epochs "
        f"({100 * trial.last / images:.2f} %, 95 % interval {low:.2f}–{high:.2f}), best {trial.best:,}."
    )
