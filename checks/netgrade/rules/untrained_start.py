"""The network starts untrained.

What it checks:
    The test images that the network gets right before any training, for every seed.

Why:
    Accuracy has to come from the training that everybody gets. Weights that were trained elsewhere and come with the
    submission would be trained a second time.

Fails:
    A constructor that loads weights.

        self.load_state_dict(load_file("netv3.safetensors"))

Passes:
    Weights as the layers draw them, or as an initialization scheme does.

        nn.init.kaiming_normal_(self.conv1.weight)

Settings:
    at-most: per cent of the test images that may be right before training. An untrained network guesses: of ten
        classes, it gets about 10 per cent.
"""

from netgrade.facts.model import Facts
from netgrade.rules import model
from netgrade.rules.accuracy import PerCent, images_of
from netgrade.rules.model import Finding, Violation
from netgrade.rules.wording import broken

EVIDENCE = "training"


class Settings(model.Settings, frozen=True, kw_only=True):
    """How much an untrained network may know."""

    at_most: PerCent = 30.0


def check(facts: Facts, settings: Settings) -> Finding:
    """Compare the accuracy before training with what chance gives."""
    training = facts.training
    if training is None or not training.trials:
        return Finding(message="not known", unknown="not trained: the accuracy before training isn't known")
    images = training.test_images
    highest = max(training.trials, key=lambda trial: trial.start)
    figure = f"{highest.start:,} of {images:,} before training ({100 * highest.start / images:.1f} %)"
    numbers: dict[str, int | float | str] = {"start": highest.start, "images": images, "at_most": settings.at_most}
    if highest.start < images_of(settings.at_most, images) or highest.start * 100 == settings.at_most * images:
        return Finding(message=f"{figure}, at most {settings.at_most:g} %", numbers=numbers)
    message = f"{figure} with seed {highest.seed}: more than {settings.at_most:g} %, so it comes trained"
    return broken(Violation(message=message, hint=_HINT), numbers=numbers)


_HINT = (
    "weights that come with a submission never count as training: remove what loads them; "
    "an assignment that says `reinitialize = true` draws every parameter anew"
)
