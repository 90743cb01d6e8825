"""How often a network passes: that the rules are as fair as they say, and that chances.py computes what draws show."""

import importlib.util
import sys
from math import sqrt
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest

from netgrade.rules.accuracy import reached, trials_needed

_ROOT = Path(__file__).parents[2]
_DRAWS = 4_000


def _load() -> ModuleType:
    path = Path(__file__).with_name("chances.py")
    spec = importlib.util.spec_from_file_location("netgrade_chances", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


chances = _load()
NOISE = chances.Noise(deviation=5.0, epochs_deviation=3.0, plateau=5)
AUTO = chances.Gate("last", "auto")


def test_auto_fails_a_network_that_is_five_images_below() -> None:
    assert 0.005 < chances.passes(9_935, AUTO, NOISE) <= 0.03


def test_auto_passes_a_network_that_is_five_images_above() -> None:
    assert 0.97 <= chances.passes(9_945, AUTO, NOISE) < 0.995


def test_one_seed_is_not_as_fair() -> None:
    one = chances.Gate("last", 1)
    assert chances.passes(9_935, one, NOISE) > 0.15
    assert chances.passes(9_945, one, NOISE) < 0.9


@pytest.mark.parametrize("at", ["last", "best", "last-3"])
def test_the_distribution_is_whole(at: str) -> None:
    assert sum(chances.counts(9_940, at, NOISE).values()) == pytest.approx(1.0, abs=1e-6)


def test_the_last_epoch_has_the_mean_and_the_deviation_that_were_given() -> None:
    found = chances.counts(9_940, "last", NOISE)
    mean = sum(count * share for count, share in found.items())
    assert mean == pytest.approx(9_940, abs=1e-3)
    variance = sum((count - mean) ** 2 * share for count, share in found.items())
    assert variance == pytest.approx(25 + 1 / 12, rel=1e-3)  # rounding to whole images adds a twelfth


@pytest.mark.parametrize("gate", chances.GATES, ids=lambda gate: f"{gate.accuracy_at}-{gate.seeds}")
def test_a_better_network_passes_more_often(gate: object) -> None:
    shares = [chances.passes(mean, gate, NOISE) for mean in chances.MEANS]
    assert shares == sorted(shares)
    assert shares[0] < 0.5 < shares[-1]


@pytest.mark.parametrize("seeds", [1, 3, "auto"])
@pytest.mark.parametrize("at", ["last", "best", "last-3"])
@pytest.mark.parametrize("mean", [9_935, 9_942])
def test_draws_show_the_same(at: str, seeds: int | str, mean: int) -> None:
    gate, random = chances.Gate(at, seeds), Random(f"{at} {seeds} {mean}")  # noqa: S311 - a simulation
    expected = chances.passes(mean, gate, NOISE)
    seen = sum(_drawn(gate, mean, random) for _ in range(_DRAWS)) / _DRAWS
    assert seen == pytest.approx(expected, abs=4 * sqrt(expected * (1 - expected) / _DRAWS) + 1e-4)


def _drawn(gate: Any, mean: int, random: Random) -> bool:  # noqa: ANN401 - a Gate, of a module that is loaded by its path
    """Train one seed after the other, as the rule asks for them."""
    counts: list[int] = []
    while len(counts) < trials_needed(counts, seeds=gate.seeds, needed=9_940, images=10_000):
        own = random.gauss(mean, 4.0)
        epochs = [round(random.gauss(own, 3.0)) for _ in range(5)]
        counts.append({"last": epochs[-1], "best": max(epochs), "last-3": min(epochs[-3:])}[gate.accuracy_at])
    return reached(counts, 9_940)


def test_the_page_is_the_generated_one() -> None:
    page = (_ROOT / "docs" / "verdict.md").read_text(encoding="utf-8")
    command = page.partition("Written by `python tests/rules/chances.py ")[2].partition(" > docs/verdict.md`")[0]
    assert page == chances.page(command.split())
    assert (_ROOT / "docs" / "verdict.svg").exists()
