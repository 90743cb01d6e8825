"""What takes the place of a package that a submission imports and that is missing here.

Packages that draw, log or load data do nothing for a network: in their place stands something that does nothing.
In the place of any other stands something that raises when it is used, and not before.
"""

import importlib
import sys
import types
from collections.abc import Iterator
from typing import Any, NoReturn, Self

from torch import nn

_NEEDLESS = frozenset({
    "IPython", "albumentations", "altair", "bokeh", "clearml", "comet_ml", "cv2", "fastprogress", "gdown", "google",
    "gradio", "hiddenlayer", "imageio", "imgaug", "ipywidgets", "kaggle", "lightning", "livelossplot",
    "lovely_tensors", "matplotlib", "mlflow", "mlxtend", "neptune", "netron", "onnx", "pandas", "plotly",
    "prettytable", "progressbar", "psutil", "pytorch_lightning", "pytorch_model_summary", "rich", "seaborn",
    "skimage", "sklearn", "streamlit", "tabulate", "tensorboard", "tensorboardX", "termcolor", "thop",
    "torch_lr_finder", "torch_summary", "torchinfo", "torchmetrics", "torchsummary", "torchsummaryX", "torchview",
    "torchviz", "tqdm", "visdom", "wandb",
})  # fmt: skip

_BEHIND = {"tensorboard": "torch.utils.tensorboard"}
"""Modules of installed packages that are of no use without a missing one."""


class Inert:
    """Anything a needless package offers: called, entered, indexed or iterated, it does nothing.

    Called with something to iterate over, as `tqdm(loader)`, it iterates over that. As a decorator it leaves the
    function alone, and as a base class it is an empty one.

    Args:
        items: what it iterates over.
    """

    def __init__(self, items: Any = ()) -> None:  # noqa: ANN401 - whatever can be iterated over
        self._items = items

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401, D102 - it stands for any function
        if len(args) == 1 and not kwargs and isinstance(args[0], types.FunctionType | type):
            return args[0]
        return Inert(args[0] if args and hasattr(args[0], "__iter__") else ())

    def __getattr__(self, name: str) -> "Inert":
        if name.startswith("__"):
            raise AttributeError(name)
        return Inert()

    def __getitem__(self, key: object) -> "Inert":
        return Inert()

    def __setitem__(self, key: object, value: object) -> None:
        pass

    def __iter__(self) -> Iterator[Any]:
        yield from self._items

    def __len__(self) -> int:
        return len(self._items)

    def __bool__(self) -> bool:
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def __mro_entries__(self, bases: tuple[object, ...]) -> tuple[type, ...]:
        return (Empty,)


class Empty:
    """The base class of a class that inherits from a needless package's."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        pass


class LightningModule(nn.Module):
    """The base class of networks written for Lightning: an nn.Module whose logging does nothing."""

    def _nothing(self, *args: object, **kwargs: object) -> None:
        pass

    save_hyperparameters = log = log_dict = print = _nothing


class Absent:
    """Anything a missing package offers that a network may need: using it raises.

    Args:
        module: the missing module's name.
    """

    def __init__(self, module: str) -> None:
        self._module = module

    def _fail(self, *_args: object, **_kwargs: object) -> NoReturn:
        raise ModuleNotFoundError(f"No module named {self._module!r}", name=self._module)

    __call__ = __getitem__ = __iter__ = __len__ = __enter__ = __mro_entries__ = _fail

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        self._fail()


class StandIn(types.ModuleType):
    """A module in the place of one that can't be found.

    Args:
        name: the module's full name.
        label: what the student calls it: `.blocks`.
    """

    def __init__(self, name: str, label: str) -> None:
        super().__init__(name)
        self.__path__: list[str] = []
        self.label = label

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the missing module has by that name
        if name.startswith("__"):
            raise AttributeError(name)
        if not is_needless(self.label):
            return Absent(self.label)
        return LightningModule if name == "LightningModule" else Inert()


def is_needless(name: str) -> bool:
    """Return whether a network can do without a module."""
    return name.partition(".")[0] in _NEEDLESS or name in _BEHIND.values()


def stand_in(name: str, label: str) -> None:
    """Put a stand-in into `sys.modules` for a module that can't be found."""
    _register(StandIn(name, label))
    if name in _BEHIND:
        _register(StandIn(_BEHIND[name], _BEHIND[name]))


def missing() -> list[str]:
    """Return the packages that stand-ins were put in the place of, as the student calls them."""
    labels = [module.label for module in list(sys.modules.values()) if isinstance(module, StandIn)]
    return list(dict.fromkeys(label if label.startswith(".") else label.partition(".")[0] for label in labels))


def _register(module: StandIn) -> None:
    sys.modules[module.__name__] = module
    parent, _, child = module.__name__.rpartition(".")
    if parent:
        setattr(importlib.import_module(parent), child, module)
