"""Global average pooling, a fully connected layer, or both are on the path to the scores.

What it checks:
    That `global-average-pooling` or `fully-connected` would pass; their pages say what counts.

Why:
    Many courses word it so: the network ends in a global average or in a fully connected layer.

Fails:
    A last convolution that covers the whole map.

        self.last = nn.Conv2d(16, 10, 7)  # on a 7×7 map

Passes:
    Either of the two.

        return self.fc(x.flatten(1))

Settings:
    pointwise-counts: a 1×1 convolution on a 1×1 map counts as fully connected.
"""

from netgrade.facts.model import Facts
from netgrade.rules import fully_connected, global_average_pooling, model
from netgrade.rules.fully_connected import Settings
from netgrade.rules.model import Finding, Violation
from netgrade.rules.wording import broken


def check(facts: Facts, settings: Settings) -> Finding:
    """Pass if one of the two rules would."""
    pooled = global_average_pooling.check(facts, model.Settings())
    connected = fully_connected.check(facts, settings)
    numbers = pooled.numbers | connected.numbers
    passed = [finding.message for finding in (pooled, connected) if not finding.violations]
    if passed:
        return Finding(message="; ".join(passed), numbers=numbers)
    first, second = pooled.violations[0], connected.violations[0]
    return broken(
        Violation(
            message=f"{first.message}; {second.message}",
            hint=f"{first.hint}; or: {second.hint}",
            place=first.place or second.place,
        ),
        numbers=numbers,
    )
