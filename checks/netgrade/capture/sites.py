"""Finds where in the student's source an operator runs, by looking at the call stack."""

import sys
from collections.abc import Callable, Mapping
from types import FrameType

from torch import nn

from netgrade.facts.model import Place
from netgrade.program.model import Site

_LONGEST = 200

Locate = Callable[[str, int], Place | None]
"""From a code object's file name and a line to the place as the student knows it; None for any other file."""


def site(names: Mapping[int, str], locate: Locate) -> Site:
    """Describe the operator that is running now: the innermost module and the innermost line of the student's.

    Args:
        names: from a module's id to its dotted name in the network.
        locate: tells the student's files from all others.
    """
    owner: nn.Module | None = None
    place: Place | None = None
    frame: FrameType | None = sys._getframe(2)  # noqa: SLF001 - the interpreter offers no public way to the stack
    while frame is not None and (owner is None or place is None):
        owner = owner or _owner(frame, names)
        place = place or locate(frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back
    layer = names[id(owner)][:_LONGEST] if owner is not None else ""
    module = type(owner).__name__[:_LONGEST] if owner is not None else ""
    if place is None:
        return Site(layer, module)
    return Site(layer, module, place.line, place.cell, place.file and place.file[:_LONGEST])


def _owner(frame: FrameType, names: Mapping[int, str]) -> nn.Module | None:
    code = frame.f_code
    if not code.co_argcount or code.co_varnames[0] != "self":
        return None
    candidate = frame.f_locals.get("self")
    return candidate if isinstance(candidate, nn.Module) and id(candidate) in names else None
