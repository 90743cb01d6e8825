"""Learning rates, against torch's own schedules."""

import pytest
import torch

from netgrade.training.recipe import Recipe
from netgrade.training.schedule import learning_rates


def torchs(steps: int, peak: float, warm_up: float) -> list[float]:
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=peak, total_steps=steps, pct_start=warm_up, cycle_momentum=False
    )
    rates = []
    for step in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step < steps - 1:
            schedule.step()
    return rates


@pytest.mark.parametrize("steps", [10, 100, 469 * 2])
@pytest.mark.parametrize("warm_up", [0.2, 0.3, 0.5])
def test_one_cycle_is_torchs(steps: int, warm_up: float) -> None:
    ours = learning_rates(Recipe(learning_rate=0.03, warm_up=warm_up), steps)
    assert ours == pytest.approx(torchs(steps, 0.03, warm_up), rel=1e-9)


def test_one_cycle_at_its_start_its_peak_and_its_end() -> None:
    rates = learning_rates(Recipe(learning_rate=0.01, warm_up=0.2), 100)
    assert rates[0] == pytest.approx(0.01 / 25)
    assert rates[19] == max(rates) == pytest.approx(0.01)
    assert rates[-1] == pytest.approx(0.01 / 250_000)
    assert rates[:20] == sorted(rates[:20])
    assert rates[19:] == sorted(rates[19:], reverse=True)


def test_one_cycle_without_a_rise_starts_at_the_peak() -> None:
    rates = learning_rates(Recipe(learning_rate=0.01, warm_up=0), 50)
    assert rates[0] == pytest.approx(0.01)
    assert rates[-1] == pytest.approx(0.01 / 250_000)


def test_cosine_falls_to_zero() -> None:
    rates = learning_rates(Recipe(learning_rate=0.4, schedule="cosine"), 8)
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=0.4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 8)
    for rate in rates:
        assert rate == pytest.approx(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    assert rates[0] == pytest.approx(0.4)
    assert rates[4] == pytest.approx(0.2)
    assert optimizer.param_groups[0]["lr"] == pytest.approx(0)


def test_constant() -> None:
    assert learning_rates(Recipe(learning_rate=0.4, schedule="constant"), 3) == [0.4, 0.4, 0.4]


@pytest.mark.parametrize("schedule", ["one-cycle", "cosine", "constant"])
@pytest.mark.parametrize("steps", [1, 2, 3])
def test_few_steps(schedule: str, steps: int) -> None:
    rates = learning_rates(Recipe(schedule=schedule), steps)  # type: ignore[arg-type] # one of them
    assert len(rates) == steps
    assert all(0 < rate <= 0.01 for rate in rates)
