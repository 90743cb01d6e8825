"""The scores are logits or log-probabilities.

What it checks:
    What the last operators make of the scores in eval mode: nothing (logits), a log-softmax over the classes
    (log-probabilities), a softmax (probabilities), a log-softmax over the batch, or an activation.

Why:
    Cross-entropy takes the softmax and the logarithm itself. On probabilities its gradients are small, and a ReLU on
    the scores can silence a class for good.

Fails:
    Softmax before the loss, an activation on the scores, or a log-softmax without the right dimension.

        return F.softmax(self.fc(x), dim=1)

Passes:
    The last layer's own output, or its log-softmax over the classes.

        return F.log_softmax(self.fc(x), dim=1)

Settings:
    allow: the kinds that pass, out of "logits", "log-probabilities" and "probabilities".
"""

from typing import Annotated, Literal

from msgspec import Meta

from netgrade.facts.model import Facts, Scores
from netgrade.rules import model
from netgrade.rules.model import Finding, Violation
from netgrade.rules.wording import at, broken

Kind = Literal["logits", "log-probabilities", "probabilities"]

_HOW = {
    "logits": "return the last layer's output as it is",
    "log-probabilities": "return F.log_softmax(x, dim=1)",
    "probabilities": "return F.softmax(x, dim=1)",
}


class Settings(model.Settings, frozen=True, kw_only=True):
    """The kinds that pass."""

    allow: Annotated[tuple[Kind, ...], Meta(min_length=1)] = ("logits", "log-probabilities")


def check(facts: Facts, settings: Settings) -> Finding:
    """Compare the kind of the scores with those allowed."""
    scores = facts.scores
    numbers: dict[str, int | float | str] = {"kind": scores.kind, "operator": scores.operator}
    if scores.kind in settings.allow:
        return Finding(message=scores.kind, numbers=numbers)
    hint = ", or ".join(_HOW[kind] for kind in settings.allow)
    return broken(Violation(message=_explain(scores), hint=hint, place=scores.place), numbers=numbers)


def _explain(scores: Scores) -> str:
    which = f"{scores.operator}{at(scores.place)}"
    match scores.kind:
        case "probabilities":
            return f"{which} makes probabilities of the scores; cross-entropy applies a log-softmax of its own"
        case "log-probabilities over the batch":
            return f"{which} compares the images of a batch, not the classes: its dimension is the batch"
        case "activated":
            return f"{which} stands on the scores and cuts them off or squashes them"
        case kind:
            return f"the scores are {kind}, which this assignment doesn't take"
