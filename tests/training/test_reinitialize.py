"""Weights that a submission came with are no training."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from netgrade.program.program import Program
from netgrade.training.reinitialize import reinitialized

ProgramOf = Callable[..., Program]


class Shipped(nn.Module):
    """Every number of it is 7."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
        self.norm = nn.BatchNorm2d(8)
        self.kept = nn.Conv2d(8, 8, 1)
        self.head = nn.Linear(8, 10)
        self.scale = nn.Parameter(torch.zeros(10))
        with torch.no_grad():
            for tensor in (*self.parameters(), self.norm.running_mean, self.norm.running_var):
                assert isinstance(tensor, torch.Tensor)
                tensor.fill_(7)
        self.kept.requires_grad_(requires_grad=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.kept(torch.relu(self.norm(self.conv(x))))
        scores: torch.Tensor = self.head(x.mean((2, 3))) * self.scale
        return scores


@pytest.fixture
def program(program_of: ProgramOf) -> Program:
    return program_of(Shipped, (1, 8, 8))


def drawn(program: Program, seed: int) -> dict[str, torch.Tensor]:
    names = [stored.name for stored in program.capture.stored]
    return dict(zip(names, reinitialized(program, seed), strict=True))


@pytest.mark.parametrize(("layer", "fan_in"), [("conv", 9), ("head", 8)])
@pytest.mark.parametrize("part", ["weight", "bias"])
def test_uniform_within_one_over_the_root_of_the_fan_in(program: Program, layer: str, fan_in: int, part: str) -> None:
    values = drawn(program, 0)[f"{layer}.{part}"]
    bound = fan_in**-0.5
    assert values.abs().max() <= bound
    if part == "weight":
        assert values.min() < 0 < values.max()
        assert values.abs().max() > bound * 0.9
        assert values.std().item() == pytest.approx(bound / 3**0.5, rel=0.25)
    assert len(set(values.flatten().tolist())) == values.numel()


def test_a_norm_is_fresh(program: Program) -> None:
    tensors = drawn(program, 0)
    ones, zeros = torch.ones(8), torch.zeros(8)
    assert torch.equal(tensors["norm.weight"], ones)
    assert torch.equal(tensors["norm.bias"], zeros)
    assert torch.equal(tensors["norm.running_mean"], zeros)
    assert torch.equal(tensors["norm.running_var"], ones)


def test_a_vector_that_multiplies_is_one(program: Program) -> None:
    assert torch.equal(drawn(program, 0)["scale"], torch.ones(10))


def test_frozen_parameters_stay(program: Program) -> None:
    tensors = drawn(program, 0)
    assert (tensors["kept.weight"] == 7).all()
    assert (tensors["kept.bias"] == 7).all()


def test_the_seed_decides(program: Program) -> None:
    first, again, other = drawn(program, 0), drawn(program, 0), drawn(program, 1)
    assert all(torch.equal(first[name], again[name]) for name in first)
    for name in ("conv.weight", "conv.bias", "head.weight", "head.bias"):
        assert not torch.equal(first[name], other[name])


def test_the_program_itself_keeps_its_tensors(program: Program) -> None:
    reinitialized(program, 0)
    assert all(
        (tensor == 7).all()
        for stored, tensor in zip(program.capture.stored, program.tensors, strict=True)
        if stored.kind == "parameter"
    )
