"""A node's arguments by the names of its operator's schema, defaults filled in."""

from typing import Any

from netgrade.program.model import Argument, Value
from netgrade.program.run import Step


def named(step: Step) -> dict[str, Any]:
    """Return every argument of a node by name; values stay references, lists are tuples."""
    formal = step.call._schema.arguments  # type: ignore[attr-defined]  # noqa: SLF001 - the schema is an operator's only description
    defaults = {argument.name: _plain(argument.default_value) for argument in formal if argument.has_default_value()}
    given: dict[str, Argument] = dict(zip((argument.name for argument in formal), step.node.args, strict=False))
    return defaults | given | step.node.kwargs


def pair(value: Any, length: int) -> tuple[int, ...]:  # noqa: ANN401 - an int, or one for each axis
    """Return a size as one number for each axis; an empty one stays empty."""
    if isinstance(value, int):
        return (value,) * length
    numbers = tuple(item for item in value if isinstance(item, int))
    return numbers * length if len(numbers) == 1 else numbers


def index(argument: Any) -> int | None:  # noqa: ANN401 - any argument
    """Return the number of the value that an argument is, or None."""
    return argument.index if isinstance(argument, Value) else None


def _plain(default: Any) -> Any:  # noqa: ANN401 - any default of a schema
    return tuple(default) if isinstance(default, list) else default
