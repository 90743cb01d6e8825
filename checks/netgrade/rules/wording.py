"""How rules name things, so that all of them speak alike."""

from collections.abc import Sequence

from netgrade.facts.model import Operator, Place, Pool, Shape
from netgrade.rules.model import Finding, Violation


def at(place: Place | None) -> str:
    """Return ` at line 31`, or nothing where the place is unknown."""
    return f" at {place}" if place else ""


def name(operator: Operator | Pool) -> str:
    """Return "`bn2` at line 31", or "batch_norm at line 31" for what the network's own forward runs."""
    return (f"`{operator.layer}`" if operator.layer else operator.op) + at(operator.place)


def plural(number: int, noun: str) -> str:
    """Return `1 parameter` or `2,000 parameters`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listing(items: Sequence[str], most: int = 3) -> str:
    """Return nothing, `a`, `a and b`, `a, b and c` or `a, b, c and 4 more`."""
    shown = list(items[:most])
    if len(items) > most:
        shown.append(f"{len(items) - most:,} more")
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def size(shape: Shape) -> str:
    """Return `16×6×6`."""
    return "×".join(str(length) for length in shape)


def broken(*violations: Violation, numbers: dict[str, int | float | str] | None = None) -> Finding:
    """Return the finding of a rule that is broken in these ways."""
    return Finding(message=violations[0].message, violations=violations, numbers=numbers or {})
