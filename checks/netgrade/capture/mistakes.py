"""What to do about a slip in the network's own code: a name misspelled, a layer never made, a wrong argument."""

import inspect
import re
from types import ModuleType
from urllib.error import URLError

import torch
from torch import nn

from netgrade.capture.errors import words
from netgrade.names import did_you_mean

TUPLE = "a tuple arrives there, as an LSTM or a GRU gives it: unpack it, out, _ = self.lstm(x)"
NONE = "None arrives there: some function before gives nothing; end it with `return x`"
"""What to do where something else than a tensor was given to a layer."""

_MOST = 8
"""The most layers that are listed."""
_LONGEST = 400
"""Characters of a text that is read by the patterns here; torch's own are shorter."""

_ACCELERATOR = re.compile(r"cuda|nvidia|\bmps\b", re.IGNORECASE)

_KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (FileNotFoundError, "a network must load without data or weights: build it from code alone"),
    (URLError, "a network must load without downloads: leave pretrained weights out"),
    (EOFError, "remove input(): nobody is there to answer"),
    (SystemExit, "remove what ends the program here, sys.exit() or exit()"),
    (KeyboardInterrupt, "remove what raises KeyboardInterrupt here; nobody has pressed a key"),
    (MemoryError, "build something smaller"),
    (RecursionError, "it calls itself without end: look for a method that calls itself, or a class that makes itself"),
)

_NOT_TENSOR = re.compile(r"must be Tensor, not (\w+)")
_COMBINATION = re.compile(r"invalid combination of arguments - got \((\w+)")
_TWICE = re.compile(r"(\w+)\.__init__\(\) got multiple values for argument")
_KEYWORD = re.compile(r"(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'")
_FEW = re.compile(r"(\w+)\.__init__\(\) missing \d+ required positional argument")
_NO_INPUT = re.compile(r"forward\(\) takes (?:0|1) positional arguments? but (\d+) (?:was|were) given")


def hint(error: BaseException) -> str:
    """Return advice on an exception, or an empty text."""
    text = words(error)[:_LONGEST]
    match error:
        case AttributeError(name=str(name)):
            return _attribute(error.obj, name)
        case NameError(name=str(name)):
            return _undefined(error, name)
        case TypeError():
            return _arguments(text)
        case AssertionError() | RuntimeError() if _ACCELERATOR.search(text):
            return "networks are checked on the CPU: move the network to another device where it is trained, not here"
        case _:
            return next((text for kind, text in _KINDS if isinstance(error, kind)), "")


def _undefined(error: BaseException, name: str) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    known = [*trace.tb_frame.f_locals, *trace.tb_frame.f_globals] if trace else []
    return f"define `{name}` before this line{did_you_mean(name, known)}"


def _attribute(value: object, name: str) -> str:
    if isinstance(value, nn.Module):
        return _layers(value, name)
    if isinstance(value, ModuleType):
        return did_you_mean(name, [each for each in dir(value) if each[0] != "_"]).removeprefix("; ")
    if isinstance(value, tuple) and hasattr(torch.Tensor, name):
        return TUPLE
    return NONE if value is None and hasattr(torch.Tensor, name) else ""


def _layers(module: nn.Module, name: str) -> str:
    if "_modules" not in vars(module):
        return "call super().__init__() first in __init__"
    if hasattr(torch.Tensor, name) and type(module).__module__.startswith("torch.nn"):
        return _not_called(type(module).__name__)
    made = [*vars(module)["_modules"], *vars(module)["_parameters"], *vars(module)["_buffers"]]
    own = [each for each in vars(module) if not each.startswith("_") and each != "training"]
    listed = ", ".join(f"`{each}`" for each in made[:_MOST]) + ", …" * (len(made) > _MOST)
    has = f"it makes {listed}" if made else "it makes none"
    near = did_you_mean(name, [*made, *own, *_methods(module)])
    return f"`self.{name}` is used, but never made in __init__ of {type(module).__name__}: {has}{near}"


def _methods(module: nn.Module) -> list[str]:
    return [name for name, value in vars(type(module)).items() if inspect.isfunction(value) and name[0] != "_"]


def _arguments(text: str) -> str:
    for pattern in (_NOT_TENSOR, _COMBINATION, _TWICE):
        if (found := pattern.search(text)) and _layer(found[1]):
            return _not_called(found[1])
    if (found := _KEYWORD.search(text)) and (parameters := _layer(found[1])):
        return f"nn.{found[1]} takes {', '.join(parameters)}{did_you_mean(found[2], parameters)}"
    if (found := _FEW.search(text)) and (parameters := _layer(found[1])):
        return f"nn.{found[1]} takes {', '.join(parameters)}: give at least {', '.join(_required(found[1]))}"
    if _NO_INPUT.search(text):
        return "let forward take the images: def forward(self, x)"
    return TUPLE if "tuple indices must be integers or slices, not tuple" in text else ""


def _not_called(layer: str) -> str:
    return f"nn.{layer} is made there where it should be called: make it in __init__, or write nn.{layer}(…)(x)"


def _layer(name: str) -> list[str]:
    """Return the parameters of one of torch's layers; none if there is no layer of that name."""
    cls = getattr(nn, name, None)
    return list(inspect.signature(cls).parameters) if isinstance(cls, type) and issubclass(cls, nn.Module) else []


def _required(name: str) -> list[str]:
    parameters = inspect.signature(getattr(nn, name)).parameters.values()
    return [each.name for each in parameters if each.default is each.empty and each.kind is each.POSITIONAL_OR_KEYWORD]
