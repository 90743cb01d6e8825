"""Dropout works in train mode and is off in eval mode.

What it checks:
    In train mode at least one dropout draws, its rate is at least the assignment's and below 1, and the scores depend
    on it. In eval mode none draws. Dropout, Dropout2d, AlphaDropout, FeatureAlphaDropout and their functional forms
    count.

Why:
    Dropout keeps a network from learning the training images by heart. One that never drops does nothing, and one that
    still draws in eval mode makes the scores a matter of luck.

Fails:
    A rate of 0, a dropout that is never called, or a functional one that never learns of the mode.

        x = F.dropout(x, 0.1)  # training=True is the default: always on

Passes:
    A dropout layer, or the functional form with the network's own mode.

        x = F.dropout(x, 0.1, training=self.training)

Settings:
    least: the smallest rate that counts as dropout.
"""

from typing import Annotated

from msgspec import Meta

from netgrade.facts.model import Facts, Operator
from netgrade.rules import model
from netgrade.rules.model import Finding, Violation
from netgrade.rules.vocabulary import those
from netgrade.rules.wording import broken, name


class Settings(model.Settings, frozen=True, kw_only=True):
    """The smallest rate that counts."""

    least: Annotated[float, Meta(gt=0, lt=1)] = 0.001


def check(facts: Facts, settings: Settings) -> Finding:
    """Look for a dropout that draws in train mode, and for one that draws in eval mode."""
    running = those(facts.train, "dropout")
    faults = [(dropout, _fault(dropout, settings.least)) for dropout in running]
    rates = sorted(dropout.rate or 0.0 for dropout, fault in faults if not fault)
    numbers: dict[str, int | float | str] = {"dropouts": len(rates), "least": settings.least}
    always_on = [dropout for dropout in those(facts.eval, "dropout") if dropout.training and dropout.rate]
    if always_on:
        return broken(_always_on(always_on[0]), numbers=numbers)
    if not rates:
        return broken(next((fault for _, fault in faults if fault), _NONE), numbers=numbers)
    span = f"{rates[0]:.3g}" if rates[0] == rates[-1] else f"{rates[0]:.3g} to {rates[-1]:.3g}"
    return Finding(
        message=f"{len(rates):,} on the path, p = {span}, off in eval mode",
        numbers=numbers | {"lowest_rate": rates[0], "highest_rate": rates[-1]},
    )


_NONE = Violation(
    message="no dropout runs in train mode",
    hint="call an nn.Dropout in forward; a layer that is only declared does nothing",
)


def _always_on(dropout: Operator) -> Violation:
    return Violation(
        message=f"{name(dropout)} is always on: it drops in eval mode too",
        hint="F.dropout needs training=self.training; make an nn.Dropout in __init__, and not in a plain list",
        place=dropout.place,
    )


def _fault(dropout: Operator, least: float) -> Violation | None:
    rate = dropout.rate or 0.0
    where, hint = name(dropout), f"give it a rate of at least {least:g}, such as 0.1"
    if not dropout.training:
        message, hint = f"{where} is off in train mode too", "leave its mode to network.train(): training=self.training"
    elif not rate:
        message = f"{where} runs with p = 0: it never drops anything"
    elif rate < least:
        message = f"{where} runs with p = {rate:.3g}, less than {least:g}: it hardly ever drops anything"
    elif rate >= 1:
        message, hint = f"{where} runs with p = 1: it drops everything", "give it a rate well below 1, such as 0.1"
    elif not dropout.effective:
        message, hint = f"{where} runs, but the scores don't depend on it", "use its result on the way to the scores"
    else:
        return None
    return Violation(message=message, hint=hint, place=dropout.place)
