"""An image's scores don't depend on the other images of its batch.

What it checks:
    In eval mode, the scores of an image among different neighbours, compared number by number.

Why:
    A network that looks at the whole batch gives an image another answer alone than in company: its accuracy isn't
    that of one image.

Fails:
    A mean or a normalisation over the batch.

        x = x - x.mean(dim=0)

Passes:
    The same for each image alone.

        x = x - x.mean(dim=(1, 2, 3), keepdim=True)

Settings:
    None.
"""

from netgrade.facts.model import Facts
from netgrade.rules.model import Finding, Settings, Violation
from netgrade.rules.vocabulary import those
from netgrade.rules.wording import broken, name

NEEDS = ("output-shape", "finite-output", "deterministic-eval")


def check(facts: Facts, _settings: Settings) -> Finding:
    """Pass if the neighbours make no difference."""
    scores = facts.scores
    numbers: dict[str, int | float | str] = {"leaks": scores.leaks}
    if scores.batch_independent:
        return Finding(message="each image is judged alone", numbers=numbers)
    message = f"the other images of a batch change an image's scores by up to {scores.leaks:.3g} of their spread"
    place, hint = None, "take means and normalise over the dimensions of one image, never over dimension 0"
    norms = [norm for norm in those(facts.eval, "batch-norm") if norm.training and norm.effective]
    if norms:
        message += f": {name(norms[0])} uses the batch's own statistics in eval mode"
        place, hint = norms[0].place, "let batch norm keep running statistics and follow network.eval()"
    elif scores.kind == "log-probabilities over the batch":
        message += f": {scores.operator} runs over the batch"
        place, hint = scores.place, "F.log_softmax(x, dim=1) runs over the classes"
    return broken(Violation(message=message, hint=hint, place=place), numbers=numbers)
