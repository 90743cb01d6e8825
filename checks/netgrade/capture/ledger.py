"""Keeps account, while a forward is recorded, of which value each tensor stands for."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from netgrade.capture import walk
from netgrade.capture.aliases import Alias, Base, Link, current, storage
from netgrade.capture.drafts import Draft, Kept, Unrecordable
from netgrade.program.model import Argument, Named, Scalar, Site, Value, operands
from netgrade.program.operators import family

_KINDS = {
    torch.dtype: "dtype",
    torch.device: "device",
    torch.layout: "layout",
    torch.memory_format: "memory_format",
}


class Ledger:
    """The values of one recording, and the operators that make them.

    Args:
        images: the batch that forward is given, value 0.
        network: the network, whose parameters and buffers are told from constants.
        gradients: they are enabled, so that an operator without them stands under no_grad.
    """

    def __init__(self, images: Tensor, network: nn.Module, *, gradients: bool) -> None:
        self.drafts: list[Draft] = []
        self.kept: list[Kept] = []
        self.site = Site()
        """Where the operator stands that is running now."""
        self.varying: set[int] = {0}
        """Values that training or other images change."""
        self.tracked: set[int] = {0}
        """Values that a gradient may reach."""
        self.cumulative = _cumulative_batch_norms(network)
        self.aliases: dict[int, Alias] = {}
        self._bases: dict[int, Base] = {}
        self._alive: list[Tensor] = []  # an id or a storage is only an identity while its tensor lives
        self._gradients = gradients
        self._following = 1
        self._adopt(images, 0, "input")
        for kind, tensors in (("parameter", walk.parameters(network)), ("buffer", walk.buffers(network))):
            self._keep_all(kind, tensors)

    def alias_of(self, tensor: Tensor) -> Alias:
        """Return what a tensor is, adopting it as a constant if no operator has made it."""
        return self.aliases.get(id(tensor)) or self._find(tensor)

    def value_of(self, tensor: Tensor) -> int:
        """Return the value that a tensor stands for now.

        Raises:
            Unrecordable: it is a buffer that forward has changed before.
        """
        alias = self.alias_of(tensor)
        if alias.base.kind == "buffer" and alias.base.version:
            raise Unrecordable(
                "forward reads a buffer that it has changed: it remembers something from one batch to the next",
                self.site,
                "a network must give the same scores for the same images; only batch norm keeps running statistics",
            )
        return current(alias, self.emit)

    def emit(
        self, op: str, args: tuple[Argument, ...], kwargs: dict[str, Argument], results: int = 1, *, state: bool = False
    ) -> tuple[int, ...]:
        """Append an operator and return the values that it makes; `state` says that it only updates a buffer."""
        made = tuple(range(self._following, self._following + results))
        self._following += results
        gradient = torch.is_grad_enabled() or not self._gradients
        self.drafts.append(Draft(op, args, kwargs, made[0], results, gradient, self.site, state))
        read = [index for argument in (*args, *kwargs.values()) for index in operands(argument)]
        if family(op) in ("make", "like"):  # only the shapes of what they read matter
            return made
        if family(op) == "draw" or not self.varying.isdisjoint(read):
            self.varying.update(made)
        if gradient and not self.tracked.isdisjoint(read):
            self.tracked.update(made)
        return made

    def result(
        self,
        tensor: Tensor,
        value: int,
        link: Link,
        owner: Alias | None,
    ) -> None:
        """Note that an operator has made a tensor, which may be a view of one that it was given.

        Args:
            tensor: what it made.
            value: the number of that.
            link: the operator, seen as a view.
            owner: the argument that `link` is a view of, if the two share storage.
        """
        self._alive.append(tensor)
        if owner is not None:
            self.aliases[id(tensor)] = Alias(owner.base, (*owner.chain, link), value, owner.base.version)
        elif tensor.numel() and storage(tensor) in self._bases:  # a view of one of several tensors in a list
            self.aliases[id(tensor)] = Alias(Base(value, "made", tuple(tensor.shape)), (), value, 0)
        else:
            self._adopt(tensor, value, "made")

    def rename(self, tensor: Tensor, other: Tensor) -> None:
        """Note that a tensor is another one under a new name."""
        self.aliases[id(other)] = self.alias_of(tensor)
        self._alive.append(other)

    def base_of(self, tensor: Tensor) -> Base | None:
        """Return the base that a tensor shares storage with, if it is known."""
        return self._bases.get(storage(tensor)) if tensor.numel() else None

    def arguments(
        self, op: str, args: Iterable[Any], kwargs: Mapping[str, Any]
    ) -> tuple[tuple[Argument, ...], dict[str, Argument]]:
        """Return an operator's arguments as data."""
        positional = [self._argument(item) for item in args]
        named = {
            name: self._argument(item) for name, item in kwargs.items() if item is not None and name != "pin_memory"
        }
        if op == "batch_norm.default" and self.site.layer in self.cumulative:
            positional[6] = Named("momentum", "cumulative")
        return tuple(positional), named

    def _argument(self, item: Any) -> Argument:  # noqa: ANN401 - any argument of an operator
        if isinstance(item, list | tuple):
            return tuple(self.scalar(part) for part in item)
        return self.scalar(item)

    def scalar(self, item: Any) -> Scalar:  # noqa: ANN401 - any argument of an operator
        """Return one argument, or one item of a list, as data."""
        if isinstance(item, Tensor):
            return Value(self.value_of(item))
        if item is None or isinstance(item, bool | int | str):
            return item
        if isinstance(item, float):
            return item if item - item == 0 else Named("number", str(item))
        kind = _KINDS.get(type(item))
        if kind is None:
            raise Unrecordable(f"forward passes a {type(item).__name__} to an operator", self.site)
        return Named(kind, "cpu" if kind == "device" else str(item).removeprefix("torch."))  # type: ignore[arg-type]  # mypy widens the table's strings

    def _find(self, tensor: Tensor) -> Alias:
        """Adopt a tensor object that no operator has made: a view made outside, `.data`, or a constant."""
        self._alive.append(tensor)
        base = self.base_of(tensor)
        if base is not None:
            return self._outside_view(tensor, base)
        name = f"constant at line {self.site.line}" if self.site.line else "constant"
        copy = tensor.detach().clone()
        self.kept.append(Kept(name, "constant", copy, trainable=False, site=self.site, original=tensor))
        return self._adopt(tensor, -len(self.kept), "constant")

    def _outside_view(self, tensor: Tensor, base: Base) -> Alias:
        if tuple(tensor.shape) != base.shape or not tensor.is_contiguous():
            raise Unrecordable(
                f"forward reads a view of a {base.kind} that was made outside of it",
                self.site,
                "make the view inside forward",
            )
        value = self.emit("detach.default", (Value(base.value),), {})[0]
        link = Link("detach.default", (), (), {}, 0, 1, base.shape)
        self.aliases[id(tensor)] = Alias(base, (link,), value, base.version)
        return self.aliases[id(tensor)]

    def _adopt(self, tensor: Tensor, value: int, kind: str) -> Alias:
        base = Base(value, kind, tuple(tensor.shape))
        if tensor.numel():
            self._bases[storage(tensor)] = base
        self.aliases[id(tensor)] = Alias(base, (), value, 0)
        self._alive.append(tensor)
        return self.aliases[id(tensor)]

    def _keep_all(self, kind: str, tensors: Iterable[tuple[str, Tensor]]) -> None:
        for name, tensor in tensors:
            known = self.base_of(tensor)
            if known is not None and known.shape == tuple(tensor.shape):
                self.aliases[id(tensor)] = Alias(known, (), known.value, 0)
                self._alive.append(tensor)
                continue
            self.kept.append(Kept(name, kind, tensor, trainable=kind == "parameter" and tensor.requires_grad))
            self._adopt(tensor, -len(self.kept), kind)
            self.varying.add(-len(self.kept))
            if kind == "parameter":
                self.tracked.add(-len(self.kept))


def _cumulative_batch_norms(network: nn.Module) -> frozenset[str]:
    """Find the batch norms with a cumulative average, which read their own step counter."""
    return frozenset(
        name
        for name, module in walk.modules(network)
        if isinstance(module, nn.modules.batchnorm._NormBase) and module.momentum is None  # noqa: SLF001 - no public base
    )
