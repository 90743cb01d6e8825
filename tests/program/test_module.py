"""A program as a torch module: its names, its parameters, and that it still is the same program."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from netgrade.program.module import module
from netgrade.program.program import Mode, Program

HOSTILE = "\x1b[2J##[error] é"


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.1))
        self.train_ = nn.Linear(4, 4)
        self.add_module(HOSTILE, nn.Linear(4, 4, bias=False))
        self.forward_ = nn.Linear(4, 10)
        self.scale = nn.Parameter(torch.ones(1), requires_grad=False)
        self.spare = nn.Parameter(torch.ones(7))

    def forward(self, x: Tensor) -> Tensor:
        x = self.block(x).relu().mean((2, 3)).relu()
        x = self.train_(self.train_(x))
        scores: Tensor = self.forward_(self.get_submodule(HOSTILE)(x)) * self.scale
        return torch.cat([scores[:, :5], scores[:, 5:]], 1)


class Odd(nn.Module):
    """Its layers are called like what a module has already."""

    def __init__(self) -> None:
        super().__init__()
        self._modules |= {"forward": nn.Linear(784, 4), "_steps": nn.Linear(4, 10), "x" * 300: nn.ReLU()}

    def forward(self, x: Tensor) -> Tensor:
        for each in self._modules.values():
            assert each
            x = each(x.flatten(1))
        return x


@pytest.fixture
def program(program_of: Callable[..., Program]) -> Program:
    return program_of(Net)


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_it_makes_the_same_scores(program: Program, mode: Mode) -> None:
    images = torch.randn(3, 1, 28, 28)
    torch.manual_seed(0)
    expected = program.scores(mode, images, program.fresh_tensors())
    torch.manual_seed(0)
    assert torch.equal(module(program, mode)(images), expected)


def test_a_child_has_the_layers_name_and_the_operators_class(program: Program) -> None:
    rebuilt = module(program, "train")
    assert type(rebuilt).__name__ == "Net"
    children = {name: type(child).__name__ for name, child in rebuilt.named_children()}
    assert {name: children[name] for name in ("block_0", "block_1", "block_2", "train__2", "relu_2")} == {
        "block_0": "Conv2d",
        "block_1": "BatchNorm",
        "block_2": "Dropout",
        "train__2": "Linear",
        "relu_2": "Relu",
    }
    assert "__2J___error__é" in children
    assert all(name.isidentifier() for name in children)


def test_each_parameter_lies_once_where_it_is_first_read(program: Program) -> None:
    rebuilt = module(program, "train")
    found = {name: parameter.numel() for name, parameter in rebuilt.named_parameters(remove_duplicate=False)}
    assert found.pop("block_0.weight") == 36
    assert found["train_.weight"] == 16
    assert "train__2.weight" not in found
    assert [numel for name, numel in found.items() if name.startswith("unread_")] == [7]
    assert [each.numel() for each in rebuilt.parameters() if not each.requires_grad] == [1]
    assert sum(found.values()) + 36 == sum(each.numel() for each in Net().parameters())


def test_names_that_are_taken_or_long(program_of: Callable[..., Program]) -> None:
    names = [name for name, _ in module(program_of(Odd), "eval").named_children()]
    assert "forward_2" in names
    assert "_steps_2" in names
    assert "x" * 40 in names
