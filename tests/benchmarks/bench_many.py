"""A whole class in one run: a hundred submissions, with fidelity probe and intervention, captured two at a time."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.benchmarks.conftest import Measure

_MODELS = Path(__file__).parents[2] / "models"
_COPIES = 20
_ROUNDS = 3


def test_a_hundred_networks(measure: "Measure", users_pytest: Callable[..., str], tmp_path: Path) -> None:
    models = sorted(_MODELS.glob("*.py"))
    for copy in range(_COPIES):
        folder = tmp_path / "class" / f"student_{copy:02}"
        folder.mkdir(parents=True)
        for model in models:
            shutil.copy(model, folder)
    told = measure(
        "one of a hundred networks in one run",
        lambda: users_pytest("--model-path=class", "-q", folder=tmp_path),
        rounds=_ROUNDS,
        warm_up=0,
        parts=_COPIES * len(models),
        goal="at most 0.1 s",
    )
    assert f"{_COPIES} failed, 980 passed" in told  # net_12k has no dropout
