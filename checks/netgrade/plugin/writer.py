"""Writes the reports that `--report` asks for, when all is graded."""

import sys
from collections.abc import Callable, Sequence

import pytest

from netgrade.reports.formats import FORMATS
from netgrade.reports.report import Run
from netgrade.reports.targets import Target


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
        for target in self._targets if run else ():
            if run and target.path:
                try:
                    target.path.write_text(FORMATS[target.format](run), encoding="utf-8", newline="\n")
                except OSError as error:
                    reason = error.strerror or str(error)
                    message = f"--report {target.format}={target.given} could not be written: {reason}"
                    pytest.exit(message, returncode=pytest.ExitCode.INTERNAL_ERROR)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure(self) -> None:
        """Write what goes to the standard output, below pytest's own last line."""
        run = self._ended()
        texts = [FORMATS[target.format](run) for target in self._targets if run and not target.path]
        if texts:
            self._print("".join(texts))

    def _ended(self) -> Run | None:
        return None if self._config.option.collectonly else self._run()

    def _print(self, text: str) -> None:
        capture = self._config.pluginmanager.getplugin("capturemanager")
        if capture:
            capture.suspend_global_capture(in_=False)
        # Bytes, because a program reads them: UTF-8, whatever the terminal is set to.
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()
