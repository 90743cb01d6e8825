"""Trainings from the command, in real processes, on a data set of a few images."""

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from netgrade.training.record import read

if TYPE_CHECKING:
    from pathlib import Path

    from tests.plugin.conftest import Start

ASSIGNMENT = """
input-shape = [1, 28, 28]
classes = 10

[rules.parameter-budget]
below = 20000

[training]
data-set = "kmnist"
epochs = 3
accuracy = 50.0

[training.recipe]
batch = 8
"""
NET = """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return self.fc(x.flatten(1))
"""
LARGE = NET.replace("self.fc = nn.Linear(784, 10)", "self.fc = nn.Sequential(nn.Linear(784, 30), nn.Linear(30, 10))")
TRAIN = ("--model-path=net.py", "--assignment=tiny.toml", "--data-root=data")
ON_CPU = (*TRAIN, "-m", "gpu_train", "--train-device=cpu")
no_cuda = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")


def idx(array: np.ndarray) -> bytes:
    lengths = b"".join(length.to_bytes(4, "big") for length in array.shape)
    return bytes([0, 0, 8, array.ndim]) + lengths + array.tobytes()


@pytest.fixture
def given(start: "Start") -> "Start":
    """Put a network, its assignment, 80 training and 50 test images in the folder."""
    start.write("net.py", NET)
    start.write("tiny.toml", ASSIGNMENT)
    folder: Path = start.folder / "data" / "KMNIST" / "raw"
    folder.mkdir(parents=True)
    source = np.random.default_rng(0)
    for part, count in [("train", 80), ("t10k", 50)]:
        images = source.integers(0, 60, (count, 28, 28), np.uint8)
        for number, image in enumerate(images):  # a bright bar, where the class says
            image[4 + 2 * (number % 10) :][:2] = 255
        (folder / f"{part}-images-idx3-ubyte").write_bytes(idx(images))
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(idx(np.arange(count, dtype=np.uint8) % 10))
    return start


def test_a_plain_run_leaves_it_out_and_says_so(given: "Start") -> None:
    result = given.grade(*TRAIN)
    assert result.ret == 0
    assert "1 training left out: add -m gpu_train" in result.stdout.str()
    assert not (given.folder / "netgrade-out").exists()


def test_it_trains_and_keeps_a_record(given: "Start") -> None:
    result = given.grade(*ON_CPU, "-rA", "--seed=3")
    printed = result.stdout.str()
    assert "PASSED net.py::test-accuracy" in printed
    assert "PASSED net.py::untrained-start" in printed
    assert result.ret == 0
    record = read(given.folder / "netgrade-out" / "net-seed3.json")
    assert (record.network, record.data_set, record.device, record.full) == ("Net", "KMNIST", "cpu", False)
    assert (record.trial.seed, record.trial.ending, len(record.trial.epochs)) == (3, "finished", 3)
    assert record.trial.digest
    for epoch in record.trial.epochs:
        assert f"{epoch.loss:.4f}" in printed
    assert not list((given.folder / "netgrade-out").glob("*.checkpoint"))


def test_a_network_that_breaks_a_rule_is_not_trained_but_anyway(given: "Start") -> None:
    given.write("net.py", LARGE)
    result = given.grade(*ON_CPU)
    assert result.ret == 1
    assert "not trained, because of parameter-budget" in result.stdout.str()
    assert not (given.folder / "netgrade-out").exists()
    result = given.grade(*ON_CPU, "--train-anyway", "-rA")
    assert "PASSED net.py::test-accuracy" in result.stdout.str()
    assert "not trained" not in result.stdout.str()


def test_a_file_that_cannot_be_loaded_fails_here_too(given: "Start") -> None:
    given.write("net.py", "import nothing_of_that_name\n")
    result = given.grade(*ON_CPU)
    assert result.ret == 1
    assert "can't be loaded" in result.stdout.str()


@no_cuda
def test_without_a_gpu_it_is_skipped_and_not_green(given: "Start") -> None:
    result = given.grade(*TRAIN, "-m", "gpu_train", "-rs")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "torch finds no CUDA device here" in result.stdout.str()


@no_cuda
def test_a_gpu_that_is_asked_for_and_missing_is_an_error(given: "Start") -> None:
    result = given.grade(*TRAIN, "-m", "gpu_train", "--train-device=cuda")
    assert result.ret not in (0, pytest.ExitCode.NO_TESTS_COLLECTED)
    assert "torch finds no CUDA device here" in result.stdout.str()
    assert "skipped" not in result.stdout.lines[-1]


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--epochs=4", "--epochs: 4 is above the 3 of tiny.toml, which are the most"),
        ("-pxdist -n2", "-n with -m: networks are trained one after the other; leave -n out"),
    ],
)
def test_a_usage_error(given: "Start", option: str, said: str) -> None:
    result = given.grade(*ON_CPU, *option.split())
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert said in result.stderr.str()


def test_fewer_epochs_are_trained(given: "Start") -> None:
    assert given.grade(*ON_CPU, "--epochs=1").ret == 0
    record = json.loads((given.folder / "netgrade-out" / "net-seed0.json").read_text(encoding="utf-8"))
    assert (record["planned"], len(record["trial"]["epochs"])) == (1, 1)


def test_an_assignment_that_asks_for_no_training_is_not_green(given: "Start") -> None:
    given.write("tiny.toml", ASSIGNMENT.partition("[training]")[0])
    assert given.grade(*ON_CPU).ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_data_that_are_damaged_are_an_error_that_names_the_file(given: "Start") -> None:
    path = given.folder / "data" / "KMNIST" / "raw" / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:1000])
    result = given.grade(*ON_CPU)
    assert result.ret == 1
    assert "train-images-idx3-ubyte can't be used" in result.stdout.str().replace("\n", "")


def test_learns_is_judged_in_a_plain_run(given: "Start") -> None:
    result = given.grade(*TRAIN, "--learns", "-rA")
    assert "net.py::learns" in result.stdout.str()
    assert "of 1,000 test images after 6 epochs on 2,000 images" in result.stdout.str().replace("\n", " ")
