"""The network learns: a few quick epochs on a small data set teach it something.

What it checks:
    The accuracy on 1,000 test images after a quick training on about 2,000 training images. Both come with netgrade.
    Log-probabilities over the batch, and scores under an activation, fail whatever is learned. A machine too busy for
    it is no fault of the network: that can't be judged.

Why:
    It takes seconds without a GPU and finds what no look at the layers does: a network that nothing reaches. It says
    nothing of the accuracy after a whole training. An accuracy can't tell scores of the wrong kind: models/netv3.py
    gets 966 of the 1,000 right, 970 with its log-softmax over the batch and 968 with a ReLU in its place.

    Measured on one CPU: the five networks in models/ get 960 to 974, seven small ones of the samples in
    tests/submissions, whose scores a loss can take, 391 to 575. Four that nothing reaches (net_6k.py on blank images,
    with its scores detached, nearly zero or cut off) get 100 to 123, and with a dropout of 0.99 it gets 282. So 30 per
    cent lie between.

Fails:
    A log-softmax over the images of the batch.

        return F.log_softmax(x, dim=0)

Passes:
    The same over the classes.

        return F.log_softmax(x, dim=1)

Settings:
    at-least: per cent of the small test set that must be right at the end.
"""

from netgrade.facts.model import Facts
from netgrade.facts.training import Training
from netgrade.rules import model
from netgrade.rules.accuracy import PerCent, images_of
from netgrade.rules.model import Finding, Violation
from netgrade.rules.teaching import broken_off, hint, unfinished, untaught, unteachable
from netgrade.rules.wording import broken, plural

EVIDENCE = "learning"
NEEDS = ("output-shape",)


class Settings(model.Settings, frozen=True, kw_only=True):
    """What a quick training must reach."""

    at_least: PerCent = 30.0


def check(facts: Facts, settings: Settings) -> Finding:
    """Compare the accuracy after the quick training with what a network that learns gets."""
    learning = facts.learning
    if learning is None:
        return Finding(message="not known", unknown=facts.unlearned or "not trained on the small data set")
    images = learning.test_images
    needed = images_of(settings.at_least, images)
    missing = unfinished(learning) or _too_slow(learning, needed)
    if missing:
        return Finding(message="not known", unknown=missing)
    last = learning.trials[-1].last
    numbers: dict[str, int | float | str] = {"correct": last, "images": images, "needed": needed}
    early = None if learning.trials[-1].ending == "slow" else broken_off(learning) or untaught(facts, learning)
    if early:
        return broken(early, numbers=numbers)
    if unteachable(facts.scores):
        figure = f"{last:,} of {images:,} test images are right all the same"
        violation = Violation(
            message=f"{_FAULTS[facts.scores.kind]}; {figure}", hint=hint(facts.scores), place=facts.scores.place
        )
        return broken(violation, numbers=numbers)
    figure = f"{last:,} of {images:,} test images after {_extent(learning)} ({100 * last / images:.1f} %)"
    if last >= needed:
        return Finding(message=f"{figure}, at least {needed:,}", numbers=numbers)
    violation = Violation(
        message=f"it hardly learns: {figure}, fewer than {needed:,}",
        hint=hint(facts.scores) or _HINT,
        place=facts.scores.place if hint(facts.scores) else None,
    )
    return broken(violation, numbers=numbers)


def _too_slow(learning: Training, needed: int) -> str:
    """Say that the time was over before enough was learned; empty if it wasn't."""
    trial = learning.trials[-1]
    if trial.ending != "slow" or (trial.epochs and trial.last >= needed):
        return ""
    done = f"{len(trial.epochs):,} of {plural(learning.planned, 'epoch')} done"
    return f"{trial.message} on this machine, {done}; end other programs, or set OMP_NUM_THREADS=1, and try again"


def _extent(learning: Training) -> str:
    epochs = learning.trials[-1].epochs
    return f"{plural(len(epochs), 'epoch')} on {epochs[-1].train_images:,} images"


_FAULTS = {
    "log-probabilities over the batch": "the scores are log-probabilities over the images of a batch, not the classes",
    "activated": "an activation stands on the scores",
}
_HINT = (
    "a batch norm after each convolution lets a network learn fast; dropout of 0.02 to 0.10 is enough for a small one"
)
