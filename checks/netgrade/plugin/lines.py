"""Writes lines of a report to pytest's terminal, as it can show them."""

import sys
from collections.abc import Iterable
from contextlib import nullcontext

import pytest

from netgrade.reports import terminal
from netgrade.reports.terminal import Line, Tone

_NO_TERMINAL = 80
MARKUP: dict[Tone, dict[str, bool]] = {
    "plain": {},
    "strong": {"bold": True},
    "good": {"green": True},
    "bad": {"red": True},
    "careful": {"yellow": True},
    "faint": {"light": True},
}


def write(config: pytest.Config, lines: Iterable[Line]) -> None:
    """Write lines while pytest runs; nothing with -q."""
    reporter: pytest.TerminalReporter | None = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or reporter.verbosity < 0:
        return
    # While an item runs pytest captures what is written, its own reporter's lines included.
    capture = config.pluginmanager.get_plugin("capturemanager")
    with capture.global_and_fixture_disabled() if capture else nullcontext():
        reporter.ensure_newline()
        for line in lines:
            reporter.write_line(fitting(line.text), **MARKUP[line.tone])


def width(config: pytest.Config) -> int:
    """Return the width of pytest's terminal in characters; 80 where there is none, as with `-p no:terminal`."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return config.get_terminal_writer().fullwidth if reporter else _NO_TERMINAL


def fitting(text: str) -> str:
    """Return the text as the terminal can show it."""
    return terminal.fitting(text, sys.stdout.encoding)
