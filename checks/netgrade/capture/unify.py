"""Makes one graph of recordings at two batch sizes, with unlike images and seeds: what scales with them is marked."""

import dataclasses
from collections.abc import Sequence
from fractions import Fraction
from itertools import zip_longest

import torch

from netgrade.capture.drafts import Draft, Kept, Unrecordable
from netgrade.program.model import Argument, Scalar, Scaled


@dataclasses.dataclass(frozen=True)
class Recording:
    """One forward, recorded."""

    batch: int
    drafts: Sequence[Draft]
    kept: Sequence[Kept]
    output: int


_HINT = "a network must do the same for every batch: no Python or NumPy random numbers, no counters, no values read"


def unify(one: Recording, other: Recording) -> Recording:
    """Return the first recording with everything marked that scales with the batch size.

    Raises:
        Unrecordable: the two differ in anything else.
    """
    for draft, twin in zip(one.drafts, other.drafts, strict=False):
        if draft.op != twin.op:
            raise Unrecordable(
                f"forward does not do the same every time: it runs `{draft.op}` on a batch of {one.batch} images and "
                f"`{twin.op}` on one of {other.batch}",
                draft.site,
                _HINT,
            )
    if len(one.drafts) != len(other.drafts) or one.output != other.output:
        raise Unrecordable(
            f"forward does not do the same every time: it runs {len(one.drafts)} operators on a batch of {one.batch} "
            f"images and {len(other.drafts)} on one of {other.batch}",
            one.drafts[-1].site,
            _HINT,
        )
    _check_constants(one, other)
    drafts = [_unify(draft, twin, one.batch, other.batch) for draft, twin in zip(one.drafts, other.drafts, strict=True)]
    return dataclasses.replace(one, drafts=drafts)


def agrees(unified: Recording, other: Recording) -> bool:
    """Tell whether a unified recording, at another batch size, is what was recorded there."""
    if len(unified.drafts) != len(other.drafts) or unified.output != other.output:
        return False
    return all(
        draft.op == twin.op
        and draft.results == twin.results
        and tuple(_at(value, other.batch) for value in draft.args) == twin.args
        and {name: _at(value, other.batch) for name, value in draft.kwargs.items()} == twin.kwargs
        for draft, twin in zip(unified.drafts, other.drafts, strict=True)
    )


def _at(argument: Argument, batch: int) -> Argument:
    if isinstance(argument, tuple):
        return tuple(_scaled(item, batch) for item in argument)
    return _scaled(argument, batch)


def _scaled(item: Scalar, batch: int) -> Scalar:
    return item.at(batch) if isinstance(item, Scaled) else item


def _unify(draft: Draft, twin: Draft, batch: int, other: int) -> Draft:
    if len(draft.args) != len(twin.args) or set(draft.kwargs) != set(twin.kwargs) or draft.results != twin.results:
        raise Unrecordable(f"forward calls `{draft.op}` in another way each time", draft.site, _HINT)
    return dataclasses.replace(
        draft,
        args=tuple(_argument(a, b, batch, other, draft) for a, b in zip(draft.args, twin.args, strict=True)),
        kwargs={name: _argument(draft.kwargs[name], twin.kwargs[name], batch, other, draft) for name in draft.kwargs},
    )


def _argument(one: Argument, two: Argument, batch: int, other: int, draft: Draft) -> Argument:
    if isinstance(one, tuple) and isinstance(two, tuple) and len(one) == len(two):
        return tuple(_argument(a, b, batch, other, draft) for a, b in zip(one, two, strict=True))  # type: ignore[misc]  # a list holds no further list
    if one == two and type(one) is type(two):
        return one
    if isinstance(one, int) and isinstance(two, int) and one > 0 and one * other == two * batch:
        ratio = Fraction(one, batch)
        return Scaled(ratio.numerator, ratio.denominator)
    raise Unrecordable(
        f"forward does not do the same every time: `{draft.op}` is given {_show(one)} for a batch of {batch} images "
        f"and {_show(two)} for one of {other}",
        draft.site,
        _HINT,
    )


def _show(argument: Argument) -> str:
    if isinstance(argument, tuple):
        return f"[{', '.join(map(_show, argument))}]"
    return f"{argument:.6g}" if isinstance(argument, float) else str(argument)


def _check_constants(one: Recording, other: Recording) -> None:
    for kept, twin in zip_longest(one.kept, other.kept):
        if kept is None or twin is None or (kept.kind == "constant" and not _equal(kept.tensor, twin.tensor)):
            raise Unrecordable(
                "forward reads a tensor from outside of it that is not the same every time",
                (kept or twin).site,
                f"{_HINT}; layers kept in a plain list must be in an nn.ModuleList",
                outside=True,
            )


def _equal(one: torch.Tensor, two: torch.Tensor) -> bool:
    return (
        one.shape == two.shape
        and one.dtype == two.dtype
        and bool(torch.allclose(one, two, rtol=0.0, atol=0.0, equal_nan=True))
    )
