"""Dropout masks on the CPU: how often, how large, where, and that the gradient sees the same ones."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from netgrade.program.program import Program
from netgrade.training.dropout import dropout
from netgrade.training.network import Network

COUNT = 1_000_003  # no multiple of four


def seeded(values: torch.Tensor, rate: float, seed: int = 0) -> torch.Tensor:
    torch.manual_seed(seed)
    return dropout(values, rate, training=True)


@pytest.mark.parametrize("rate", [0.001, 0.02, 0.1, 0.5, 0.9])
def test_the_share_that_is_dropped_and_what_the_others_are_multiplied_by(rate: float) -> None:
    made = seeded(torch.ones(COUNT), rate)
    share = (made == 0).double().mean().item()
    deviation = (rate * (1 - rate) / COUNT) ** 0.5
    assert abs(share - rate) < 5 * deviation + 1 / 65_536
    kept = made[made != 0]
    assert (kept == kept[0]).all()
    assert kept[0].item() == pytest.approx(1 / (1 - rate), rel=1e-3)


def test_the_four_elements_of_a_random_number_are_independent() -> None:
    zeros = (seeded(torch.ones(1_000_000), 0.5) == 0).double().view(-1, 4)
    correlations = torch.corrcoef(zeros.T) - torch.eye(4)
    assert correlations.abs().max() < 0.01
    assert (zeros.mean(0) - 0.5).abs().max() < 0.01


def test_a_seed_decides() -> None:
    values = torch.randn(1000)
    assert torch.equal(seeded(values, 0.3), seeded(values, 0.3))
    assert not torch.equal(seeded(values, 0.3), seeded(values, 0.3, seed=1))


def test_the_gradient_sees_the_mask() -> None:
    values = torch.randn(8, 3, 5, 5, requires_grad=True)
    made = seeded(values, 0.4)
    (gradient,) = torch.autograd.grad(made.sum(), values)
    assert torch.equal(gradient == 0, made == 0)
    torch.testing.assert_close(made, values * gradient)


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x.contiguous(memory_format=torch.channels_last),
        lambda x: x[:, :, ::2],
        lambda x: x[:1].expand(4, -1, -1, -1),
        lambda x: x[:0],
        lambda x: x.double(),
    ],
    ids=["channels_last", "every other row", "one image four times", "nothing", "double"],
)
def test_any_layout(change: Callable[[torch.Tensor], torch.Tensor]) -> None:
    values = change(torch.ones(4, 3, 6, 6))
    made = seeded(values, 0.5)
    assert (made.shape, made.dtype) == (values.shape, values.dtype)
    assert set(made.unique().tolist()) <= {0.0, 2.0}
    assert made.numel() == 0 or 0.2 < (made == 0).float().mean() < 0.8


def test_nothing_happens_outside_of_training() -> None:
    values = torch.randn(10)
    assert dropout(values, 0.5, training=False) is values


class Dropping(nn.Module):
    def __init__(self, rate: float) -> None:
        super().__init__()
        self.drop = nn.Dropout(rate)
        self.head = nn.Linear(64, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.head(self.drop(x.flatten(1)))
        return scores


class Always(Dropping):
    def __init__(self) -> None:
        super().__init__(1.0)


class Never(Dropping):
    def __init__(self) -> None:
        super().__init__(1e-7)


class Half(Dropping):
    def __init__(self) -> None:
        super().__init__(0.5)


def network_of(program: Program) -> Network:
    return Network(program, list(program.tensors), torch.device("cpu"))


@pytest.mark.parametrize("construct", [Always, Never])
def test_a_rate_that_rounds_to_all_or_nothing_stays_torchs_own(
    program_of: Callable[..., Program], construct: type[nn.Module], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netgrade.training.dropout.dropout", None)
    network = network_of(program_of(construct, (1, 8, 8)))
    torch.manual_seed(0)
    assert network.scores("train", torch.ones(4, 1, 8, 8)).isfinite().all()


def test_a_network_trains_with_these_masks_and_is_judged_without_any(program_of: Callable[..., Program]) -> None:
    network = network_of(program_of(Half, (1, 8, 8)))
    images = torch.randn(4, 1, 8, 8)
    weight, bias = network.tensors
    torch.manual_seed(3)
    found = network.scores("train", images)
    expected = seeded(images.flatten(1), 0.5, seed=3) @ weight.T + bias
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(network.scores("eval", images), images.flatten(1) @ weight.T + bias)
