"""Words that several formats share."""

from netgrade.reports.report import Report, Run
from netgrade.reports.score import of_run
from netgrade.rules.model import Outcome

MARKS: dict[Outcome, str] = {"passed": "✅", "warned": "⚠️", "failed": "❌", "skipped": "⏭️", "error": "❓"}


def verdict(run: Run) -> str:
    """Return `passed`, `failed`, or `3 of 4 passed` where there are several networks."""
    if len(run.reports) > 1:
        return f"{sum(report.passed for report in run.reports):,} of {len(run.reports):,} passed"
    return "passed" if run.passed else "failed" if run.reports else "nothing graded"


def headline(run: Run) -> str:
    """Return `passed · 10 of 10 points`."""
    return f"{verdict(run)} · {of_run(run.reports)}" if run.reports else verdict(run)


def versions(run: Run) -> str:
    """Return what a verdict depends on: `mnist-20k · netgrade 0.1.0 · torch 2.15.0`."""
    return " · ".join(filter(None, [run.assignment, f"netgrade {run.netgrade}", run.torch and f"torch {run.torch}"]))


def name(report: Report) -> str:
    """Return `models/netv3.py · NetV3`."""
    return " · ".join(filter(None, [report.path, report.network]))


def cut(text: str, most: int) -> str:
    """Return the text on one line, of no more characters than that."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
