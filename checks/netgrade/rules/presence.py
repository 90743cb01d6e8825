"""Whether something is on the path to the scores, in train mode and in eval mode."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from netgrade.facts.model import Facts, Graph, Operator, Pool
from netgrade.rules.model import Violation
from netgrade.rules.wording import name

Thing = TypeVar("Thing", Operator, Pool)


def on_path(facts: Facts, select: Callable[[Graph], Sequence[Thing]]) -> list[Thing]:
    """Return the effective ones of the eval graph; none if the train graph has none.

    Args:
        facts: the network.
        select: picks the operators, or the pools, that are meant out of a graph.
    """
    train, evaluated = ([thing for thing in select(graph) if thing.effective] for graph in (facts.train, facts.eval))
    return evaluated if train else []


def off_path(facts: Facts, select: Callable[[Graph], Sequence[Thing]]) -> Violation | None:
    """Explain why nothing is on the path in both modes, if something runs at all."""
    train, evaluated = select(facts.train), select(facts.eval)
    if not train and not evaluated:
        return None
    if not train or not evaluated:
        first = (train or evaluated)[0]
        return Violation(
            message=f"{name(first)} runs in {'train' if train else 'eval'} mode only",
            hint="let forward call it in both modes, whatever self.training is",
            place=first.place,
        )
    alive = any(thing.effective for thing in train), any(thing.effective for thing in evaluated)
    mode = f"in {'eval' if alive[0] else 'train'} mode " if any(alive) else ""
    dead = evaluated if alive[0] else train
    more = f" (nor on {len(dead) - 1:,} more)" if len(dead) > 1 else ""
    return Violation(
        message=f"{name(dead[0])} runs, but {mode}the scores don't depend on it{more}",
        hint="use its result on the way to what forward returns",
        place=dead[0].place,
    )
