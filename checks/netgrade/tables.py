"""Typed data out of a TOML table, with errors that say where, what, and what is allowed."""

import json
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

import msgspec
from msgspec import inspect

from netgrade.names import did_you_mean

Kind = TypeVar("Kind", bound=msgspec.Struct)


class TableError(Exception):
    """A table that can't be read or doesn't fit; its text names the place."""


class Where(NamedTuple):
    """A place in a TOML file: `course.toml: rules.dropout`."""

    file: str
    keys: tuple[str, ...] = ()

    def at(self, key: str) -> Self:
        """Return the place of a key in this table."""
        return self._replace(keys=(*self.keys, key))

    def __str__(self) -> str:
        return f"{self.file}: {'.'.join(self.keys)}" if self.keys else self.file


def read(path: Path, *, shown: str) -> dict[str, Any]:
    """Read a TOML file.

    Args:
        path: the file.
        shown: its name as the user knows it, for the errors.

    Raises:
        TableError: it is missing, a folder, not UTF-8 or not TOML.
    """
    if path.is_dir():
        raise TableError(f"{shown}: a folder, not a TOML file")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TableError(f"{shown}: no such file") from None
    except OSError as error:
        raise TableError(f"{shown}: can't be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise TableError(f"{shown}: not UTF-8: byte {error.start:,} is 0x{error.object[error.start]:02x}") from None
    except tomllib.TOMLDecodeError as error:
        raise TableError(f"{shown}: not TOML: {error}") from None


def fit(table: object, kind: type[Kind], where: Where, *, also: Iterable[str] = ()) -> Kind:
    """Convert a table to a struct.

    Args:
        table: what TOML gave.
        kind: the struct, with its limits as `msgspec.Meta`.
        where: the table's place, for the errors.
        also: further keys that the table may have had, for the errors.

    Raises:
        TableError: a key is unknown or missing, or a value has the wrong type or is out of its limits.
    """
    given = as_table(table, where)
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for key, value in given.items():
        if key not in fields:
            keys = [*fields, *also]
            raise TableError(f"{where.at(key)}: unknown key{did_you_mean(key, keys)} (keys: {', '.join(keys)})")
        fit_value(value, fields[key].type, where.at(key))
    for key, field in fields.items():
        if field.required and key not in given:
            raise TableError(f"{where.at(key)}: missing; give {allowed(inspect.type_info(field.type))}")
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise TableError(f"{where}: {error}") from None


def as_table(value: object, where: Where) -> dict[str, Any]:
    """Return a value that has to be a table.

    Raises:
        TableError: it is none.
    """
    if not isinstance(value, dict):
        raise TableError(f"{where}: must be a table, not {_text(value)}")
    return value


def fit_value(value: object, kind: object, where: Where) -> None:
    """Hold one value against a type.

    Raises:
        TableError: it has another type or is out of its limits.
    """
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        fit(value, kind, where)
        return
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        raise TableError(_fault(value, inspect.type_info(kind), str(where))) from None


def _fault(value: object, info: inspect.Type, where: str) -> str:
    match info, value:
        case inspect.VarTupleType(item_type=inspect.LiteralType() as item), [_, *_] as items if isinstance(items, list):
            wrong = [position for position, each in enumerate(items) if each not in item.values]
            return _fault(items[wrong[0]], item, f"{where}[{wrong[0]}]")
        case inspect.Metadata(extra={"share-of": int(whole)}), float() if 0 < value <= 1:
            nearest = f"; did you mean {round(value * whole, 6)}?"
        case (inspect.LiteralType(values=words), str()) | (
            inspect.Metadata(extra_json_schema={"examples": words}),
            str(),
        ):
            nearest = did_you_mean(str(value), map(str, words))
        case _:
            nearest = ""
    return f"{where}: must be {allowed(info)}, not {_text(value)}{nearest}"


def allowed(info: inspect.Type) -> str:  # noqa: PLR0911 - one line for each type that settings have
    """Say in words what a type takes: "a whole number, at least 1"."""
    match info:
        case inspect.UnionType(types=types):
            return ", or ".join(allowed(each) for each in types if not isinstance(each, inspect.NoneType))
        case inspect.Metadata(extra_json_schema={"description": text}):
            return str(text)
        case inspect.LiteralType(values=values):
            return f"{'one of ' if len(values) > 1 else ''}{', '.join(map(_text, values))}"
        case inspect.TupleType(item_types=items):
            return f"a list of {len(items)}, each {allowed(items[0])}"
        case inspect.VarTupleType(item_type=item, min_length=least):
            return f"a list{f' of at least {least}' if least else ''}, each item {allowed(item)}"
        case inspect.IntType():
            return "a whole number" + _limits(info)
        case inspect.FloatType():
            return "a number" + _limits(info)
        case inspect.BoolType():
            return "true or false"
        case inspect.DictType():
            return "a table"
        case _:
            return "a string"


def _limits(info: inspect.IntType | inspect.FloatType) -> str:
    limits = {"above": info.gt, "at least": info.ge, "below": info.lt, "at most": info.le}
    words = [f"{word} {limit:,}" for word, limit in limits.items() if limit is not None]
    return f", {' and '.join(words)}" if words else ""


def _text(value: object) -> str:
    """Return a value as TOML writes it, cut to what fits in a line."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 - the docstring says it
