"""Compares recipes without a look at the test images: net_6k, 10 epochs, on a split of MNIST's training images.

    NETGRADE_DATA=FOLDER python tests/benchmarks/recipe.py NAME SEED    trains, and keeps what came of it
    python tests/benchmarks/recipe.py                                   prints a table of all that is kept

FOLDER holds MNIST as torchvision lays it out. The first 50,000 training images are trained on, and the other 10,000 are
counted. What is kept lies in docs/experiments, and the table stands in docs/recipe.md.
"""

import os
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from netgrade.facts.training import Epoch
from netgrade.training.recipe import Recipe

if TYPE_CHECKING:
    from netgrade.program.program import Program
    from netgrade.training.data import DataSet

_TREE = Path(__file__).parents[2]
_KEPT = _TREE / "docs" / "experiments"
_EPOCHS = 10
_TRAINED_ON = 50_000

_HALF = Recipe(rotation=4.0, shift=0.75, scale=0.04)
RECIPES = MappingProxyType(
    {
        "default": Recipe(),
        "rate-0.02": Recipe(learning_rate=0.02),
        "half-augmentation": _HALF,
        "rate-0.02-half-augmentation": replace(_HALF, learning_rate=0.02),
        "no-augmentation": Recipe(rotation=0.0, shift=0.0, scale=0.0),
        "sgd": Recipe(optimizer="sgd", learning_rate=0.1, weight_decay=5e-4),
    }
)


class Experiment(msgspec.Struct, frozen=True, kw_only=True):
    """One training on the split."""

    name: str
    recipe: Recipe
    seed: int
    torch: str
    threads: int
    epochs: tuple[Epoch, ...]
    """Their `test_correct` are of the 10,000 training images that were set aside."""


def train(name: str, seed: int) -> Experiment:
    """Train with a recipe from a seed."""
    import torch  # noqa: PLC0415 - the table needs none

    from netgrade.training.messages import Ended, Job  # noqa: PLC0415 - the same
    from netgrade.training.trainer import train as trial  # noqa: PLC0415 - the same

    job = Job(
        blob=b"",
        seed=seed,
        epochs=_EPOCHS,
        recipe=RECIPES[name],
        data_set="mnist",
        input_shape=(1, 28, 28),
        classes=10,
        device="cpu",
    )
    *_, ended = trial(job, _program(seed), _split(), torch.device("cpu"))
    if not isinstance(ended, Ended) or ended.trial.ending != "finished":
        raise SystemExit(f"{name}, seed {seed}: it did not finish: {ended}")
    return Experiment(
        name=name,
        recipe=RECIPES[name],
        seed=seed,
        torch=str(torch.__version__),
        threads=torch.get_num_threads(),
        epochs=ended.trial.epochs,
    )


def table(experiments: list[Experiment]) -> Iterator[str]:
    """Yield a row for each recipe: the counts by seed."""
    yield "| Recipe | Seeds | Right after the last epoch | Best epoch |"
    yield "| --- | --- | --- | --- |"
    for name in RECIPES:
        mine = sorted((each for each in experiments if each.name == name), key=lambda each: each.seed)
        if mine:
            last = ", ".join(f"{each.epochs[-1].test_correct:,}" for each in mine)
            best = ", ".join(f"{max(epoch.test_correct for epoch in each.epochs):,}" for each in mine)
            yield f"| {name} | {', '.join(str(each.seed) for each in mine)} | {last} | {best} |"


def kept() -> list[Experiment]:
    """Return all experiments that are kept."""
    return [msgspec.json.decode(path.read_bytes(), type=Experiment) for path in sorted(_KEPT.glob("*.json"))]


def _split() -> "DataSet":
    from netgrade.training.data import DataSet, Split, load  # noqa: PLC0415 - the table needs none

    whole = load("mnist", None, environ=os.environ).train
    parts = (slice(None, _TRAINED_ON), slice(_TRAINED_ON, None))
    train, aside = (Split(whole.images[part], whole.labels[part]) for part in parts)
    return DataSet("MNIST", train, aside, full=False)


def _program(seed: int) -> "Program":
    from netgrade.capture.files import Files  # noqa: PLC0415 - the table needs none
    from netgrade.capture.network import capture_network  # noqa: PLC0415 - the same
    from netgrade.program.program import read  # noqa: PLC0415 - the same

    path = _TREE / "models" / "net_6k.py"
    network = runpy.run_path(str(path))["Net6K"]
    return read(capture_network("Net6K", network, (1, 28, 28), Files(path=path, root=path.parent), seeds=(seed,)), 0)


def main(arguments: list[str]) -> None:
    """Train, or print the table."""
    if not arguments:
        sys.stdout.write("\n".join([*table(kept()), ""]))
        return
    name, seed = arguments[0], int(arguments[1])
    experiment = train(name, seed)
    _KEPT.mkdir(exist_ok=True)
    path = _KEPT / f"{name}-seed{seed}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(experiment), indent=1) + b"\n")
    sys.stdout.write("\n".join([*table([experiment]), ""]))


if __name__ == "__main__":
    main(sys.argv[1:])
