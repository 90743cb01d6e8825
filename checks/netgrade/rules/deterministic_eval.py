"""In eval mode the same images give the same scores.

What it checks:
    Two runs on the same images in eval mode, compared number by number.

Why:
    An answer that changes from run to run can't be graded, and it throws away accuracy.

Fails:
    A draw in forward that doesn't ask for the mode.

        x = x + 0.1 * torch.randn_like(x)

Passes:
    A draw in train mode only.

        if self.training:
            x = x + 0.1 * torch.randn_like(x)

Settings:
    None.
"""

from netgrade.facts.model import Facts, Operator
from netgrade.rules.model import Finding, Settings, Violation
from netgrade.rules.vocabulary import word
from netgrade.rules.wording import broken, listing, name

NEEDS = ("finite-output",)

_DRAWS = frozenset({
    "bernoulli", "cauchy", "exponential", "geometric", "log_normal", "multinomial", "normal", "normal_functional",
    "poisson", "rand", "rand_like", "randint", "randint_like", "randn", "randn_like", "random", "randperm", "rrelu",
    "uniform",
})  # fmt: skip


def check(facts: Facts, _settings: Settings) -> Finding:
    """Pass if two runs agree."""
    numbers: dict[str, int | float | str] = {"varies_by": facts.scores.varies_by}
    if facts.scores.deterministic:
        return Finding(message="two runs give the same scores", numbers=numbers)
    drawing = [operator for operator in facts.eval.operators if _draws(operator)]
    message = f"two runs on the same images differ by up to {facts.scores.varies_by:.3g} of the scores' spread"
    if drawing:
        message += f"; drawing in eval mode: {listing([name(operator) for operator in drawing])}"
    violation = Violation(
        message=message,
        hint="draw only if self.training; F.dropout needs training=self.training",
        place=drawing[0].place if drawing else None,
    )
    return broken(violation, numbers=numbers)


def _draws(operator: Operator) -> bool:
    if word(operator) == "dropout":
        return bool(operator.training and operator.rate)
    return operator.op in _DRAWS
