"""The frozen report that every format renders. No torch."""

import msgspec

from netgrade.facts.model import Facts
from netgrade.messages import Failure
from netgrade.rules.model import Verdict, Violation

LOADS = "loads"
"""The one check of a submission, or network, that there are no facts of."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All that is to be said of one network, or of a file without one."""

    path: str
    """As the user gave it."""
    network: str
    """Class or factory; empty if the file itself can't be used."""
    assignment: str
    facts: Facts | None
    """None if the network could not be loaded or captured; `failure` says why."""
    failure: Failure | None
    verdicts: tuple[Verdict, ...]
    """Of the rules that judge without the assignment's training."""
    trained: tuple[Verdict, ...] = ()
    """Of those that judge by it; empty before it."""
    notes: tuple[str, ...] = ()
    siblings: tuple[str, ...] = ()
    """The other networks of the file."""
    sandbox: tuple[str, ...] = ()
    summary: str = ""
    """torchinfo's table of the rebuilt program, or why there is none; empty where nobody asked."""
    possible: int = 0
    """Points of all rules that judge without a training, for a file that can't be graded by them."""

    @property
    def checks(self) -> tuple[Verdict, ...]:
        """All verdicts; where the network could not be loaded the one failed check `loads` comes first."""
        if self.failure is None:
            return self.verdicts + self.trained
        violation = Violation(message=self.failure.message, hint=self.failure.hint)
        numbers: dict[str, int | float | str] = {"stage": self.failure.stage}
        return (
            Verdict(
                rule=LOADS,
                outcome="failed",
                message=violation.message,
                violations=(violation,),
                numbers=numbers,
                points=self.possible,
            ),
            *self.trained,
        )

    @property
    def passed(self) -> bool:
        """No rule failed and each could judge; a training that was asked for was not skipped for want of a GPU."""
        skipped = bool(self.trained) and all(check.outcome == "skipped" for check in self.trained)
        return not skipped and not any(check.outcome in ("failed", "error") for check in self.checks)


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """All networks of one run, and what their verdicts depend on: what every format renders."""

    reports: tuple[Report, ...]
    assignment: str
    netgrade: str
    """Its version."""
    torch: str
    """Its version; empty where it is missing."""
    accuracy: float | None = None
    """Per cent of the test images that the assignment asks for; None where it asks for no training."""
    sources: dict[str, tuple[str, ...]] = {}
    """Lines of the submissions, by path and `path:cell`; only what is shown needs to be here."""
    left_out: tuple[str, ...] = ()
    """What was not judged, a text for each reason: a training, files of a folder."""

    @property
    def passed(self) -> bool:
        """Every network passed, and there is one."""
        return bool(self.reports) and all(report.passed for report in self.reports)
