"""A short round of the fuzzer, in the processes that a long one has."""

import subprocess
import sys
from pathlib import Path

import pytest

_HERE = Path(__file__).parent


@pytest.mark.skipif(sys.platform != "linux", reason="the worker's memory is bounded on Linux only")
def test_a_short_round_finds_nothing(tmp_path: Path) -> None:
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, _HERE / "fuzz.py", "--count", "2000", "--seed", "7", "--keep", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 findings" in done.stdout
    assert not list(tmp_path.iterdir())
