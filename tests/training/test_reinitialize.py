"""Weights that a submission came with are no training, and a network that is drawn anew learns as well as before."""

import importlib.util
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import Tensor, nn

from netgrade.program.program import Program
from netgrade.training.reinitialize import reinitialized

ProgramOf = Callable[..., Program]


def _module() -> ModuleType:
    path = Path(__file__).parents[1] / "capture" / "networks" / "faithful.py"
    spec = importlib.util.spec_from_file_location("networks_to_draw_anew", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where inspect looks for a class's file
    spec.loader.exec_module(module)
    return module


class Shipped(nn.Module):
    """It comes with numbers that no initialisation gives."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
        self.norm = nn.BatchNorm2d(8)
        self.kept = nn.Conv2d(8, 8, 1)
        self.register_buffer("table", torch.empty(16, 8))
        self.register_buffer("integers", torch.arange(256).reshape(16, 16))
        self.register_buffer("blur", torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]).reshape(1, 1, 3, 3) / 16)
        self.head = nn.Linear(16, 10)
        self.scale = nn.Parameter(torch.empty(10))
        with torch.no_grad():
            for tensor in (*self.parameters(), self.norm.running_mean, self.norm.running_var, self.table):
                assert isinstance(tensor, Tensor)
                tensor.copy_(3 + torch.sin(torch.arange(tensor.numel()).float() ** 2).reshape(tensor.shape))
        self.kept.requires_grad_(requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.conv2d(x, self.blur, padding=1)
        x = self.kept(torch.relu(self.norm(self.conv(x)))).mean((2, 3))
        x = nn.functional.linear(x, self.table * 1.0)
        x = x @ self.integers.float()
        scores: Tensor = self.head(x) * self.scale
        return scores


class Scaled(nn.Module):
    """What few networks have: scales of each kind, a temperature, positions, a token, a mixture."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(1, 16, 7, 7)
        self.positions = nn.Parameter(torch.randn(1, 16, 16) * 0.02)
        self.token = nn.Parameter(torch.zeros(1, 1, 16))
        self.layer_scale = nn.Parameter(torch.full((16,), 1e-2))
        self.rezero = nn.Parameter(torch.zeros(()))
        self.temperature = nn.Parameter(torch.ones(10))
        self.mixture = nn.Parameter(torch.tensor([0.5, 0.5]))
        self.slope = nn.PReLU(16)
        self.norm = nn.LayerNorm(16)
        self.body = nn.Linear(16, 16)
        self.other = nn.Linear(16, 16)
        self.head = nn.Linear(16, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.patches(x).flatten(2).transpose(1, 2) + self.positions
        x = torch.cat([self.token.expand(x.size(0), -1, -1), x], 1)
        x = x + self.layer_scale * self.body(self.norm(x))
        x = x + self.rezero * self.other(x)
        x = self.slope(x.transpose(1, 2)).mean(2) * self.mixture[0] + x.amax(1) * self.mixture[1]
        scores: Tensor = self.head(x) / self.temperature
        return scores


class DeepWithoutNorm(nn.Module):
    """Twelve layers that only He's initialisation keeps alive."""

    def __init__(self) -> None:
        super().__init__()
        layers = [nn.Linear(784, 64), *(nn.Linear(64, 64) for _ in range(11))]
        for layer in layers:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
        self.layers = nn.Sequential(*(part for layer in layers for part in (layer, nn.ReLU())))
        self.head = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.head(self.layers(x.flatten(1)))
        return scores


class FixUp(nn.Module):
    """Scalars before and after each convolution, and last layers of zeros."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 8, 3, 2)
        self.second = nn.Conv2d(8, 8, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        self.before, self.after = nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1))
        self.gain = nn.Parameter(torch.ones(1))
        self.head = nn.Linear(8, 10)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.first(x))
        x = x + self.second(x + self.before) * self.gain + self.after
        scores: Tensor = self.head(torch.relu(x).mean((2, 3)))
        return scores


HONEST = [Scaled, DeepWithoutNorm, FixUp, *_module().ALL]


def drawn(program: Program, seed: int) -> dict[str, Tensor]:
    names = [stored.name for stored in program.capture.stored]
    return dict(zip(names, reinitialized(program, seed), strict=True))


@pytest.fixture
def program(program_of: ProgramOf) -> Program:
    return program_of(Shipped, (1, 8, 8))


DRAWN = ["conv.weight", "conv.bias", "kept.weight", "kept.bias", "table", "head.weight", "head.bias", "scale"]


@pytest.mark.parametrize("name", DRAWN)
def test_each_element_is_drawn_anew_with_the_mean_and_the_spread(program: Program, name: str) -> None:
    """Frozen parameters among them, and a buffer that is used as a matrix."""
    stored = {each.name: tensor for each, tensor in zip(program.capture.stored, program.tensors, strict=True)}
    before, after = stored[name], drawn(program, 0)[name]
    mean, spread = before.mean().item(), before.std(correction=0).item()
    assert len(set(after.flatten().tolist())) == after.numel()
    assert (after - before).abs().max() > 0.1
    assert (after - mean).abs().max() <= spread * math.sqrt(3) * 1.0001
    if after.numel() >= 64:
        assert after.mean().item() == pytest.approx(mean, abs=spread / 3)
        assert after.std().item() == pytest.approx(spread, rel=0.3)
        both = torch.stack([before.flatten(), after.flatten()])
        assert both.corrcoef()[0, 1].abs() < 0.5


def test_a_table_of_whole_numbers_that_is_a_matrix_is_put_in_another_order(program: Program) -> None:
    after = drawn(program, 0)["integers"]
    assert after.flatten().sort().values.tolist() == list(range(256))
    assert (after.flatten() == torch.arange(256)).sum() < 50


def test_a_filter_written_by_hand_stays(program: Program) -> None:
    assert drawn(program, 0)["blur"].flatten()[:2].tolist() == [1 / 16, 2 / 16]


def test_a_norm_is_fresh(program: Program) -> None:
    tensors = drawn(program, 0)
    ones, zeros = torch.ones(8), torch.zeros(8)
    assert torch.equal(tensors["norm.weight"], ones)
    assert torch.equal(tensors["norm.bias"], zeros)
    assert torch.equal(tensors["norm.running_mean"], zeros)
    assert torch.equal(tensors["norm.running_var"], ones)


def test_a_tensor_of_one_number_stays(program_of: ProgramOf) -> None:
    tensors = drawn(program_of(Scaled), 0)
    assert torch.equal(tensors["layer_scale"], torch.full((16,), 1e-2))
    assert torch.equal(tensors["slope.weight"], torch.full((16,), 0.25))
    assert torch.equal(tensors["temperature"], torch.ones(10))
    assert torch.equal(tensors["token"], torch.zeros(1, 1, 16))


class OneByOne(nn.Module):
    """Its weights are scalars, each a parameter of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = nn.ParameterList([nn.Parameter(torch.tensor(float(number))) for number in range(640)])

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = x.flatten(1) @ torch.stack(list(self.weights)).reshape(64, 10)
        return scores


def test_many_unlike_numbers_are_weights_one_by_one(program_of: ProgramOf) -> None:
    numbers = [tensor.item() for tensor in reinitialized(program_of(OneByOne, (1, 8, 8)), 0)]
    assert len(set(numbers)) == 640
    assert sum(abs(number - position) < 10 for position, number in enumerate(numbers)) < 60
    assert -1 < min(numbers) < 50
    assert 590 < max(numbers) < 641


class InPairs(nn.Module):
    """Its weights are the means of pairs that hardly differ: no tensor has elements that are all equal."""

    def __init__(self) -> None:
        super().__init__()
        pairs = (torch.tensor([number, number * 1.001 + 1e-3]) for number in map(float, range(640)))
        self.weights = nn.ParameterList(map(nn.Parameter, pairs))

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = x.flatten(1) @ torch.stack(list(self.weights)).mean(1).reshape(64, 10)
        return scores


class OfFewLevels(nn.Module):
    """Its weights are scalars, and all of one size."""

    def __init__(self) -> None:
        super().__init__()
        signs = torch.randn(640, generator=torch.Generator().manual_seed(0)).sign() / 64
        self.weights = nn.ParameterList(nn.Parameter(sign.clone()) for sign in signs)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = x.flatten(1) @ torch.stack(list(self.weights)).reshape(64, 10)
        return scores


class Whole(nn.Module):
    """Its weights are frozen whole numbers."""

    def __init__(self) -> None:
        super().__init__()
        numbers = (nn.Parameter(torch.tensor(number), requires_grad=False) for number in range(640))
        self.weights = nn.ParameterList(numbers)
        self.head = nn.Linear(10, 10)

    def forward(self, x: Tensor) -> Tensor:
        weights = torch.stack(list(self.weights)).float()
        scores: Tensor = self.head(x.flatten(1) @ weights.reshape(64, 10))
        return scores


@pytest.mark.parametrize("construct", [InPairs, OfFewLevels, Whole])
def test_nothing_is_left_of_numbers_that_are_told_one_by_one(program_of: ProgramOf, construct: type[nn.Module]) -> None:
    program = program_of(construct, (1, 8, 8))
    before, after = (
        torch.tensor([tensor.double().mean().item() for tensor in tensors[:640]])
        for tensors in (program.tensors, reinitialized(program, 0))
    )
    assert torch.stack([before, after]).corrcoef()[0, 1].abs() < 0.2


class Deep(nn.Module):
    """What a deep network has of tensors whose elements are all equal: hundreds, and of few kinds."""

    def __init__(self) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.BatchNorm2d(1) for _ in range(100))
        self.slopes = nn.ModuleList(nn.PReLU() for _ in range(100))
        self.gains = nn.ParameterList(nn.Parameter(torch.zeros(1)) for _ in range(100))
        self.head = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        for norm, slope, gain in zip(self.norms, self.slopes, self.gains, strict=True):
            x = x + gain * slope(norm(x))
        scores: Tensor = self.head(x.flatten(1))
        return scores


def test_many_numbers_of_few_kinds_stay_where_layers_begin_so(program_of: ProgramOf) -> None:
    program = program_of(Deep, (1, 8, 8))
    kept = {name: tensor for name, tensor in drawn(program, 0).items() if not name.startswith("head")}
    own = {stored.name: tensor for stored, tensor in zip(program.capture.stored, program.tensors, strict=True)}
    assert all(torch.equal(tensor, own[name]) for name, tensor in kept.items())


def test_the_seed_decides(program: Program) -> None:
    first, again, other = drawn(program, 0), drawn(program, 0), drawn(program, 1)
    assert all(torch.equal(first[name], again[name]) for name in first)
    for name in (*DRAWN, "integers"):
        assert not torch.equal(first[name], other[name])


def test_the_program_itself_keeps_its_tensors(program: Program) -> None:
    before = [tensor.clone() for tensor in program.tensors]
    for tensor in reinitialized(program, 0):
        if tensor.is_floating_point():
            tensor.fill_(9)
    assert all(torch.equal(one, other) for one, other in zip(before, program.tensors, strict=True))


def _losses(program: Program, tensors: list[Tensor]) -> Iterator[float]:
    """Learn 20 images by heart, and yield the loss of each step."""
    tensors = [
        tensor.requires_grad_(stored.trainable) for stored, tensor in zip(program.capture.stored, tensors, strict=True)
    ]
    optimizer = torch.optim.Adam([tensor for tensor in tensors if tensor.requires_grad], lr=0.01)
    source = torch.Generator().manual_seed(1)
    images, labels = torch.randn((20, 1, 28, 28), generator=source), torch.arange(20) % 10
    torch.manual_seed(1)
    for step in range(1, 26):
        scores = program.scores("train", images, tensors, training_steps=step)
        loss = nn.functional.cross_entropy(scores, labels)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()
        yield loss.item()


@pytest.mark.parametrize("construct", HONEST, ids=lambda construct: construct.__name__)
def test_an_honest_network_learns_as_well_as_from_its_own_numbers(
    program_of: ProgramOf, construct: type[nn.Module]
) -> None:
    program = program_of(construct)
    own, anew = (list(_losses(program, tensors)) for tensors in (program.fresh_tensors(), reinitialized(program, 0)))
    assert all(map(math.isfinite, anew))
    assert anew[0] < 2 * own[0]
    assert min(anew) < min(own) + 0.5 * max(own[0] - min(own), 0.1), (own[0], min(own), anew[0], min(anew))
