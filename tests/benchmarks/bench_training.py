"""An epoch of net_8k on the CPU: ours, the bare step on images made ready before, and a pipeline as courses write it.

    NETGRADE_DATA=FOLDER pytest tests/benchmarks/bench_training.py

FOLDER holds MNIST as torchvision lays it out. The table of pytest-benchmark has the ratios, of one run on one machine.
"""

import os
import runpy
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, transforms  # type: ignore[import-untyped] # torchvision has no types

from netgrade.capture.files import Files
from netgrade.capture.network import capture_network
from netgrade.program.program import read
from netgrade.training.data import Split, load
from netgrade.training.feed import Feed, Normal
from netgrade.training.network import Network
from netgrade.training.recipe import Recipe
from netgrade.training.schedule import learning_rates
from netgrade.training.step import Stepper

if TYPE_CHECKING:
    from tests.benchmarks.conftest import Measure

_MODEL = Path(__file__).parents[2] / "models" / "net_8k.py"
_IMAGES = 5_120
_ROUNDS = 3
_RECIPE = Recipe()
_CPU = torch.device("cpu")

pytestmark = [
    pytest.mark.benchmark(group=f"an epoch of {_IMAGES:,} images, net_8k"),
    pytest.mark.skipif("NETGRADE_DATA" not in os.environ, reason="NETGRADE_DATA names no folder with MNIST"),
]


class Ready(Feed):
    """Gives the images of the first epoch, which are made before anything is measured."""

    def __init__(self, feed: Feed) -> None:
        feed.shuffle(1)
        self._made = feed.take(torch.arange(feed.count))
        self.count = feed.count
        self.device = feed.device

    def shuffle(self, epoch: int) -> None:
        """Leave the order as it is."""

    def take(self, places: Tensor) -> tuple[Tensor, Tensor]:
        """Return the images at places that follow each other, without a copy."""
        part = slice(int(places[0]), int(places[-1]) + 1)
        images, labels = self._made
        return images[part], labels[part]


@pytest.fixture
def feed() -> Feed:
    train = load("mnist", None, environ=os.environ).train
    part = Split(train.images[:_IMAGES], train.labels[:_IMAGES])
    return Feed(part, Normal(train.images, _CPU), _RECIPE, 0, _CPU)


def test_our_epoch(measure: "Measure", feed: Feed) -> None:
    assert measure("an epoch of ours", _epochs(feed), rounds=_ROUNDS, goal="0.95 of the bare step's speed") == _IMAGES


def test_bare_step(measure: "Measure", feed: Feed) -> None:
    assert measure("the bare step", _epochs(Ready(feed)), rounds=_ROUNDS) == _IMAGES


@pytest.mark.parametrize("workers", [0, 2])
def test_data_loader(measure: "Measure", workers: int) -> None:
    call = _pipeline(workers)
    assert measure(f"DataLoader, {workers} workers", call, rounds=_ROUNDS, goal="at most half our speed") == _IMAGES


def _network() -> type[nn.Module]:
    network: type[nn.Module] = runpy.run_path(str(_MODEL))["Net8K"]
    return network


def _epochs(feed: Feed) -> Callable[[], int]:
    """Return what trains for one epoch more with each call."""
    program = read(capture_network("Net8K", _network(), (1, 28, 28), Files(path=_MODEL, root=_MODEL.parent)))
    rates = learning_rates(_RECIPE, (_ROUNDS + 1) * -(-_IMAGES // _RECIPE.batch))
    stepper = Stepper(Network(program, list(program.tensors), _CPU), feed, _RECIPE, rates)
    numbers = count(1)
    return lambda: stepper.epoch(next(numbers))


def _pipeline(workers: int) -> Callable[[], int]:
    """Return an epoch as courses write it: PIL images, torchvision's transforms, a DataLoader, a loss for the log."""
    shift = _RECIPE.shift / 28
    scale = (1 - _RECIPE.scale, 1 + _RECIPE.scale)
    change = transforms.Compose(
        [
            transforms.RandomAffine(_RECIPE.rotation, translate=(shift, shift), scale=scale),
            transforms.ToTensor(),
            transforms.Normalize((0.1307,), (0.3081,)),
        ]
    )
    images = Subset(datasets.MNIST(os.environ["NETGRADE_DATA"], train=True, transform=change), range(_IMAGES))
    loader = DataLoader(images, batch_size=_RECIPE.batch, shuffle=True, num_workers=workers)
    model = _network()()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=_RECIPE.weight_decay)

    def epoch() -> int:
        model.train()
        seen = 0
        for batch, labels in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(model(batch), labels)
            loss.backward()  # type: ignore[no-untyped-call] # torch gives it no types
            optimizer.step()
            assert loss.item() >= 0
            seen += len(labels)
        return seen

    return epoch
