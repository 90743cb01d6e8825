"""What holding a capture child costs: a forked child that restricts itself, beside one that doesn't."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from netgrade.messages import Task
from netgrade.sandbox import folders, isolation

if TYPE_CHECKING:
    from tests.benchmarks.conftest import Measure

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks children and holds them")

_SUBMISSION = Path(__file__).parents[2] / "models" / "netv3.py"
_ROUNDS = 50


def _forked(work: Callable[[], object]) -> None:
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0


def test_nothing_held(measure: "Measure") -> None:
    measure("a child that is not held", lambda: _forked(lambda: None), rounds=_ROUNDS)


def test_all_held(measure: "Measure", tmp_path: Path) -> None:
    rules = tuple(folders.rules(Task(path=str(_SUBMISSION)), str(tmp_path)))

    def hold() -> None:
        isolation.hold("auto", rules=rules, seconds=60.0)

    measure(
        "a child held by all that there is",
        lambda: _forked(hold),
        rounds=_ROUNDS,
        goal="at most 0.005 s above the first",
    )
