"""What a rule is made of, and what it answers. No torch."""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from netgrade.facts.model import Facts, Place

Outcome = Literal["passed", "warned", "failed", "skipped", "error"]
"""`warned`: violated, but the assignment only warns. `skipped`: another rule must pass first.
`error`: it can't judge."""

Severity = Literal["fail", "warn"]

Evidence = Literal["program", "learning", "training"]
"""What a rule judges by: the rebuilt program alone, a quick training on few images, or the assignment's training."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Base of every rule's settings: named in kebab case in TOML, unknown keys refused."""


class Violation(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which a network breaks a rule."""

    message: str
    """What is, with numbers."""
    hint: str
    """What to do."""
    place: Place | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What one rule found in one network."""

    message: str
    """What holds, in a few words with numbers; shown when there is no violation."""
    violations: tuple[Violation, ...] = ()
    numbers: dict[str, int | float | str] = {}
    """The figures behind the verdict, for JUnit and JSON."""
    unknown: str = ""
    """Why the rule can't judge this network; empty if it can."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One standing requirement, as its file states it."""

    id: str
    """`parameter-budget`, from the file's name."""
    page: str
    """The file's docstring: what it checks, why, what fails, what passes."""
    settings: type[Settings]
    check: Callable[[Facts, Any], Finding]
    needs: tuple[str, ...] = ()
    """Rules that must pass before this one can judge."""
    evidence: Evidence = "program"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one rule on one network."""

    rule: str
    outcome: Outcome
    message: str
    violations: tuple[Violation, ...] = ()
    numbers: dict[str, int | float | str] = {}
    points: int = 1
    """What the rule is worth in the assignment, whatever the outcome."""
