"""What to say of a training that didn't come to its end, or taught the network nothing."""

from netgrade.facts.model import Facts, Scores
from netgrade.facts.training import Training, Trial
from netgrade.rules.model import Violation
from netgrade.rules.wording import at, plural

_TIMES_CHANCE = 2
"""A network that is right no more often than this many times as often as a guess has learned nothing."""

_DEAD = (
    "look for what keeps the image or the gradient out: a last layer under a ReLU, weights that all start at zero, "
    "a detach() or no_grad() on the way, dropout near 1"
)

_SHORT = f"one epoch tells little: train longer, and if that changes nothing, {_DEAD}"


def unfinished(training: Training) -> str:
    """Return why there is no verdict yet: no trial, an interrupted one, or one with too few epochs; empty if none."""
    if not training.trials:
        return "no seed has been trained"
    for trial in training.trials:
        done = f"seed {trial.seed} has {len(trial.epochs):,} of {plural(training.planned, 'epoch')}"
        if trial.ending == "interrupted":
            return f"interrupted: {done}{_tail(trial.message)}"
        if trial.ending == "finished" and len(trial.epochs) < training.planned:
            return f"{done}: fewer are never a pass"
    return ""


def broken_off(training: Training) -> Violation | None:
    """Return the violation of the first trial that ended early by the network's fault; None if there is none."""
    for trial in training.trials:
        if trial.ending not in ("finished", "interrupted"):
            message = f"{trial.message or trial.ending} (seed {trial.seed}, {_when(trial, training)})"
            return Violation(message=message, hint=trial.hint or "see the record of the training")
    return None


def untaught(facts: Facts, training: Training) -> Violation | None:
    """Return the violation of the first trial whose network stays near chance to the end; None if there is none."""
    classes = _classes(facts)
    for trial in training.trials:
        if trial.last * classes <= _TIMES_CHANCE * training.test_images:
            what, dead = ("it has learned nothing yet", _SHORT) if len(trial.epochs) == 1 else ("it can't learn", _DEAD)
            message = (
                f"{what}: {trial.last:,} of {training.test_images:,} test images are right after "
                f"{plural(len(trial.epochs), 'epoch')}, and a guess gets about {training.test_images // classes:,}"
            )
            known = hint(facts.scores)
            return Violation(message=message, hint=known or dead, place=facts.scores.place if known else None)
    return None


def unteachable(scores: Scores) -> bool:
    """Whether the scores are such as no loss should be given, whatever is learned in spite of it."""
    return scores.kind in ("log-probabilities over the batch", "activated")


def hint(scores: Scores) -> str:
    """Return what to do about scores that a loss can't use, or that it uses badly; empty if they are well."""
    which = f"{scores.operator}{at(scores.place)}"
    match scores.kind:
        case "log-probabilities over the batch":
            return f"{which} compares the images of a batch with each other: give it the classes' dimension, dim=1"
        case "activated":
            return f"{which} cuts off or squashes the scores: return the last layer's output as it is"
        case "probabilities":
            return f"{which} makes probabilities, on which gradients are small: return the last layer's output as it is"
        case _:
            return ""


def _when(trial: Trial, training: Training) -> str:
    if not trial.epochs:
        return "before the end of the first epoch"
    return f"after {len(trial.epochs):,} of {plural(training.planned, 'epoch')}"


def _tail(message: str) -> str:
    return f", {message}" if message else ""


def _classes(facts: Facts) -> int:
    shapes = list(facts.scores.shapes.values())
    return shapes[0][-1] if shapes and shapes[0] else 10
