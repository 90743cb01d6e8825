"""Writes the reports that `--report` asks for, when all is graded."""

import sys
from collections.abc import Callable, Sequence

import pytest

from netgrade.reports.report import Run
from netgrade.reports.targets import Target, TargetError
from netgrade.reports.writing import printed, write


class Writer:
    """Renders the run once a target, and writes it."""

    def __init__(self, config: pytest.Config, targets: Sequence[Target]) -> None:
        self._config = config
        self._targets = targets
        self._run: Callable[[], Run | None] = lambda: None

    def attach(self, run: Callable[[], Run | None]) -> None:
        """Say where the run comes from; it is None as long as nothing is graded."""
        self._run = run

    def pytest_sessionfinish(self) -> None:
        """Write the files, whatever the verdict."""
        run = self._ended()
        if run:
            try:
                write(self._targets, run)
            except TargetError as error:
                pytest.exit(str(error), returncode=pytest.ExitCode.INTERNAL_ERROR)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Write what goes to the standard output, below pytest's own last line."""
        run = self._ended()
        if run and (data := printed(self._targets, run)):
            self._print(data)

    def _ended(self) -> Run | None:
        return None if self._config.option.collectonly else self._run()

    def _print(self, data: bytes) -> None:
        capture = self._config.pluginmanager.getplugin("capturemanager")
        if capture:
            capture.suspend_global_capture(in_=False)
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
