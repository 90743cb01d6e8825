"""Which classes of a file look like networks and are not graded beside those that are."""

from collections.abc import Sequence

from netgrade.capture import kinds
from netgrade.capture.offers import Offer, mentioned, offers, rejection
from netgrade.capture.script import Script
from netgrade.capture.trials import Trial

_MOST = 3
"""The most classes that are spoken of one by one."""


def skipped(script: Script, trials: Sequence[Trial]) -> list[str]:
    """Return a note on each class that stands alone and can't be graded; blocks, bases and losses are no such ones.

    Args:
        script: the submission, as it was run.
        trials: its networks.
    """
    offered = offers(script)
    parts = mentioned(script, offered)
    alone = [offer for offer in offered if offer.name not in parts and not _is_used(offer, trials)]
    reasons = [reason for offer in alone if (reason := rejection(offer)) and not reason.endswith(" is a loss")]
    notes = [f"{reason}; so it is not graded{_next_step(reason)}" for reason in reasons[:_MOST]]
    more = len(reasons) - len(notes)
    return notes + [f"{more} more class{'es are' if more > 1 else ' is'} not graded for such reasons"] * bool(more)


def _is_used(offer: Offer, trials: Sequence[Trial]) -> bool:
    """Return whether a class is that of a network, or of a layer in one, or no class."""
    used = {kind for trial in trials if trial.sketch for kind in (trial.sketch.kind, *trial.sketch.parts)}
    return not kinds.is_network(offer.value) or offer.value in used


def _next_step(reason: str) -> str:
    if "needs constructor arguments" not in reason:
        return ""
    return ": give them defaults, or add a function without arguments that returns it, and name that as FILE::FUNCTION"
