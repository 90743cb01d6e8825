"""Records one forward as a list of high-level ATen operators in single assignment.

Under `torch.inference_mode()` operators reach a dispatch mode before they are taken apart (conv2d, not convolution;
batch_norm, not its statistics); with gradients enabled on top, sections under no_grad can be told.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from netgrade.capture.aliases import Alias, Link, NotFunctional, current, write
from netgrade.capture.drafts import Unrecordable
from netgrade.capture.ledger import Ledger
from netgrade.program.model import Argument, Site, Value
from netgrade.program.operators import is_allowed

READS = frozenset({
    "item", "_local_scalar_dense", "is_nonzero", "equal", "allclose", "nonzero", "nonzero_numpy", "unique_consecutive",
    "_unique", "_unique2", "masked_select", "bincount",
})  # fmt: skip
"""Operators that hand a tensor's values to Python, where no recording can follow them."""

_TWINS = {
    "normal_": "normal_functional", "__iadd__": "add", "__isub__": "sub", "__imul__": "mul", "__itruediv__": "div",
    "__idiv__": "div", "__iand__": "__and__", "__ior__": "__or__", "__ixor__": "__xor__", "__ipow__": "pow",
    "_index_put_impl_": "index_put",
}  # fmt: skip
"""Operators that write in place and whose pure twin is not called the same without the underscore."""

_OVERLOADS = {"bernoulli.float": "bernoulli.p", "zeros.memory_format": "zeros.default"}
_REVIEWS = frozenset({"squeeze_", "unsqueeze_", "transpose_", "t_", "swapaxes_", "swapdims_"})
"""They change how a tensor is seen, and none of its elements."""

_EMPTY = {"empty": "zeros", "empty_like": "zeros_like", "new_empty": "new_zeros"}
_IDENTITIES = frozenset({"lift_fresh", "lift", "detach_"})
"""They give the same tensor another name; so does `detach` where no gradient reaches, with which torch.zeros() ends."""


class Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch's __init_subclass__ has no types
    """Records what runs while it is entered.

    Args:
        ledger: where the operators and their values are written down.
        where: describes the place in the student's source that is running.
    """

    def __init__(self, ledger: Ledger, where: Callable[[], Site]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch's has no types
        self.ledger = ledger
        self.refusal: Unrecordable | None = None
        self.operands: tuple[tuple[int, ...], ...] = ()
        """Shapes of the tensors that the newest operator was given."""
        self._where = where

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # otherwise the first operator imports torch._dynamo, which takes longer than all the rest

    @staticmethod
    def call(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401 - any operator
        """Run the operator itself; what it raises is the network's fault, not the recorder's."""
        return func(*args, **kwargs)

    def __torch_dispatch__(
        self,
        func: Any,  # noqa: ANN401 - any operator
        types: tuple[type, ...],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - any result
        """Run one operator and record it."""
        self.ledger.site = self._where()
        self.operands = tuple(tuple(item.shape) for item in args if isinstance(item, Tensor))
        try:
            return self._record(func, args, kwargs or {})
        except Unrecordable as refusal:
            self.refusal = self.refusal or refusal  # the network's own `except` must not swallow it
            raise

    def _record(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401 - any operator
        name = func._schema.name.removeprefix("aten::")  # noqa: SLF001 - the schema is an operator's only description
        if name in READS or _picks_by_mask(name, args):
            self._check_read(name, args)
            return self.call(func, args, kwargs)
        if name in _IDENTITIES or (name == "detach" and self.ledger.value_of(args[0]) not in self.ledger.tracked):
            return self._rename(func, args, kwargs)
        if func._schema.is_mutable and name not in _REVIEWS:  # noqa: SLF001 - the same
            return self._write(func, name, args, kwargs)
        return self._make(func, name, args, kwargs)

    def _make(self, func: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401 - any operator
        """Run and record an operator that writes to nothing."""
        op = _with_overload(func, _EMPTY.get(name, name.removesuffix("_") if name in _REVIEWS else name))
        if not is_allowed(op):
            raise Unrecordable(f"forward uses the operator `{name}`, which netgrade does not know", self.ledger.site)
        positional, named = self.ledger.arguments(op, args, kwargs)
        if name in _EMPTY:
            named.pop("memory_format", None)
        owners = [(n, self.ledger.alias_of(item)) for n, item in enumerate(args) if isinstance(item, Tensor)]
        made = self.call(func, args, kwargs)
        results = [made] if isinstance(made, Tensor) else list(made)
        values = self.ledger.emit(op, positional, named, len(results))
        for number, (tensor, value) in enumerate(zip(results, values, strict=True)):
            base = self.ledger.base_of(tensor)
            place, owner = next(((n, alias) for n, alias in owners if alias.base is base), (0, None))
            before, after = positional[:place], positional[place + 1 :]
            link = Link(op, before, after, named, number, len(results), tuple(tensor.shape))
            self.ledger.result(tensor, value, link, owner)
        return made

    def _write(self, func: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401 - any operator
        """Run an operator that writes in place and record its pure twin."""
        op = _with_overload(func, _TWINS.get(name, name.removesuffix("_")))
        if not name.endswith("_") or not is_allowed(op):
            how = "with out=" if "out" in kwargs else "in place"
            raise Unrecordable(f"forward writes {how} with `{name}`, which no graph can follow", self.ledger.site)
        alias = self._writable(args[0], name)
        state = alias.base.kind == "buffer"
        rest, named = self.ledger.arguments(op, args[1:], kwargs)
        recorded = (Value(current(alias, self.ledger.emit)), *rest)
        made = self.call(func, args, kwargs)
        if op == "copy.default" and not state:  # `copy` itself has no derivative
            value = self._copied(args[0], args[1])
        else:
            value = self.ledger.emit(op, recorded, named, state=state)[0]
        try:
            write(alias, value, self.ledger.emit)
        except NotFunctional as error:
            raise Unrecordable(
                f"forward makes {error}, which no graph can follow",
                self.ledger.site,
                "make new layers in __init__, not in forward; write to a tensor of your own, not to a detached one",
            ) from error
        return made

    def _writable(self, target: Tensor, name: str) -> Alias:
        alias = self.ledger.alias_of(target)
        if alias.base.kind in ("parameter", "input"):
            raise Unrecordable(
                f"forward changes its own {alias.base.kind} in place with `{name}`",
                self.ledger.site,
                f"use the form that returns a new tensor, `{name.rstrip('_')}`",
            )
        return alias

    def _copied(self, target: Tensor, source: Tensor) -> int:
        """Return the value of a tensor that another was copied into: in the target's shape and type."""
        ledger = self.ledger
        value = ledger.value_of(source)
        if source.shape != target.shape:
            shape: Argument = tuple(target.shape)
            value = ledger.emit("expand.default", (Value(value), shape), {})[0]
        if source.dtype != target.dtype:
            value = ledger.emit("to.dtype", (Value(value), ledger.scalar(target.dtype)), {})[0]
        return value

    def _rename(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401 - any operator
        made = self.call(func, args, kwargs)
        self.ledger.rename(args[0], made)
        return made

    def _check_read(self, name: str, args: tuple[Any, ...]) -> None:
        ledger = self.ledger
        if ledger.site.layer in ledger.cumulative:
            return
        tensors = (item for item in tree_leaves(args) if isinstance(item, Tensor))
        if any(ledger.value_of(item) in ledger.varying for item in tensors):
            raise Unrecordable(
                f"forward reads the values of a tensor (`{name}`), so what it does can depend on them in ways that no "
                "graph shows",
                ledger.site,
                "keep the computation in tensors: no .item(), no `if` on a tensor's values, no assert on them",
            )


def _with_overload(func: Any, name: str) -> str:  # noqa: ANN401 - any operator
    op = f"{name}.{func._overloadname}"  # noqa: SLF001 - the public name joins both with the namespace
    return _OVERLOADS.get(op, op)


def _picks_by_mask(name: str, args: tuple[Any, ...]) -> bool:
    """Tell `x[x > 0]`: how many elements it gives depends on their values."""
    return name == "index" and any(
        isinstance(item, Tensor) and item.dtype in (torch.bool, torch.uint8) for item in args[1]
    )
