"""A whole check, from the command to its end, and what it is made of: divided by `python -c "import torch"`."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.benchmarks.conftest import Measure

_ROUNDS = 7


def test_import_torch(measure: "Measure", python: Callable[..., str]) -> None:
    measure('python -c "import torch"', lambda: python("-c", "import torch"), rounds=_ROUNDS, whole_process=True)


def test_check(measure: "Measure", users_pytest: Callable[..., str]) -> None:
    told = measure(
        "pytest --model-path models/netv3.py",
        lambda: users_pytest("--model-path", "models/netv3.py"),
        rounds=_ROUNDS,
        goal="at most 1.25 × import torch",
        whole_process=True,
    )
    assert "10 passed" in told


def test_handwritten(measure: "Measure", users_pytest: Callable[..., str]) -> None:
    told = measure(
        "a hand-written file of five asserts",
        lambda: users_pytest("-p", "no:netgrade.plugin", "--noconftest", "tests/benchmarks/handwritten.py"),
        rounds=_ROUNDS,
        whole_process=True,
    )
    assert "5 passed" in told
