"""What a submission is held to: a TOML file that lists rules with their settings and severity.

    input-shape = [1, 28, 28]      # channels, height, width of one image
    classes = 10

    [rules.parameter-budget]       # a rule's id, then that rule's own settings
    below = 20000

    [rules.used-layers]
    severity = "warn"              # or "fail", the default

    [training]                     # left out: the assignment asks for no training
    data-set = "mnist"
    epochs = 20
    accuracy = 99.4

A file may start from a built-in assignment with `extends = "mnist-20k"`. What the file gives then takes the place of
what the built-in one gives, each table as a whole, and `without = ["dropout"]` leaves rules out.

A rule's setting called `classes` is the assignment's number of classes unless its table says otherwise.
"""

import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from netgrade.names import unknown
from netgrade.rules import all_rules
from netgrade.rules.model import Rule, Settings, Severity
from netgrade.tables import TableError, Where, as_table, fit, read

DEFAULT = "mnist-20k"

_Length = Annotated[int, Meta(ge=1, le=4096)]


class AssignmentError(Exception):
    """An assignment that can't be used; its text names the file, the place and what is allowed."""


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """One rule with the settings and the severity that the assignment gives it."""

    rule: Rule
    settings: Settings
    severity: Severity = "fail"


class Training(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """How the network is trained, and what it must reach."""

    data_set: Literal["mnist", "cifar10"]
    epochs: Annotated[int, Meta(ge=1)]
    """The most that the network may be trained for."""
    accuracy: Annotated[float, Meta(gt=0, le=100)]
    """Per cent of the test images that must be right at least."""
    accuracy_at: Literal["best", "last", "last-3"] = "best"
    """The epoch that decides: the best, the last, or the worst of the last three."""
    seed: Annotated[int, Meta(ge=0)] = 0


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """What a submission is held to."""

    name: str
    """Of a built-in one, or the file as the user gave it."""
    input_shape: tuple[int, int, int]
    """Channels, height and width of one image."""
    classes: int
    requirements: tuple[Requirement, ...]
    """In the order of the file."""
    training: Training | None = None
    """None if the assignment asks for no training."""


class _File(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """The top level of an assignment file."""

    input_shape: tuple[_Length, _Length, _Length]
    classes: Annotated[int, Meta(ge=2)]
    rules: dict[str, Any]
    training: dict[str, Any] | None = None
    extends: str | None = None
    without: tuple[str, ...] = ()


class _Extension(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says of the built-in assignment that it starts from."""

    extends: str
    without: tuple[str, ...] = ()
    rules: dict[str, Any] = {}


class _Severity(msgspec.Struct, frozen=True, kw_only=True):
    """The key that every rule's table may have beside the rule's own settings."""

    severity: Severity = "fail"


class _Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """The table `tool.netgrade` of a pyproject.toml."""

    assignment: str | None = None


def built_in() -> list[str]:
    """Return the names of the built-in assignments."""
    files = (entry.name for entry in resources.files("netgrade").joinpath("assignments").iterdir())
    return sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml"))


def load(name_or_path: str = DEFAULT, *, folder: Path) -> Assignment:
    """Load a built-in assignment by its name, or a file whose name ends in .toml.

    Args:
        name_or_path: the name, or the file's path.
        folder: where a relative path starts.

    Raises:
        AssignmentError: there is no such assignment, or its file is wrong.
    """
    names = built_in()
    if not name_or_path.endswith(".toml") and name_or_path not in names:
        raise AssignmentError(f"{unknown('assignment', name_or_path, names)}, or a file whose name ends in .toml")
    try:
        return _assignment(name_or_path, _table(name_or_path, folder))
    except TableError as error:
        raise AssignmentError(str(error)) from None


def from_pyproject(folder: Path) -> str | None:
    """Return the assignment that `[tool.netgrade]` of this folder's pyproject.toml names; None if it names none.

    Raises:
        AssignmentError: the file is not TOML, or the table holds anything else.
    """
    path = folder / "pyproject.toml"
    if not path.is_file():
        return None
    try:
        tool = read(path, shown=path.name).get("tool")
        table = tool.get("netgrade", {}) if isinstance(tool, dict) else {}
        return fit(table, _Configuration, Where(path.name, ("tool", "netgrade"))).assignment
    except TableError as error:
        raise AssignmentError(str(error)) from None


def _table(name_or_path: str, folder: Path) -> dict[str, Any]:
    """Read an assignment, laid over the built-in one that it extends."""
    if name_or_path.endswith(".toml"):
        table = read(folder / name_or_path, shown=name_or_path)
    else:
        file = resources.files("netgrade").joinpath("assignments", f"{name_or_path}.toml")
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    return _laid_over(table, Where(name_or_path)) if "extends" in table else table


def _laid_over(table: dict[str, Any], where: Where) -> dict[str, Any]:
    own = fit({key: table[key] for key in _Extension.__struct_fields__ if key in table}, _Extension, where)
    names = built_in()
    if own.extends not in names:
        raise TableError(f"{where.at('extends')}: {unknown('assignment', own.extends, names)}")
    base = _table(own.extends, Path())
    for name in own.without:
        if name not in base["rules"]:
            raise TableError(f"{where.at('without')}: {unknown('rule', name, base['rules'])}")
    rules = {name: rule for name, rule in base["rules"].items() if name not in own.without}
    return base | table | {"rules": rules | own.rules}


def _assignment(name: str, table: dict[str, Any]) -> Assignment:
    where = Where(name)
    file = fit(table, _File, where)
    if file.without and not file.extends:
        raise TableError(f"{where.at('without')}: only a file that `extends` another can leave rules out")
    if not file.rules:
        raise TableError(f"{where.at('rules')}: there must be at least one rule")
    return Assignment(
        name=name,
        input_shape=file.input_shape,
        classes=file.classes,
        requirements=tuple(_requirements(file, where.at("rules"))),
        training=fit(file.training, Training, where.at("training")) if file.training is not None else None,
    )


def _requirements(file: _File, where: Where) -> Iterator[Requirement]:
    known = all_rules()
    for rule, table in file.rules.items():
        if rule not in known:
            raise TableError(f"{where}: {unknown('rule', rule, known)}")
        yield _requirement(known[rule], table, file.classes, where.at(rule))


def _requirement(rule: Rule, table: object, classes: int, where: Where) -> Requirement:
    settings = dict(as_table(table, where))
    common = {"severity": settings.pop("severity")} if "severity" in settings else {}
    if "classes" in rule.settings.__struct_fields__:
        settings.setdefault("classes", classes)
    return Requirement(
        rule=rule,
        settings=fit(settings, rule.settings, where, also=["severity"]),
        severity=fit(common, _Severity, where).severity,
    )
