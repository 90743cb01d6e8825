"""Keeps a submission on the CPU, whatever device it asks for."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

_ASKS = re.compile(r"""\.cuda\(|["'](?:cuda|mps|xpu)(?::\d+)?["'](?!\s*if\b)""")


class OnCPU(TorchFunctionMode):
    """While it is entered, a tensor that is to go to, or to be made on, another device stays on the CPU.

    Attributes:
        used: whether anything was kept back so far.
    """

    def __init__(self) -> None:
        super().__init__()
        self.used = False

    @staticmethod
    def call(func: Callable[..., Any], args: Iterable[Any], kwargs: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any function
        """Call torch's function itself; what it raises is the submission's fault, not ours."""
        return func(*args, **kwargs)

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - whatever the function returns
        del types  # part of the protocol
        if func is torch.Tensor.cuda:
            self.used = True
            return args[0]
        kept = {name: self._kept(value) for name, value in (kwargs or {}).items()}
        return self.call(func, map(self._kept, args), kept)

    def _kept(self, argument: Any) -> Any:  # noqa: ANN401 - any argument of any function
        if isinstance(argument, torch.device | str) and _elsewhere(argument):
            self.used = True
            return torch.device("cpu")
        return argument


def keep_on_cpu(texts: Iterable[str]) -> OnCPU | None:
    """Enter `OnCPU` for good, unless it is entered already, if a source text may ask for CUDA even where there is none.

    Returns:
        The mode that is in force, if one is.
    """
    stack = torch.overrides._get_current_function_mode_stack()  # type: ignore[no-untyped-call]  # noqa: SLF001 - torch's only way
    entered = next((mode for mode in stack if isinstance(mode, OnCPU)), None)
    if entered is None and any(_ASKS.search(text) for text in texts):
        entered = OnCPU()
        entered.__enter__()  # type: ignore[no-untyped-call]  # torch's own method
    return entered


def _elsewhere(argument: "torch.device | str") -> bool:
    kind = argument if isinstance(argument, str) else argument.type
    return kind.partition(":")[0] in ("cuda", "mps", "xpu")
