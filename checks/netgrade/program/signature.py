"""Holds a node's arguments against its operator's schema, before the operator is ever called."""

from typing import Any

from netgrade.program.errors import Refused
from netgrade.program.model import Argument, Named, Node, Scalar, Scaled, Value

DTYPES = frozenset({
    "float32", "float64", "float16", "bfloat16", "complex64", "complex128",
    "int64", "int32", "int16", "int8", "uint8", "bool",
})  # fmt: skip
MEMORY_FORMATS = frozenset({"contiguous_format", "preserve_format", "channels_last", "channels_last_3d"})

_LIMIT = 2**63
_NAMED_FOR = {"Device": "device", "Layout": "layout", "MemoryFormat": "memory_format"}
_VALUES = {
    "dtype": DTYPES,
    "device": frozenset({"cpu"}),
    "layout": frozenset({"strided"}),
    "memory_format": MEMORY_FORMATS,
    "number": frozenset({"inf", "-inf", "nan"}),
    "momentum": frozenset({"cumulative"}),
}


def check_arguments(node: Node, schema: Any) -> None:  # noqa: ANN401 - torch's FunctionSchema has no public type
    """Raise Refused unless every argument has a place in the schema and the type that it asks for.

    Args:
        node: the node.
        schema: the `_schema` of its operator.
    """
    formal = schema.arguments
    positional = [argument for argument in formal if not argument.kwarg_only]
    by_name = {argument.name: argument for argument in formal}
    if len(node.args) > len(positional):
        raise Refused(f"`{node.op}` takes {len(positional)} arguments, not {len(node.args)}")
    given = {argument.name: value for argument, value in zip(positional, node.args, strict=False)}
    for name, value in node.kwargs.items():
        if name not in by_name or name in given:
            raise Refused(f"`{node.op}` takes no further argument called {name!r}")
        given[name] = value
    for name, value in given.items():
        if not _fits(str(by_name[name].type), name, value):
            raise Refused(f"`{node.op}` takes {by_name[name].type} as {name!r}, not {value!r}")
    missing = [name for name, argument in by_name.items() if name not in given and not argument.has_default_value()]
    if missing:
        raise Refused(f"`{node.op}` lacks the argument {missing[0]!r}")


def _fits(kind: str, name: str, value: Argument) -> bool:
    if kind.startswith("Optional["):
        return value is None or _fits(kind[len("Optional[") : -1], name, value)
    if kind.startswith("List["):
        inner = kind[len("List[") : -1]
        return isinstance(value, tuple) and all(_fits(inner, name, item) for item in value)
    return not isinstance(value, tuple) and _is_scalar(kind, name, value)


def _is_scalar(kind: str, name: str, value: Scalar) -> bool:
    if isinstance(value, Named):
        return value.name in _VALUES[value.kind] and _names(kind, name, value.kind)
    if kind == "Tensor":
        return isinstance(value, Value | Scaled | bool | float) or _is_whole(value)
    if kind in ("int", "SymInt"):
        return name not in ("dtype", "layout", "memory_format") and (
            isinstance(value, bool | Scaled) or _is_whole(value)
        )
    if kind in ("float", "number", "Scalar"):
        return isinstance(value, bool | float | Scaled) or _is_whole(value)
    if kind == "bool":
        return isinstance(value, bool)
    return kind == "str" and isinstance(value, str) and len(value) <= 100  # noqa: PLR2004 - einsum's equations are short


def _names(kind: str, name: str, named: str) -> bool:
    if named == "momentum":
        return name == "momentum"
    if named == "number":
        return kind in ("float", "number", "Scalar", "Tensor")
    return _NAMED_FOR.get(kind) == named or name == named


def _is_whole(value: Scalar) -> bool:
    return isinstance(value, int) and -_LIMIT <= value < _LIMIT
