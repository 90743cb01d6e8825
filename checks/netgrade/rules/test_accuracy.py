"""The network reaches the accuracy after the assignment's training.

What it checks:
    Test images that get their own class's score highest, counted after each epoch. Each seed gives one count, of the
    epoch that `accuracy-at` names, and the mean of all seeds is held against the limit. The limit is a whole number of
    images: 99.4 per cent of 10,000 are 9,940. The highest, the last and the lowest of the last three counts are always
    shown. The 95 % interval is that of the last epoch: a highest count has been chosen among many, so it has none.

Why:
    It is the aim of the exercise. A network near the limit passes with one seed and fails with the next; more seeds
    make the verdict fair, and a single lucky epoch is no habit.

Fails:
    Too few channels, no batch norm, or dropout so strong that little is learned.

        self.drop = nn.Dropout(0.5)

Passes:
    A batch norm after each convolution, light dropout, and channels that use the budget.

        self.drop = nn.Dropout(0.05)

Settings:
    accuracy: per cent of the test images that must be right at least.
    accuracy-at: "best", the highest count of all epochs; "last"; or "last-3", the lowest of the last three, and so on.
    seeds: how many seeds are trained. "auto": the first decides where it is 10 images of 10,000 above the limit, or 15
        below it, or further; else the mean of five does.
"""

from statistics import mean, stdev

from msgspec.structs import replace

from netgrade.facts.model import Facts
from netgrade.facts.training import Training, Trial
from netgrade.rules import accuracy, model
from netgrade.rules.accuracy import At, PerCent, Seeds
from netgrade.rules.model import Finding, Violation
from netgrade.rules.teaching import broken_off, hint, unfinished, untaught
from netgrade.rules.wording import broken

EVIDENCE = "training"
NEEDS = ("output-shape", "untrained-start")

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


class Settings(model.Settings, frozen=True, kw_only=True):
    """The limit, and which counts it is held against."""

    accuracy: PerCent
    accuracy_at: At = "best"
    seeds: Seeds = 1


def next_trial(training: Training, settings: Settings) -> bool:
    """Return whether another seed must be trained before `check` can judge.

    Never after a trial that ended early, whose ending is the verdict.
    """
    if any(trial.ending != "finished" for trial in training.trials):
        return False
    return len(training.trials) < _trials_needed(training, settings)


def check(facts: Facts, settings: Settings) -> Finding:
    """Compare what the trainings reached with the limit."""
    training = facts.training
    if training is None:
        return Finding(message="not known", unknown="not trained: run pytest with -m gpu_train")
    numbers = _numbers(training, settings)
    early = broken_off(training)
    if early:
        return broken(early, numbers=numbers)
    missing = unfinished(training) or _missing(training, settings) or _impossible(training)
    if missing:
        return Finding(message="not known", unknown=missing, numbers=numbers)
    dead = untaught(facts, training)
    if dead:
        return broken(_after_all(dead, facts, training), numbers=numbers)
    counts = _counts(training, settings)
    needed = accuracy.images_of(settings.accuracy, training.test_images)
    message = f"{_figure(training, settings)}; at least {needed:,}{_doubt(counts, needed, training)}"
    if accuracy.reached(counts, needed):
        return Finding(message=message, numbers=numbers)
    short = Violation(message=message, hint=_hint(facts, training, settings))
    return broken(_after_all(short, facts, training), numbers=numbers)


def _counts(training: Training, settings: Settings) -> list[int]:
    return [accuracy.deciding(trial, settings.accuracy_at) for trial in training.trials]


def _trials_needed(training: Training, settings: Settings) -> int:
    images = training.test_images
    needed = accuracy.images_of(settings.accuracy, images)
    counts = _counts(training, settings)
    return accuracy.trials_needed(counts, seeds=settings.seeds, needed=needed, images=images)


def _missing(training: Training, settings: Settings) -> str:
    done, needed = len(training.trials), _trials_needed(training, settings)
    return f"only {done:,} of {needed:,} seeds are trained" if done < needed else ""


def _impossible(training: Training) -> str:
    """Say so if every image of the whole MNIST test set is right; empty if not."""
    if not (training.full and training.data_set == "MNIST"):
        return ""
    for trial in training.trials:
        if trial.best == training.test_images:
            return (
                f"all {training.test_images:,} test images are right with seed {trial.seed}: the test images must have "
                "been trained on, or the data are not MNIST's; look at the files of the data set"
            )
    return ""


def _figure(training: Training, settings: Settings) -> str:
    """Say what all trials reached: first what decides, then the rest."""
    images, counts = training.test_images, _counts(training, settings)
    where = _epoch(settings.accuracy_at)
    others = _others(training, settings)
    if len(counts) == 1:
        return f"{counts[0]:,} of {images:,} in {where} ({_share(training.trials[0], settings, images)}), {others}"
    seeds = ", ".join(f"{trial.seed}" for trial in training.trials)
    head = (
        f"mean {mean(counts):,.1f} ± {stdev(counts):.1f} of {images:,} in {where} ({100 * mean(counts) / images:.2f} %)"
    )
    return f"{head}, seeds {seeds}: {_listed(counts)}; {others}"


def _share(trial: Trial, settings: Settings, images: int) -> str:
    share = f"{100 * accuracy.deciding(trial, settings.accuracy_at) / images:.2f} %"
    return f"{share}, {_interval(trial, images)}" if settings.accuracy_at == "last" else share


def _others(training: Training, settings: Settings) -> str:
    """Say the three counts, each by seed, without the one that decides."""
    trials, single = training.trials, len(training.trials) == 1
    interval = f" ({_interval(trials[0], training.test_images)})" if single else ""
    counts = {
        "best": f"best {_listed([trial.best for trial in trials])}",
        "last": f"last {_listed([trial.last for trial in trials])}{interval}",
        "last-3": f"lowest of the last three {_listed([trial.lowest_of_last_three for trial in trials])}",
    }
    return f"{', ' if single else '; '}".join(text for at, text in counts.items() if at != settings.accuracy_at)


def _interval(trial: Trial, images: int) -> str:
    low, high = accuracy.wilson(trial.last, images)
    return f"95 % interval {low:.2f}–{high:.2f}"


def _listed(counts: list[int]) -> str:
    return ", ".join(f"{count:,}" for count in counts)


def _epoch(accuracy_at: str) -> str:
    lowest = accuracy.lowest_from(accuracy_at)
    if lowest is None:
        return "the best epoch"
    if lowest == 1:
        return "the last epoch"
    return f"the lowest of the last {_NUMBERS[lowest] if lowest < len(_NUMBERS) else lowest} epochs"


def _doubt(counts: list[int], needed: int, training: Training) -> str:
    return ", BORDERLINE" if accuracy.borderline(counts, needed, training.test_images) else ""


def _hint(facts: Facts, training: Training, settings: Settings) -> str:
    """Say what to try, by how the lowest trial does on the images that it was trained on."""
    score = hint(facts.scores)
    if score:
        return score
    lowest = min(training.trials, key=lambda trial: accuracy.deciding(trial, settings.accuracy_at)).epochs[-1]
    learned = 100 * lowest.train_correct / lowest.train_images
    if learned > 100 * lowest.test_correct / training.test_images:
        return f"it gets {learned:.2f} % of its training images right, more than of the test images: try more dropout"
    return (
        f"it gets {learned:.2f} % of its augmented training images right: try less dropout, a batch norm after each "
        "convolution, or more channels if the budget allows"
    )


def _after_all(violation: Violation, facts: Facts, training: Training) -> Violation:
    """Say first that an option has cut the training short: until it is whole, no layer is to blame."""
    if not training.allowed:
        return violation
    first = f"{training.planned:,} of {training.allowed:,} epochs: train for all, without --epochs"
    known = hint(facts.scores)
    return replace(violation, hint=f"{first}; {known}" if known else first)


def _numbers(training: Training, settings: Settings) -> dict[str, int | float | str]:
    counts = _counts(training, settings)
    numbers: dict[str, int | float | str] = {
        "needed": accuracy.images_of(settings.accuracy, training.test_images),
        "images": training.test_images,
        "accuracy_at": settings.accuracy_at,
        "seeds": len(counts),
    }
    if counts:
        numbers["counted"] = counts[0] if len(counts) == 1 else mean(counts)
    if len(counts) > 1:
        numbers["deviation"] = stdev(counts)
    for trial in training.trials:
        numbers |= {
            f"seed_{trial.seed}_best": trial.best,
            f"seed_{trial.seed}_last": trial.last,
            f"seed_{trial.seed}_lowest_of_last_three": trial.lowest_of_last_three,
        }
    return numbers
