"""Tells networks from blocks, losses and everything else that a file may hold."""

import difflib
import functools
import inspect
import re
from collections.abc import Callable
from typing import TypeGuard

from torch import nn
from torch.nn.modules.loss import _Loss

LOSS = " is a loss"
"""How the reason ends why a loss is no network."""
_LOSS = re.compile(r"loss|criterion", re.IGNORECASE)
_TARGETS = frozenset({"target", "targets", "label", "labels", "gt", "y_true", "ground_truth", "y"})

_INSTANCE = re.compile(r"(?:^|_)(?:model|net|network|cnn|classifier)_?\w{0,3}$", re.IGNORECASE)


def is_network(value: object) -> TypeGuard[type[nn.Module]]:
    """Return whether a value is a class of networks or blocks."""
    return isinstance(value, type) and issubclass(value, nn.Module)


def missing_arguments(function: Callable[..., object]) -> list[str]:
    """Return the parameters without which a class or function can't be called."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    optional = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [each.name for each in parameters if each.default is each.empty and each.kind not in optional]


def no_network(cls: type[nn.Module]) -> str | None:
    """Return why a class alone makes no network, or None if it may make one."""
    arguments = missing_arguments(cls)
    needs = f"{cls.__name__} needs constructor arguments: {', '.join(arguments)}" if arguments else None
    return unfit(cls) or needs


def unfit(cls: type[nn.Module]) -> str | None:
    """Return why an instance of a class can't take a batch of images and nothing else, or None if it may."""
    inputs = missing_arguments(cls.forward)[1:]
    if issubclass(cls, _Loss) or _LOSS.search(cls.__name__) or (len(inputs) > 1 and inputs[1] in _TARGETS):
        return f"{cls.__name__}{LOSS}"
    if cls.forward is nn.Module.forward:
        return f"{cls.__name__} has no forward{_misplaced(cls)}"
    if len(inputs) > 1:
        return f"{cls.__name__}.forward needs {len(inputs)} inputs: {', '.join(inputs)}"
    return None


def names_an_instance(name: str) -> bool:
    """Return whether a variable's name is one that is given to networks: `model`, `net2`."""
    return bool(_INSTANCE.search(name))


def is_plain(network: nn.Module) -> bool:
    """Return whether a module is one of torch's own layers or losses, and not a network made of them."""
    return type(network).__module__.startswith("torch.nn") and not isinstance(network, nn.Sequential)


def is_partial(value: object) -> bool:
    """Return whether a value is a network's class with some arguments filled in: `Model = partial(Net, 10)`."""
    return isinstance(value, functools.partial) and is_network(value.func)


def _misplaced(cls: type[nn.Module]) -> str:
    nested = getattr(getattr(cls.__init__, "__code__", None), "co_consts", ())
    if any(getattr(const, "co_name", "") == "forward" for const in nested):
        return ": it is indented into __init__"
    close = difflib.get_close_matches("forward", [name for name in vars(cls) if not name.startswith("__")], n=1)
    return f": it is spelled {close[0]}" if close else ""
