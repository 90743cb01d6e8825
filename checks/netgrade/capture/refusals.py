"""Why a file, or one network of it, can't be used, in a student's words."""

import difflib
from collections.abc import Sequence

from netgrade.capture import kinds
from netgrade.capture.advice import advice
from netgrade.capture.errors import raised
from netgrade.capture.offers import Offer, mentioned, rejection
from netgrade.capture.script import Script
from netgrade.capture.statements import imported
from netgrade.capture.trials import NotANetwork
from netgrade.messages import Failure

_OTHERS = frozenset({"flax", "jax", "keras", "mxnet", "paddle", "tensorflow"})
_DEFAULTS = "give them defaults, or add def create_model() that returns the network"


def nothing(script: Script, offered: Sequence[Offer]) -> Failure:
    """Return the failure of a file without a network."""
    name = script.source.files.path.name
    parts = mentioned(script, offered)
    reasons = [reason for offer in offered if offer.name not in parts and (reason := rejection(offer))]
    others = sorted(imported(script.statements) & _OTHERS)
    if not reasons and script.errors:
        error = next(iter(script.errors.values()))
        what = f"{name} defines no nn.Module, and {script.where(error)} raises"
        return raised(error, stage="load", what=what, files=script.source.files, hint=advice(script, error))
    if len(reasons) == 1:
        message = reasons[0]
    elif reasons:
        message = f"{name} has no network to grade: {'; '.join(reasons)}"
    elif others:
        message = f"{name} defines no nn.Module; it imports {others[0]}, and only networks in PyTorch are graded"
    else:
        message = f"{name} defines no nn.Module"
    meant = others or script.source.broken or _forwards(script) - {offer.name for offer in offered}
    helper = not meant and all(reason.endswith(kinds.LOSS) for reason in reasons)
    if script.source.broken:
        message = f"{message}; {'; '.join(script.source.broken)}"
    return Failure(stage="find", message=message, hint=_hint(script, reasons), helper=helper)


def unknown(script: Script, network: str, offered: Sequence[Offer]) -> Failure:
    """Return the failure of a file without the network that was asked for."""
    names = tuple(offer.name for offer in offered)
    close = difflib.get_close_matches(network, names, n=1)
    message = f"{script.source.files.path.name} has no network called {network}"
    return Failure(
        stage="find",
        message=f"{message}; did you mean {close[0]}?" if close else message,
        hint=f"it has {', '.join(names)}" if names else "it defines no nn.Module",
        candidates=names,
    )


def uncallable(offer: Offer) -> Failure | None:
    """Return the failure of something asked for by name that can't be made without arguments."""
    arguments = kinds.missing_arguments(offer.value) if callable(offer.value) and offer.kind != "instance" else []
    if not arguments:
        return None
    kind = "constructor arguments" if offer.kind == "class" else "arguments"
    message = f"{offer.name} needs {kind}: {', '.join(arguments)}"
    return Failure(stage="construct", network=offer.name, message=message, hint=_DEFAULTS)


def unmade(script: Script, offer: Offer, error: BaseException) -> Failure:
    """Return the failure of a network that can't be made."""
    if isinstance(error, NotANetwork):
        what = f"{offer.name}() returns" if offer.kind == "function" else f"{offer.name} is"
        message = f"{what} {_article(str(error))}, not an nn.Module"
        return Failure(stage="construct", network=offer.name, message=message, hint="return the network alone")
    what = (
        f"the definition of {offer.name} raises"
        if offer.error or offer.kind == "instance"
        else f"{offer.name}() raises"
    )
    return raised(
        error,
        stage="load" if offer.error else "construct",
        what=what,
        files=script.source.files,
        network=offer.name,
        hint=advice(script, error),
    )


def exhausted(script: Script) -> Failure:
    """Return the failure to run more of a file than was run."""
    name = script.source.files.path.name
    return Failure(stage="load", message=f"{name} has no more to run: it makes no name that its definitions don't")


def _forwards(script: Script) -> set[str]:
    """Return the names of the classes with a method `forward`: they were meant as modules."""
    classes = (cls for statement in script.statements for cls in statement.classes)
    return {cls.name for cls in classes if any(getattr(part, "name", "") == "forward" for part in cls.body)}


def _hint(script: Script, reasons: Sequence[str]) -> str:
    if any("needs constructor arguments" in reason for reason in reasons):
        return _DEFAULTS
    if any(" has no forward" in reason for reason in reasons):
        return "define forward(self, x) in the class itself, beside __init__"
    if any(".forward needs " in reason for reason in reasons):
        return "forward takes one batch of images, and nothing else that has no default"
    if script.source.broken:
        return "correct that cell, if the network is in it"
    meant = sorted(_forwards(script))
    if meant and not reasons:
        return f"{meant[0]} has a forward: write class {meant[0]}(nn.Module)"
    return "define the network as a class that inherits from nn.Module"


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiouAEIOU' else 'a'} {noun}" if noun != "NoneType" else "None"
