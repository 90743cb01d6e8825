"""What is known so far of one submission, and what is still to be done for it. No input or output."""

from dataclasses import dataclass, field

import msgspec

from netgrade.facts.model import Facts
from netgrade.messages import Examined, Failure, Found, Task
from netgrade.sandbox import limits


@dataclass
class Submission:
    """One task and its results as they come in."""

    number: int
    task: Task
    found: Found | None = None
    sandbox: tuple[str, ...] = ()
    results: dict[str, Facts | Failure] = field(default_factory=dict)
    summaries: dict[str, str] = field(default_factory=dict)
    """torchinfo's tables."""
    refusal: Failure | None = None
    """Why nothing of the file is graded: it can't be used, or its process lied."""
    restarts: int = 0
    """Fresh capture children planned."""

    @property
    def names(self) -> tuple[str, ...]:
        """The networks to be graded, in the order of definition."""
        if self.task.network is not None:
            return (self.task.network,)
        return self.found.candidates if self.found else ()

    def fail(self, failure: Failure) -> None:
        """Take a failure of one network, or of the file if no network is known yet."""
        if self.found is None:
            self.refusal = msgspec.structs.replace(failure, network=None)
        elif failure.network is not None:
            self.results[failure.network] = failure

    def resume(self, left: tuple[str, ...], why: Failure) -> list[Task]:
        """Plan what a child left undone: a task for a fresh child for each network, or a failure after too many.

        Args:
            left: The networks that the child had not come to.
            why: How it ended.
        """
        tasks = []
        for name in left:
            if self.restarts < limits.RESTARTS:
                self.restarts += 1
                tasks.append(msgspec.structs.replace(self.task, network=name))
            else:
                self.results[name] = Failure(
                    stage=why.stage,
                    network=name,
                    message=f"{name} was not tried: {limits.RESTARTS} fresh processes were spent on this file",
                    hint=f"grade it alone: {self.task.path}::{name}",
                )
        return tasks

    def examined(self) -> Examined | None:
        """Put the result together; None while a network is missing."""
        if self.refusal:
            networks: tuple[Facts | Failure, ...] = (self.refusal,)
        elif self.found and all(name in self.results for name in self.names):
            networks = tuple(self.results[name] for name in self.names)
        else:
            return None
        summaries = tuple(self.summaries.get(each.network or "", "") for each in networks) if self.task.summary else ()
        return Examined(
            path=self.task.path, found=self.found, networks=networks, sandbox=self.sandbox, summaries=summaries
        )
