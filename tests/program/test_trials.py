"""One blob with the tensors of several seeds."""

from pathlib import Path

import pytest
import torch
from torch import nn

from netgrade.capture.errors import SubmissionError
from netgrade.capture.files import Files
from netgrade.capture.network import capture_network
from netgrade.program.codec import decode, encode
from netgrade.program.errors import Refused
from netgrade.program.program import read

FILES = Files(Path(__file__), Path(__file__).parent)
SHAPE = (1, 8, 8)


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3)
        self.norm = nn.BatchNorm2d(2)
        self.head = nn.Linear(2, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.head(self.norm(self.conv(x)).mean((2, 3)))
        return scores


class Fickle(nn.Module):
    """With seed 0 it has a ReLU, with seed 1 it has none."""

    def __init__(self) -> None:
        super().__init__()
        self.sharp = torch.initial_seed() == 0
        self.head = nn.Linear(64, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.head(x.flatten(1))
        return torch.relu(scores) if self.sharp else scores


@pytest.fixture(scope="module")
def blob() -> bytes:
    return capture_network("Net", Net, SHAPE, FILES, seeds=(3, 4))


def test_each_seed_has_its_own_tensors(blob: bytes) -> None:
    first, second = read(blob), read(blob, 1)
    assert first.capture == second.capture
    alone = [read(capture_network("Net", Net, SHAPE, FILES, seeds=(seed,))) for seed in (3, 4)]
    for ours, expected in zip((first, second), alone, strict=True):
        assert all(map(torch.equal, ours.tensors, expected.tensors))
    assert not torch.equal(first.tensors[0], second.tensors[0])


def test_a_seed_that_is_missing(blob: bytes) -> None:
    with pytest.raises(Refused, match=r"^the capture has tensors for 2 seeds; the one numbered 2 is missing$"):
        decode(blob, 2)


def test_another_shape_for_another_seed(blob: bytes) -> None:
    capture, tensors = decode(blob)
    name = capture.stored[0].name
    other = [torch.zeros(7), *tensors[1:]]
    with pytest.raises(Refused, match=rf"^the tensor `{name}` has another shape or type for another seed$"):
        decode(encode(capture, tensors, other))


def test_another_type_for_another_seed(blob: bytes) -> None:
    capture, tensors = decode(blob)
    other = [tensors[0].double(), *tensors[1:]]
    with pytest.raises(Refused, match="has another shape or type for another seed"):
        decode(encode(capture, tensors, other), 1)


def test_a_set_that_lacks_a_tensor(blob: bytes) -> None:
    capture, tensors = decode(blob)
    with pytest.raises(Refused, match=r"^the capture lists \d+ tensors and holds \d+ others$"):
        decode(encode(capture, tensors, tensors[1:]))


def test_a_network_that_the_seed_decides() -> None:
    with pytest.raises(SubmissionError) as caught:
        capture_network("Fickle", Fickle, SHAPE, FILES, seeds=(0, 1))
    failure = caught.value.failure
    assert failure.message == (
        "the network that is built from the random seed 1 is not the one that is built from another"
    )
    assert failure.hint == "build the same layers whatever random numbers are drawn"
