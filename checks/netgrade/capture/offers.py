"""Collects what a file has that may be a network, running no more of it than that takes."""

import ast
import dataclasses
import inspect
import sys
from collections.abc import Collection, Iterator
from typing import Literal

from torch import nn

from netgrade.capture import factories, kinds
from netgrade.capture.needs import read_names
from netgrade.capture.script import Script
from netgrade.capture.siblings import is_sibling
from netgrade.capture.standins import Absent

_BASES = frozenset({"Module", "Sequential", "LightningModule"})
"""Names of base classes that speak for a network even where they can't be looked up."""


@dataclasses.dataclass(frozen=True, eq=False)
class Offer:
    """Something that may be a network."""

    name: str
    kind: Literal["class", "function", "instance"]
    value: object = None
    error: BaseException | None = None
    """What its definition raised instead of making it."""


def offers(script: Script) -> list[Offer]:
    """Run a file's definitions and return what may be a network, in the order of definition.

    Only if the file itself defines none, classes that it imports from a sibling count, and variables that are named
    like one.
    """
    classes = _network_classes(script)
    functions = {function.name: function for statement in script.statements for function in statement.functions}
    makers = factories.makers(functions, classes)
    made = [name for name, function in functions.items() if factories.is_factory(function, name in makers)]
    named_classes = [
        name for name, call in _assignments(script) if name[0].isupper() and _calls(call, {*functions, "partial"})
    ]
    script.need(*classes, *made, *named_classes)
    variables = [name for name, call in _assignments(script) if _makes_network(call, {*classes, *makers})]
    script.need(*variables)
    own = list(_own(script, classes, made, variables))
    if any(offer.error or rejection(offer) is None for offer in own):
        return own
    variables += [name for name, _ in _assignments(script) if kinds.names_an_instance(name)]
    script.need(*variables, *_siblings(script))
    return [*_own(script, classes, made, variables), *_imported(script)]


def named(script: Script, name: str) -> Offer | None:
    """Run what makes a name and return it, whatever it is; None if the file has no such class, function or network."""
    script.need(name)
    value = script.names.get(name)
    if kinds.is_network(value):
        return Offer(name, "class", value)
    if isinstance(value, nn.Module):
        return Offer(name, "instance", value)
    if inspect.isfunction(value) or kinds.is_partial(value):
        return Offer(name, "function", value)
    cause = script.cause(name) if name not in script.names else None
    return Offer(name, "class", error=cause) if cause else None


def rejection(offer: Offer) -> str | None:
    """Return why something is no network, or None if it may be one."""
    if kinds.is_network(offer.value):
        return kinds.no_network(offer.value)
    if isinstance(offer.value, nn.Module):
        plain = f"{offer.name} is torch's own {type(offer.value).__name__}" if kinds.is_plain(offer.value) else None
        return plain or kinds.unfit(type(offer.value))
    return None


def mentioned(script: Script, offered: Collection[Offer]) -> frozenset[str]:
    """Return the names of those offers that another one's class mentions: they are its blocks, or its base.

    Where each is mentioned by another, none of them is a part.
    """
    classes = {cls.name: cls for statement in script.statements for cls in statement.classes}
    names = {offer.name for offer in offered}
    parts = frozenset(
        node.id
        for name in names & set(classes)
        for node in ast.walk(classes[name])
        if isinstance(node, ast.Name) and node.id in names - {name}
    )
    return parts if parts < names else frozenset()


def _network_classes(script: Script) -> list[str]:
    """Return the names of the file's classes of networks and blocks, which are told by what their bases are."""
    classes = [cls for statement in script.statements for cls in statement.classes]
    script.need(*(name for cls in classes for base in cls.bases for name in read_names(base)))
    return [cls.name for cls in classes if any(_is_base(script, base) for base in cls.bases)]


def _is_base(script: Script, base: ast.expr) -> bool:
    code = compile(ast.Expression(base), str(script.source.files.path), "eval", dont_inherit=True)
    try:
        value = eval(code, script.names)  # noqa: S307 - the definition itself would do the same
        return kinds.is_network(value) or isinstance(value, Absent)
    except Exception:  # noqa: BLE001 - it may raise anything; the definition will raise it again
        return isinstance(base, ast.Name | ast.Attribute) and ast.unparse(base).rpartition(".")[2] in _BASES


def _assignments(script: Script) -> Iterator[tuple[str, ast.Call]]:
    """Yield each variable that is assigned what a call returns, and the call: `Net(10)` of `Net(10).to(device)`."""
    for statement in script.statements:
        match statement.node:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=value)
            ):
                call = factories.constructor(value)
                if call:
                    yield name, call


def _calls(call: ast.Call, names: Collection[str]) -> bool:
    return ast.unparse(call.func).rpartition(".")[2] in names


def _makes_network(call: ast.Call, makers: Collection[str]) -> bool:
    """Return whether a call makes a network that no class of the file makes by itself: its arguments tell."""
    return _calls(call, {"Sequential"}) or (bool(call.args or call.keywords) and _calls(call, makers))


def _own(
    script: Script, classes: Collection[str], functions: Collection[str], variables: Collection[str]
) -> Iterator[Offer]:
    seen: set[int] = set()
    for name in script.own_names():
        value = script.names.get(name)
        if value is None:
            if name in classes and (cause := script.cause(name)):
                yield Offer(name, "class", error=cause)
        elif id(value) not in seen:
            seen.add(id(value))
            if kinds.is_network(value) and value.__module__ == script.names["__name__"]:
                yield Offer(name, "class", value)
            elif kinds.is_partial(value) or (name in functions and inspect.isfunction(value)):
                yield Offer(name, "function", value)
            elif name in variables and isinstance(value, nn.Module):
                yield Offer(name, "instance", value)


def _siblings(script: Script) -> list[str]:
    """Return the names that the file imports from siblings."""
    return [
        name
        for statement in script.statements
        for node in statement.imports
        if isinstance(node, ast.ImportFrom)
        and (node.level or is_sibling(script.source.files, (node.module or "").partition(".")[0]))
        for name in statement.makes
    ]


def _imported(script: Script) -> Iterator[Offer]:
    for name, value in list(script.names.items()):
        if kinds.is_network(value):
            file = getattr(sys.modules.get(value.__module__), "__file__", None)
            if file and script.source.files.name(file) and value.__module__ != script.names["__name__"]:
                yield Offer(name, "class", value)
