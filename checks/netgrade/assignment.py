"""What a submission is held to: a TOML file that lists rules with their settings and severity.

    input-shape = [1, 28, 28]      # channels, height, width of one image
    classes = 10

    [rules.parameter-budget]       # a rule's id, then that rule's own settings
    below = 20000

    [rules.used-layers]
    severity = "warn"              # or "fail", the default
    points = 2                     # what the rule is worth, 1 if left out

    [training]                     # left out: the assignment asks for no training
    data-set = "mnist"
    epochs = 20
    accuracy = 99.4

    [training.recipe]              # what differs from the recipe that comes with netgrade
    batch = 64

The rules `untrained-start` and `test-accuracy` come with [training], at the end, and have their settings there.
`points` is what `test-accuracy` is worth.

A file may start from a built-in assignment with `extends = "mnist-20k"`. What the file gives then takes the place of
what the built-in one gives, each table as a whole, and `without = ["dropout"]` leaves rules out.

A rule's setting called `classes` is the assignment's number of classes unless its table says otherwise.
"""

import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from netgrade.names import unknown
from netgrade.rules import all_rules, test_accuracy, untrained_start
from netgrade.rules import learns as quick
from netgrade.rules.model import Rule, Settings, Severity
from netgrade.rules.wording import listing, size
from netgrade.tables import TableError, Where, as_table, fit, fit_value, read
from netgrade.training.datasets import CLASSES, DIGITS, Known, find
from netgrade.training.terms import Training

DEFAULT = "mnist-20k"

_Length = Annotated[int, Meta(ge=1, le=4096)]


class AssignmentError(Exception):
    """An assignment that can't be used; its text names the file, the place and what is allowed."""


class Requirement(msgspec.Struct, frozen=True, kw_only=True):
    """One rule with the settings and the severity that the assignment gives it."""

    rule: Rule
    settings: Settings
    severity: Severity = "fail"
    points: int = 1
    """What passing is worth."""


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
    epochs: int = 0
    """Epochs that its file gives, where an option has asked for fewer; else nothing."""


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


class _Common(msgspec.Struct, frozen=True, kw_only=True):
    """The keys that every rule's table may have beside the rule's own settings."""

    severity: Severity = "fail"
    points: Annotated[int, Meta(ge=0, le=1000)] = 1


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


def with_options(  # noqa: PLR0913 - one argument for each option
    assignment: Assignment,
    *,
    epochs: int | None = None,
    seed: int | None = None,
    seeds: str | None = None,
    accuracy_at: str | None = None,
    learns: bool = False,
) -> Assignment:
    """Return the assignment as the options of the command line change it; None where an option isn't given.

    Args:
        assignment: as its file has it.
        epochs: fewer than the assignment's.
        seed: the first one.
        seeds: their number as text, or `auto`.
        accuracy_at: `best`, `last` or `last-K`.
        learns: ask for the rule `learns` too.

    Raises:
        AssignmentError: a value is out of its limits, or the assignment can't take the option.
    """
    number = int(seeds) if seeds and seeds.isascii() and seeds.isdecimal() else seeds
    options = {"epochs": epochs, "seed": seed, "seeds": number, "accuracy_at": accuracy_at}
    given = {name: value for name, value in options.items() if value is not None}
    requirements = assignment.requirements
    if learns:
        requirements = _with_learns(assignment)
    if not given:
        return replace(assignment, requirements=requirements)
    training = _changed(assignment, given)
    others = (each for each in requirements if each.rule.evidence != "training")
    most = assignment.training.epochs if assignment.training else 0
    return replace(
        assignment,
        requirements=(*others, *_trained(training)),
        training=training,
        epochs=most if training.epochs < most else 0,
    )


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
    training = _training(file, where.at("training"))
    return Assignment(
        name=name,
        input_shape=file.input_shape,
        classes=file.classes,
        requirements=(*_requirements(file, where.at("rules")), *_trained(training)),
        training=training,
    )


def _training(file: _File, where: Where) -> Training | None:
    if file.training is None:
        return None
    training = fit(file.training, Training, where)
    data_set = find(training.data_set)
    if data_set:
        _hold(data_set, file, where.at("data-set"))
    return training


def _requirements(file: _File, where: Where) -> Iterator[Requirement]:
    known = all_rules()
    for rule, table in file.rules.items():
        if rule not in known:
            raise TableError(f"{where}: {unknown('rule', rule, known)}")
        if known[rule].evidence == "training":
            raise TableError(f"{where.at(rule)}: this rule comes with [training]; give its settings there")
        if known[rule].evidence == "learning":
            _hold(DIGITS, file, where.at(rule))
        yield _requirement(known[rule], table, file.classes, where.at(rule))


def _requirement(rule: Rule, table: object, classes: int, where: Where) -> Requirement:
    settings = dict(as_table(table, where))
    keys = _Common.__struct_fields__
    common = fit({key: settings.pop(key) for key in keys if key in settings}, _Common, where)
    if "classes" in rule.settings.__struct_fields__:
        settings.setdefault("classes", classes)
    return Requirement(
        rule=rule,
        settings=fit(settings, rule.settings, where, also=keys),
        severity=common.severity,
        points=common.points,
    )


def _changed(assignment: Assignment, given: dict[str, Any]) -> Training:
    training, names = assignment.training, [f"--{name.replace('_', '-')}" for name in given]
    if training is None:
        raise AssignmentError(f"{listing(names)}: {assignment.name} asks for no training; add a table [training]")
    types = {field.name: field.type for field in msgspec.structs.fields(Training)}
    try:
        for name, option in zip(given, names, strict=True):
            fit_value(given[name], types[name], Where(option))
    except TableError as error:
        raise AssignmentError(str(error)) from None
    if given.get("epochs", 0) > training.epochs:
        raise AssignmentError(
            f"--epochs: {given['epochs']:,} is above the {training.epochs:,} of {assignment.name}, which are the most"
        )
    try:
        changed = replace(training, **given)
        changed.__post_init__()  # which `replace` of an older msgspec does not call
    except ValueError as error:
        raise AssignmentError(f"{listing(names)}: {error}") from None
    return changed


def _with_learns(assignment: Assignment) -> tuple[Requirement, ...]:
    if any(each.rule.id == "learns" for each in assignment.requirements):
        return assignment.requirements
    try:
        _hold(DIGITS, assignment, Where("--learns"))
    except TableError as error:
        raise AssignmentError(str(error)) from None
    own = [each for each in assignment.requirements if each.rule.evidence != "training"]
    added = Requirement(rule=all_rules()["learns"], settings=quick.Settings())
    return (*own, added, *assignment.requirements[len(own) :])


def _hold(data_set: Known, asked: "_File | Assignment", where: Where) -> None:
    """Hold a data set against the images that a network takes and the classes that it tells apart.

    Raises:
        TableError: they are others.
    """
    if (data_set.shape, CLASSES) != (asked.input_shape, asked.classes):
        has, takes = (
            f"{size(shape)} and {classes:,} classes"
            for shape, classes in ((data_set.shape, CLASSES), (asked.input_shape, asked.classes))
        )
        raise TableError(f"{where}: the images of {data_set.name} are {has}, the assignment has {takes}")


def _trained(training: Training | None) -> tuple[Requirement, ...]:
    """Return what an assignment with training asks for besides its own rules."""
    if training is None:
        return ()
    known = all_rules()
    settings: dict[str, Settings] = {
        "untrained-start": untrained_start.Settings(at_most=training.untrained_at_most),
        "test-accuracy": test_accuracy.Settings(
            accuracy=training.accuracy, accuracy_at=training.accuracy_at, seeds=training.seeds
        ),
    }
    points = {"test-accuracy": training.points}
    return tuple(
        Requirement(rule=known[rule], settings=each, points=points.get(rule, 1)) for rule, each in settings.items()
    )
