"""Turns writes in place into single assignment, while a forward is recorded.

Tensors that share storage are views of one base, each reached by a chain of view operators. A write to a view makes a
new value of the view, scatters it up the chain into a new value of the base, and leaves the other views stale; a stale
view is made again from the new base when it is next read.
"""

import dataclasses
from collections.abc import Callable

from torch import Tensor

from netgrade.program.model import Argument, Value


class NotFunctional(Exception):  # noqa: N818 - the recorder turns it into a verdict
    """A write in place that has no form in single assignment. The text says which."""


@dataclasses.dataclass(eq=False)
class Base:
    """The newest value of one storage."""

    value: int
    kind: str
    """`input`, `parameter`, `buffer`, `constant` or `made`."""
    shape: tuple[int, ...]
    version: int = 0


@dataclasses.dataclass(frozen=True)
class Link:
    """One view operator, with the place of its parent left open."""

    op: str
    before: tuple[Argument, ...]
    after: tuple[Argument, ...]
    kwargs: dict[str, Argument]
    result: int
    """Which of its results."""
    results: int
    shape: tuple[int, ...]
    """The view's."""

    def arguments(self, parent: int) -> tuple[Argument, ...]:
        """Return the arguments with the parent put in."""
        return (*self.before, Value(parent), *self.after)


@dataclasses.dataclass
class Alias:
    """One tensor object as a view of its base."""

    base: Base
    chain: tuple[Link, ...]
    value: int
    version: int


Emit = Callable[[str, tuple[Argument, ...], dict[str, Argument], int], tuple[int, ...]]
"""Appends a node to the recording and returns the values it makes."""


def current(alias: Alias, emit: Emit) -> int:
    """Return the alias's value, made again from the base if a write has left it stale."""
    if alias.version != alias.base.version:
        alias.value = _replay(alias.base.value, alias.chain, emit)[-1]
        alias.version = alias.base.version
    return alias.value


def write(alias: Alias, value: int, emit: Emit) -> None:
    """Give a tensor a new value, through all that it is a view of.

    Raises:
        NotFunctional: a view on the way can't be undone.
    """
    parents = _replay(alias.base.value, alias.chain[:-1], emit)
    shapes = (alias.base.shape, *(link.shape for link in alias.chain))
    child = value
    for link, parent, shape in reversed(list(zip(alias.chain, parents, shapes, strict=False))):
        child = _undo(link, parent, shape, child, emit)
    alias.base.value = child
    alias.base.version += 1
    alias.value, alias.version = value, alias.base.version


def _replay(value: int, chain: tuple[Link, ...], emit: Emit) -> tuple[int, ...]:
    """Return the base's value and that of each view along the chain."""
    values = [value]
    for link in chain:
        values.append(emit(link.op, link.arguments(values[-1]), link.kwargs, link.results)[link.result])
    return tuple(values)


_SAME = frozenset({"contiguous", "to", "dropout", "feature_dropout", "alpha_dropout", "type_as", "lift_fresh", "alias"})
_RESHAPED = frozenset({
    "view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "_unsafe_view", "view_as", "reshape_as", "ravel",
})  # fmt: skip
_SWAPPED = frozenset({"transpose", "t", "swapaxes", "swapdims", "numpy_T", "mT"})


def _undo(link: Link, parent: int, shape: tuple[int, ...], child: int, emit: Emit) -> int:
    """Return the parent's value after its view has become `child`."""
    name = link.op.partition(".")[0]
    if name in _SAME:
        return child
    if name in _RESHAPED:
        return emit("reshape.default", (Value(child), shape), {}, 1)[0]
    if name in _SWAPPED:
        return emit(link.op, link.arguments(child), link.kwargs, 1)[0]
    if name == "permute":
        dims = [dim % len(shape) for dim in _numbers(link.after[0])]
        inverse = tuple(dims.index(dim) for dim in range(len(dims)))
        return emit("permute.default", (Value(child), inverse), {}, 1)[0]
    scatter, rest = _scatter(link, name)
    return emit(scatter, (Value(parent), Value(child), *rest), {}, 1)[0]


def _scatter(link: Link, name: str) -> tuple[str, tuple[Argument, ...]]:
    """Return the operator that puts a part back, and its arguments after the whole and the part.

    Parts that come several at a time (chunk, split, unbind) are missing: autograd forbids writing to these.
    """
    after = link.after
    if name in ("select", "slice", "diagonal"):
        return f"{name}_scatter.default", after
    if name == "narrow" and isinstance(after[1], int) and isinstance(after[2], int):
        return "slice_scatter.default", (after[0], after[1], after[1] + after[2])
    raise NotFunctional(f"a write in place through `{name}`")


def _numbers(argument: Argument) -> list[int]:
    return [item for item in argument if isinstance(item, int)] if isinstance(argument, tuple) else []


def storage(tensor: Tensor) -> int:
    """Return the key of a tensor's storage: the same for all its views while one of them lives."""
    return int(tensor.untyped_storage()._cdata)  # noqa: SLF001 - the only identity that a storage has
