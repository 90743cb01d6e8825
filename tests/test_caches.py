"""No test reads or writes the user's cache, and none what another test has left in its own."""

import os
from pathlib import Path

import pytest

from netgrade.training.folders import places


@pytest.fixture(scope="module")
def seen() -> list[Path]:
    return []


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_cache_of_its_own(turn: int, seen: list[Path], caches: Path) -> None:
    (cache,) = (each.path for each in places(None, {**os.environ, "NETGRADE_DATA": ""}))
    assert cache.is_relative_to(caches), turn
    assert not cache.exists()
    assert cache not in seen
    seen.append(cache)
