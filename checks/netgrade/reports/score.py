"""The one score engine: whole points, from the assignment, for every format alike.

A rule earns what it is worth or nothing. Passing earns it, and so does a rule that only warns; a rule that failed, was
skipped or can't judge earns none. A file that can't be graded earns none of all the assignment's points.
"""

from collections.abc import Iterable

import msgspec

from netgrade.reports.report import Report
from netgrade.rules.model import Verdict


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """Points, never rounded."""

    earned: int
    possible: int

    def __str__(self) -> str:
        return f"{self.earned:,} of {self.possible:,} points"


def of_check(check: Verdict) -> Score:
    """Return the points of one rule on one network."""
    earned = check.points if check.outcome in ("passed", "warned") else 0
    return Score(earned=earned, possible=check.points)


def of_network(report: Report) -> Score:
    """Return the points of one network."""
    return _total(of_check(check) for check in report.checks)


def of_run(reports: Iterable[Report]) -> Score:
    """Return the points of all networks together."""
    return _total(of_network(report) for report in reports)


def _total(scores: Iterable[Score]) -> Score:
    each = list(scores)
    return Score(earned=sum(score.earned for score in each), possible=sum(score.possible for score in each))
