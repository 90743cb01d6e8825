"""The network uses the operators that the assignment requires, and none that it forbids.

What it checks:
    By the operators as they run: each required one is on the path to the scores in both modes (dropout in train mode),
    and no forbidden one runs in either mode, on the path or not.

Why:
    An exercise can be about doing without something: without max pooling, without a fully connected layer.

Fails:
    A forbidden operator, whatever the layer that runs it is called. With forbidden = ["max-pool"]:

        x = F.max_pool2d(x, 2)

Passes:
    Another way to the same size.

        self.down = nn.Conv2d(32, 32, 3, stride=2)

Settings:
    required: words for operators that must be there.
    forbidden: words for operators that must not.
        The words are: attention, average-pool, batch-norm, conv, dropout, elu, gelu, group-norm, hardswish,
        instance-norm, layer-norm, leaky-relu, linear, log-softmax, max-pool, mish, prelu, recurrent, relu, relu6, selu,
        sigmoid, silu, softmax, tanh, transposed-conv, upsample. `linear` is every fully connected layer, a matrix
        product with a parameter included.
"""

from netgrade.facts.model import Facts, Graph, Operator
from netgrade.rules import model
from netgrade.rules.model import Finding, Violation
from netgrade.rules.presence import off_path, on_path
from netgrade.rules.vocabulary import Word, those
from netgrade.rules.wording import broken, listing, name


class Settings(model.Settings, frozen=True, kw_only=True):
    """What is required and what is forbidden."""

    required: tuple[Word, ...] = ()
    forbidden: tuple[Word, ...] = ()

    def __post_init__(self) -> None:
        if not self.required and not self.forbidden:
            raise ValueError("name at least one operator in `required` or `forbidden`")
        both = set(self.required) & set(self.forbidden)
        if both:
            raise ValueError(f"`{min(both)}` can't be both required and forbidden")


def check(facts: Facts, settings: Settings) -> Finding:
    """Look for what is missing and for what must not be there."""
    found = [_missing(facts, word) for word in settings.required] + [
        _present(facts, word) for word in settings.forbidden
    ]
    violations = [violation for violation in found if violation]
    numbers: dict[str, int | float | str] = {
        "required": ", ".join(settings.required),
        "forbidden": ", ".join(settings.forbidden),
    }
    if violations:
        return broken(*violations, numbers=numbers)
    having = f"has {listing(settings.required, most=5)}" if settings.required else ""
    lacking = listing([f"no {word}" for word in settings.forbidden], most=5)
    return Finding(message="; ".join(filter(None, [having, lacking])), numbers=numbers)


def _missing(facts: Facts, word: Word) -> Violation | None:
    def select(graph: Graph) -> list[Operator]:
        return those(facts.train if word == "dropout" else graph, word)

    if on_path(facts, select):
        return None
    return off_path(facts, select) or Violation(
        message=f"no {word} runs", hint=f"this assignment requires {word} on the way to the scores"
    )


def _present(facts: Facts, word: Word) -> Violation | None:
    running = those(facts.eval, word) or those(facts.train, word)
    if not running:
        return None
    return Violation(
        message=f"{word} is forbidden: {listing([name(operator) for operator in running])}",
        hint=f"do without {word}; it counts even where the scores don't depend on it",
        place=running[0].place,
    )
