"""A dilated convolution is on the path to the scores.

What it checks:
    A convolution that is dilated along an axis where its kernel is larger than 1, and on which the scores depend.

Why:
    Dilation lets a position see more of the image without a pool and without more parameters.

Fails:
    Dilation on a 1×1 convolution, which has nothing to spread.

        nn.Conv2d(16, 32, 1, dilation=2)

Passes:
    Dilation on a larger kernel.

        nn.Conv2d(16, 32, 3, padding=2, dilation=2)

Settings:
    None.
"""

from netgrade.facts.model import Facts, Graph, Operator
from netgrade.rules.model import Finding, Settings, Violation
from netgrade.rules.presence import off_path, on_path
from netgrade.rules.vocabulary import those
from netgrade.rules.wording import broken, name, size

_HINT = "give a 3×3 convolution dilation=2 and padding=2"


def check(facts: Facts, _settings: Settings) -> Finding:
    """Look for a dilated convolution in both modes."""
    dilated = on_path(facts, _dilated)
    if not dilated:
        return broken(off_path(facts, _dilated) or _none(facts), numbers={"dilated": 0})
    first = dilated[0]
    described = f"{name(first)}, {size(first.kernel)} with dilation {max(first.dilation)}"
    return Finding(message=f"{len(dilated):,} on the path, the first: {described}", numbers={"dilated": len(dilated)})


def _dilated(graph: Graph) -> list[Operator]:
    return [
        convolution
        for convolution in those(graph, "conv")
        if any(step > 1 < side for step, side in zip(convolution.dilation, convolution.kernel, strict=False))
    ]


def _none(facts: Facts) -> Violation:
    in_vain = [convolution for convolution in those(facts.eval, "conv") if max(convolution.dilation, default=1) > 1]
    if not in_vain:
        return Violation(message="no dilated convolution runs", hint=_HINT)
    first = in_vain[0]
    message = (
        f"{name(first)} has dilation {max(first.dilation)}, but a kernel of {size(first.kernel)} has nothing to spread"
    )
    return Violation(message=message, hint=_HINT, place=first.place)
