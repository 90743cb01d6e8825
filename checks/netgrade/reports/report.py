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

    @property
    def checks(self) -> tuple[Verdict, ...]:
        """All verdicts; where the network could not be loaded the one failed check `loads` comes first."""
        if self.failure is None:
            return self.verdicts + self.trained
        violation = Violation(message=self.failure.message, hint=self.failure.hint)
        numbers: dict[str, int | float | str] = {"stage": self.failure.stage}
        return (
            Verdict(rule=LOADS, outcome="failed", message=violation.message, violations=(violation,), numbers=numbers),
            *self.trained,
        )
