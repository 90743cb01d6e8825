"""Records one forward as a list of high-level ATen operators in single assignment.

Under `torch.inference_mode()` operators reach a dispatch mode before they are taken apart (conv2d, not convolution;
batch_norm, not its statistics); with gradients enabled on top, sections under no_grad can be told.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from netgrade.capture import walk
from netgrade.capture.aliases import Alias, Base, Link, NotFunctional, current, storage, write
from netgrade.program.model import Argument, Named, Scalar, Site, Value, operands
from netgrade.program.operators import family, is_allowed

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
_OVERLOADS = {"bernoulli.float": "bernoulli.p"}
_REVIEWS = frozenset({"squeeze_", "unsqueeze_", "transpose_", "t_", "swapaxes_", "swapdims_"})
_EMPTY = {"empty": "zeros", "empty_like": "zeros_like", "new_empty": "new_zeros"}
_IDENTITIES = frozenset({"lift_fresh", "lift", "detach_"})


class Unrecordable(Exception):  # noqa: N818 - it is a verdict on the network, not an error of ours
    """The network does something that no recorded graph can hold. The text says what; `site` says where."""

    def __init__(self, text: str, site: Site, hint: str = "") -> None:
        super().__init__(text)
        self.site = site
        self.hint = hint


@dataclasses.dataclass(frozen=True)
class Draft:
    """One recorded operator. Values below zero are stored tensors: -1 is the first."""

    op: str
    args: tuple[Argument, ...]
    kwargs: dict[str, Argument]
    first: int
    """Number of its first result."""
    results: int
    grad: bool
    site: Site
    bookkeeping: bool
    """It only brings a buffer up to date."""


@dataclasses.dataclass
class Kept:
    """A tensor that is no result of an operator: a parameter, a buffer, or a constant."""

    name: str
    kind: str
    tensor: Tensor
    """The tensor itself; for a constant, a copy of it as it was when first read."""
    trainable: bool
    site: Site = dataclasses.field(default_factory=Site)
    original: Tensor | None = None
    """The constant itself, by which train and eval mode know that they read the same one."""


class Recorder(TorchDispatchMode):
    """Records what runs while it is entered.

    Args:
        images: the batch that forward will be given, N×C×H×W.
        network: the network, whose parameters and buffers are told from constants.
        where: describes the place in the student's source that is running.
    """

    def __init__(self, images: Tensor, network: nn.Module, where: Callable[[], Site]) -> None:
        super().__init__()
        self.drafts: list[Draft] = []
        self.kept: list[Kept] = []
        self.refusal: Unrecordable | None = None
        self.operands: tuple[tuple[int, ...], ...] = ()
        """Shapes of the tensors that the newest operator was given."""
        self._where = where
        self._aliases: dict[int, Alias] = {}
        self._bases: dict[int, Base] = {}
        self._alive: list[Tensor] = []  # an id or a storage is only an identity while its tensor lives
        self._following = 1
        self._varying: set[int] = {0}
        self._site = Site()
        self._cumulative = _cumulative_batch_norms(network)
        self._adopt(images, 0, "input")
        for kind, tensors in (("parameter", walk.parameters(network)), ("buffer", walk.buffers(network))):
            self._keep_all(kind, tensors)

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # otherwise the first operator imports torch._dynamo, which takes longer than all the rest

    @staticmethod
    def call(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401 - any operator
        """Run the operator itself; what it raises is the network's fault, not the recorder's."""
        return func(*args, **kwargs)

    def value_of(self, tensor: Tensor) -> int:
        """Return the value that a tensor stands for now, adopting it as a constant if nobody has made it."""
        alias = self._aliases.get(id(tensor))
        if alias is None:
            alias = self._find(tensor)
        if alias.base.kind == "buffer" and alias.base.version:
            raise Unrecordable(
                "forward reads a buffer that it has changed: it remembers something from one batch to the next",
                self._site,
                "a network must give the same scores for the same images; only batch norm keeps running statistics",
            )
        return current(alias, self._emit)

    def __torch_dispatch__(  # type: ignore[no-untyped-def]  # torch leaves the types of its hook open
        self, func, types, args=(), kwargs=None
    ):
        self._site = self._where()
        try:
            return self._record(func, args, kwargs or {})
        except Unrecordable as refusal:
            self.refusal = self.refusal or refusal  # the network's own `except` must not swallow it
            raise

    def _record(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401 - any operator
        self.operands = tuple(tuple(item.shape) for item in args if isinstance(item, Tensor))
        name = func._schema.name.removeprefix("aten::")  # noqa: SLF001 - the schema is an operator's only description
        if name in READS:
            self._check_read(name, args)
            return self.call(func, args, kwargs)
        if name in _IDENTITIES:
            return self._identity(func, args, kwargs)
        if func._schema.is_mutable and name not in _REVIEWS:  # noqa: SLF001 - the same
            return self._write(func, name, args, kwargs)
        op = f"{_EMPTY.get(name, name.removesuffix('_') if name in _REVIEWS else name)}.{func._overloadname}"
        op = {"zeros.memory_format": "zeros.default"}.get(op, op)
        if not is_allowed(op):
            raise Unrecordable(f"forward uses the operator `{name}`, which netgrade does not know", self._site)
        recorded = self._arguments(op, args, kwargs)
        if name in _EMPTY:
            recorded[1].pop("memory_format", None)
        owners = self._owners(args)
        made = self.call(func, args, kwargs)
        self._result(op, *recorded, made=made, owners=owners)
        return made

    def _result(
        self,
        op: str,
        args: tuple[Argument, ...],
        kwargs: dict[str, Argument],
        *,
        made: Any,  # noqa: ANN401 - a tensor, or several
        owners: list[tuple[int, Alias]],
    ) -> None:
        results = [made] if isinstance(made, Tensor) else list(made)
        values = self._emit(op, args, kwargs, len(results))
        offset = 0
        for position, (tensor, value) in enumerate(zip(results, values, strict=True)):
            self._alive.append(tensor)
            base = self._bases.get(storage(tensor))
            parent = next(((place, alias) for place, alias in owners if alias.base is base), None)
            if base is None:
                self._adopt(tensor, value, "made")
                continue
            if parent is None:  # a view of one of several tensors in a list
                self._aliases[id(tensor)] = Alias(Base(value, "made", tuple(tensor.shape)), (), value, 0)
                continue
            place, alias = parent
            link = Link(
                op, args[:place], args[place + 1 :], kwargs, position, len(results), tuple(tensor.shape), offset
            )
            self._aliases[id(tensor)] = Alias(base, (*alias.chain, link), value, base.version)
            axis = args[2] if len(args) > 2 and isinstance(args[2], int) else 0  # noqa: PLR2004 - chunk and split: (x, size, axis)
            offset += tensor.shape[axis] if tensor.dim() else 0

    def _write(self, func: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401 - any operator
        target = args[0] if args and isinstance(args[0], Tensor) else None
        op = f"{_TWINS.get(name, name.removesuffix('_'))}.{func._overloadname}"
        op = _OVERLOADS.get(op, op)
        if target is None or not name.endswith("_") or not is_allowed(op):
            raise Unrecordable(f"forward uses `{name}`, which writes where no graph can follow", self._site)
        alias = self._aliases.get(id(target)) or self._find(target)
        if alias.base.kind in ("parameter", "input"):
            raise Unrecordable(
                f"forward changes its own {'input' if alias.base.kind == 'input' else 'parameter'} in place with `{name}`",
                self._site,
                f"use the form that returns a new tensor, `{name.rstrip('_')}`",
            )
        recorded = self._arguments(op, args, kwargs) if alias.base.kind != "buffer" else self._state(op, args, kwargs)
        made = self.call(func, args, kwargs)
        value = self._emit(op, *recorded, 1, bookkeeping=alias.base.kind == "buffer")[0]
        try:
            write(alias, value, self._emit)
        except NotFunctional as error:
            raise Unrecordable(f"forward makes {error}, which no graph can follow", self._site) from error
        return made

    def _state(
        self, op: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Argument, ...], dict[str, Argument]]:
        """Return the arguments of a write to a buffer, which may read that buffer's older value."""
        alias = self._aliases[id(args[0])]
        rest, named = self._arguments(op, args[1:], kwargs)
        return (Value(current(alias, self._emit)), *rest), named

    def _identity(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:  # noqa: ANN401 - any operator
        made = self.call(func, args, kwargs)
        self.value_of(args[0])
        self._aliases[id(made)] = self._aliases[id(args[0])]
        self._alive.append(made)
        return made

    def _check_read(self, name: str, args: tuple[Any, ...]) -> None:
        if self._site.layer in self._cumulative:
            return
        if any(self.value_of(item) in self._varying for item in args if isinstance(item, Tensor)):
            raise Unrecordable(
                f"forward reads the values of a tensor (`{name}`), so what it does can depend on them in ways that no "
                "graph shows",
                self._site,
                "keep the computation in tensors: no .item(), no `if` on a tensor's values, no assert on them",
            )

    def _owners(self, args: Iterable[Any]) -> list[tuple[int, Alias]]:
        return [(n, self._aliases[id(item)]) for n, item in enumerate(args) if isinstance(item, Tensor)]

    def _emit(
        self,
        op: str,
        args: tuple[Argument, ...],
        kwargs: dict[str, Argument],
        results: int,
        *,
        bookkeeping: bool = False,
    ) -> tuple[int, ...]:
        first = self._following
        self._following += results
        self.drafts.append(Draft(op, args, kwargs, first, results, torch.is_grad_enabled(), self._site, bookkeeping))
        made = tuple(range(first, first + results))
        read = [index for argument in (*args, *kwargs.values()) for index in operands(argument)]
        if family(op) == "draw" or any(index in self._varying for index in read):
            self._varying.update(made)
        return made

    def _arguments(
        self, op: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Argument, ...], dict[str, Argument]]:
        positional = [self._argument(item) for item in args]
        named = {name: self._argument(item) for name, item in kwargs.items() if item is not None}
        if op == "batch_norm.default" and self._site.layer in self._cumulative:
            positional[6] = Named("momentum", "cumulative")
        named.pop("pin_memory", None)
        return tuple(positional), named

    def _argument(self, item: Any) -> Argument:  # noqa: ANN401 - any argument of an operator
        if isinstance(item, list | tuple):
            return tuple(self._scalar(part) for part in item)
        return self._scalar(item)

    def _scalar(self, item: Any) -> Scalar:  # noqa: ANN401 - any argument of an operator
        if isinstance(item, Tensor):
            return Value(self.value_of(item))
        if item is None or isinstance(item, bool | int | str):
            return item
        if isinstance(item, float):
            return item if item - item == 0 else Named("number", str(item))
        for kind, known in (
            ("dtype", torch.dtype), ("device", torch.device), ("layout", torch.layout), ("memory_format", torch.memory_format),
        ):  # fmt: skip
            if isinstance(item, known):
                return Named(kind, "cpu" if kind == "device" else str(item).removeprefix("torch."))  # type: ignore[arg-type]  # mypy widens the tuple's strings
        raise Unrecordable(f"forward passes a {type(item).__name__} to an operator", self._site)

    def _find(self, tensor: Tensor) -> Alias:
        """Adopt a tensor object that no operator has made: a view made outside, `.data`, or a constant."""
        self._alive.append(tensor)
        base = self._bases.get(storage(tensor))
        if base is not None:
            return self._outside_view(tensor, base)
        site = self._site
        self.kept.append(
            Kept(
                f"constant at line {site.line}" if site.line else "constant",
                "constant",
                tensor.detach().clone(),
                False,
                site,
            )
        )
        return self._adopt(tensor, -len(self.kept), "constant")

    def _outside_view(self, tensor: Tensor, base: Base) -> Alias:
        if tuple(tensor.shape) != base.shape or not tensor.is_contiguous():
            raise Unrecordable(
                f"forward reads a view of a {base.kind} that was made outside of it", self._site,
                "make the view inside forward",
            )  # fmt: skip
        value = self._emit("detach.default", (Value(base.value),), {}, 1)[0]
        link = Link("detach.default", (), (), {}, 0, 1, base.shape, 0)
        self._aliases[id(tensor)] = Alias(base, (link,), value, base.version)
        return self._aliases[id(tensor)]

    def _adopt(self, tensor: Tensor, value: int, kind: str) -> Alias:
        base = Base(value, kind, tuple(tensor.shape))
        if tensor.numel():
            self._bases[storage(tensor)] = base
        self._aliases[id(tensor)] = Alias(base, (), value, 0)
        self._alive.append(tensor)
        return self._aliases[id(tensor)]

    def _keep_all(self, kind: str, tensors: Iterable[tuple[str, Tensor]]) -> None:
        for name, tensor in tensors:
            known = self._bases.get(storage(tensor)) if tensor.numel() else None
            if known is not None and known.shape == tuple(tensor.shape):
                self._aliases[id(tensor)] = Alias(known, (), known.value, 0)
                self._alive.append(tensor)
                continue
            self.kept.append(Kept(name, kind, tensor, kind == "parameter" and tensor.requires_grad))
            self._adopt(tensor, -len(self.kept), kind)
            if kind == "parameter" or tensor.numel() > 0:
                self._varying.add(-len(self.kept))


def _cumulative_batch_norms(network: nn.Module) -> Mapping[str, nn.Module]:
    """Find the batch norms with a cumulative average, which read their own step counter."""
    return {
        name: module
        for name, module in walk.modules(network)
        if isinstance(module, nn.modules.batchnorm._NormBase) and module.momentum is None  # noqa: SLF001 - no public base
    }
