"""What to say to a name that isn't known."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, allowed: Iterable[str]) -> str:
    """Return "; did you mean `below`?" for the allowed name that is nearest, or nothing if none is near."""
    nearest = get_close_matches(name.lower(), list(allowed), n=1)
    return f"; did you mean `{nearest[0]}`?" if nearest else ""


def unknown(what: str, name: str, allowed: Iterable[str]) -> str:
    """Return "unknown rule `droput`; did you mean `dropout`? (rules: batch-norm, dropout)"."""
    known = list(allowed)
    return f"unknown {what} `{name}`{did_you_mean(name, known)} ({what}s: {', '.join(known)})"
