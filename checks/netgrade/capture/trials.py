"""Makes each network of a file once, and tells networks from the parts that they are made of."""

import dataclasses
import functools
from collections.abc import Callable, Sequence

from torch import nn
from torch.nn.parameter import is_lazy

from netgrade.capture.loose import loose
from netgrade.capture.offers import Offer, mentioned
from netgrade.capture.script import Script
from netgrade.facts.model import Shape

_RETRIES = 50


class NotANetwork(TypeError):  # noqa: N818 - it says what was made, not that something broke
    """What was made is no nn.Module; the text says what it is."""


@dataclasses.dataclass(frozen=True)
class Sketch:
    """What tells a network from others; the network itself may be too large to be kept."""

    kind: type[nn.Module]
    text: str
    """As it prints."""
    shapes: tuple[tuple[str, Shape | None], ...]
    """Its parameters; None for a lazy one."""
    parts: frozenset[type[nn.Module]] = dataclasses.field(compare=False)
    """Classes of the modules in it."""
    loose: tuple[str, ...] = dataclasses.field(default=(), compare=False)
    """What is to be said of layers that it keeps where torch doesn't see them."""


@dataclasses.dataclass(frozen=True, eq=False)
class Trial:
    """What came of making a network: its sketch or an error."""

    offer: Offer
    sketch: Sketch | None = None
    error: BaseException | None = None


def attempt(script: Script, offer: Offer) -> Trial:
    """Make a network once."""
    try:
        return Trial(offer, sketch=_sketch(build(script, offer)))
    except BaseException as error:  # noqa: BLE001 - a constructor may raise anything; SystemExit is common
        return Trial(offer, error=error)


def build(script: Script, offer: Offer) -> nn.Module:
    """Make a network anew.

    Raises:
        NotANetwork: what was made is no nn.Module.
        BaseException: whatever the submission's code raises.
    """
    made = _called(script, _maker(script, offer))
    if not isinstance(made, nn.Module):
        raise NotANetwork(type(made).__name__)
    return made


def networks(script: Script, trials: Sequence[Trial]) -> list[Trial]:
    """Return the trials without parts of others, without doubles, and without what only looked like a network.

    A class that can't be made stays: it is the student's network, and the reason must be said. But one whose base is
    missing may be anything, and stays only where there is no network.
    """
    made = [trial for trial in trials if trial.sketch and not _is_part(trial, trials)]
    if any(trial.sketch.shapes for trial in made if trial.sketch):
        made = [trial for trial in made if trial.sketch and trial.sketch.shapes]
    made = [trial for trial in made if not _is_double(trial, made)]
    parts = mentioned(script, [trial.offer for trial in trials])
    failed = [trial for trial in trials if trial.error and trial.offer.name not in parts]
    if made or any(trial.offer.kind == "class" for trial in failed):
        failed = [trial for trial in failed if trial.offer.kind == "class"]
    if made:
        failed = [trial for trial in failed if not isinstance(trial.offer.error, ModuleNotFoundError)]
    return [trial for trial in trials if trial in made or trial in failed]


def _maker(script: Script, offer: Offer) -> Callable[[], object]:
    if offer.error:
        raise offer.error
    if offer.kind == "instance":
        return functools.partial(script.remake, offer.name)
    if not callable(offer.value):
        raise NotANetwork(type(offer.value).__name__)
    return offer.value


def _called(script: Script, make: Callable[[], object]) -> object:
    """Call, and run what makes a name that no reading of the code could foresee, as long as there is one."""
    for _ in range(_RETRIES):
        try:
            return make()
        except NameError as error:
            if not (error.name and script.need(error.name)):
                raise
    return make()


def _sketch(network: nn.Module) -> Sketch:
    return Sketch(
        kind=type(network),
        text=_text(network),
        shapes=tuple(
            (name, None if is_lazy(tensor) else tuple(tensor.shape)) for name, tensor in network.named_parameters()
        ),
        parts=frozenset(type(part) for part in network.modules() if part is not network),
        loose=loose(network),
    )


def _text(network: nn.Module) -> str:
    try:
        return repr(network)
    except Exception:  # noqa: BLE001 - a student's own extra_repr may fail, and matters to nobody
        return ""


def _is_part(trial: Trial, trials: Sequence[Trial]) -> bool:
    """Return whether the network is a layer of another: the same variable, or an instance of the same class."""
    if trial.sketch is None:
        return False
    kind, variable = trial.sketch.kind, trial.offer.value
    own = not kind.__module__.startswith("torch.")
    for other in trials:
        if other is trial or other.sketch is None:
            continue
        if isinstance(other.offer.value, nn.Module) and any(part is variable for part in other.offer.value.modules()):
            return True
        if own and other.sketch.kind is not kind and kind in other.sketch.parts:
            return True
    return False


def _is_double(trial: Trial, made: Sequence[Trial]) -> bool:
    """Return whether a function or a variable gives just what a class, or something before it, gives already."""
    if trial.offer.kind == "class":
        return False
    earlier = made[: made.index(trial)]
    return any(other.sketch == trial.sketch for other in made if other.offer.kind == "class" or other in earlier)
