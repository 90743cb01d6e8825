"""Prints what the benchmarks have measured beside what is aimed at. Nothing here asserts a time.

    pytest tests/benchmarks/bench_*.py

A plain `pytest` doesn't collect them: their files are not called test_*.py.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

_ROOT = Path(__file__).parents[2]
_DEVELOPERS = ("benchmark", "hypothesispytest", "xdist", "xdist.looponfail")
"""Names of the plugins that the test extra brings; a user has none of them."""


class Row(NamedTuple):
    """One figure."""

    what: str
    seconds: float
    """Of the fastest round: the others waited for something else."""
    goal: str = ""
    whole_process: bool = False
    """It includes an import of torch, so that its ratio to that import means something."""


_ROWS = pytest.StashKey[list[Row]]()
_IMPORT = 'python -c "import torch"'


class Measure:
    """Measures a call, and notes the figure for the table at the end."""

    def __init__(self, benchmark: BenchmarkFixture, rows: list[Row]) -> None:
        self._benchmark = benchmark
        self._rows = rows

    def __call__(  # noqa: PLR0913 - how it is measured, and what the table says of it
        self,
        what: str,
        call: Callable[[], Any],
        *,
        rounds: int,
        warm_up: int = 1,
        parts: int = 1,
        goal: str = "",
        whole_process: bool = False,
    ) -> Any:  # noqa: ANN401 - whatever the call returns
        """Return what the last of the calls returned.

        Args:
            what: the figure's name.
            call: what is measured.
            rounds: calls that are measured.
            warm_up: calls before these.
            parts: the figure is for one of so many.
            goal: what is aimed at.
            whole_process: the call imports torch in a process of its own.
        """
        returned = self._benchmark.pedantic(call, rounds=rounds, warmup_rounds=warm_up)  # type: ignore[no-untyped-call]
        if self._benchmark.stats:  # none with --benchmark-disable
            self._rows.append(Row(what, self._benchmark.stats["min"] / parts, goal, whole_process))
        return returned


@pytest.fixture
def measure(benchmark: BenchmarkFixture, request: pytest.FixtureRequest) -> Measure:
    return Measure(benchmark, request.config.stash.setdefault(_ROWS, []))


@pytest.fixture(scope="session")
def python() -> Callable[..., str]:
    """Give a function that runs a fresh Python and returns what it printed; exit codes of 0 and 1 are well."""

    def run(*arguments: str, folder: Path = _ROOT) -> str:
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own
        assert done.returncode in (0, 1), done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def users_pytest(python: Callable[..., str]) -> Callable[..., str]:
    """Give a function that runs pytest with the plugins that a user of netgrade has."""
    blocked = [word for name in _DEVELOPERS for word in ("-p", f"no:{name}")]
    return lambda *arguments, folder=_ROOT: python("-m", "pytest", *blocked, *arguments, folder=folder)


@pytest.hookimpl(trylast=True)  # below the table of pytest-benchmark
def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter", config: pytest.Config) -> None:
    rows = config.stash.get(_ROWS, [])
    if not rows:
        return
    imports = {row.what: row.seconds for row in rows}.get(_IMPORT)
    width = max(len(row.what) for row in rows)
    terminalreporter.write_sep("=", "measured, the fastest of all rounds")
    terminalreporter.write_line(f"{'':{width}}  seconds  × import torch  goal")
    for row in rows:
        ratio = f"{row.seconds / imports:.2f}" if imports and row.whole_process else ""
        terminalreporter.write_line(f"{row.what:{width}}  {row.seconds:7.4f}  {ratio:>14}  {row.goal}".rstrip())
