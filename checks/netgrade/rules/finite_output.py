"""The scores are finite numbers.

What it checks:
    In eval mode, before any training, no score is NaN or infinite.

Why:
    A single NaN makes the loss NaN and, after one step, every parameter.

Fails:
    The logarithm of a value that can be zero, or a division by one.

        return torch.log(F.relu(self.fc(x)))

Passes:
    The function that is safe for every input.

        return F.log_softmax(self.fc(x), dim=1)

Settings:
    None.
"""

from netgrade.facts.model import Facts
from netgrade.rules.model import Finding, Settings, Violation
from netgrade.rules.wording import broken


def check(facts: Facts, _settings: Settings) -> Finding:
    """Pass if every score is finite."""
    if facts.scores.finite:
        return Finding(message="no NaN, no infinity", numbers={"finite": "yes"})
    violation = Violation(
        message="some scores are NaN or infinite before any training",
        hint="look for a logarithm, a root or a division whose argument can be zero; "
        "F.log_softmax(x, dim=1) is safe where log(softmax(x)) isn't",
    )
    return broken(violation, numbers={"finite": "no"})
