"""What the user sees while a slow submission is examined: a live line, or a plain one now and then."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

_SOON = 1.0
"""Seconds before anything is said."""
_EVERY = 10.0
"""Seconds between two lines where none can be overwritten."""


@contextmanager
def progress(config: pytest.Config, path: str) -> Iterator[Callable[[str, float], None] | None]:
    """Give a function that is told what a submission waits for, and how many seconds long."""
    reporter: pytest.TerminalReporter | None = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or reporter.verbosity < 0:
        yield None
        return
    live = bool(reporter.isatty)  # a bool before pytest 8.4, a method of that name after
    last, told = "", 0.0

    def tell(doing: str, seconds: float) -> None:
        nonlocal last, told
        if doing != last:
            last, told = doing, 0.0
        text = f"{path}: {doing}, {seconds:.0f} s"
        if live and seconds >= _SOON:
            reporter.rewrite(text, erase=True)
            told = seconds
        elif seconds >= told + _EVERY:
            reporter.ensure_newline()
            reporter.write_line(text)
            told = seconds

    yield tell
    if live and last:
        reporter.rewrite("", erase=True)
