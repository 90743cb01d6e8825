"""Changes a blob a little: its bytes, its header, or the program in it. The same seed gives the same change.

Changes to the program mostly keep to the schemas of torch's operators, so that many of them pass the decoder and reach
torch itself.
"""

import contextlib
import functools
import json
import random
from collections.abc import Callable
from typing import Any

import torch

from netgrade.program.operators import _FAMILY

JSON = Any
"""A document that json.loads returns."""

_WHOLE = (-(2**63), -(2**31), -1000, -2, -1, 0, 1, 2, 3, 5, 7, 28, 255, 4096, 10**6, 2**31 - 1, 2**31, 2**63 - 1)
_REAL = (-1e308, -1.0, -0.0, 0.0, 1e-45, 0.1, 1.0, 1e10, 1e308)
_TEXTS = ("", "x", "none", "mean", "bij,bjk->bik", "\x1b[2J", "::error::no", "\ud7ff" * 40, "constant", "reflect")
_NAMED = (
    *(("dtype", name) for name in ("float32", "float64", "float16", "bfloat16", "complex64", "int64", "bool", "uint8")),
    *(("memory_format", name) for name in ("channels_last", "contiguous_format", "preserve_format")),
    *(("number", name) for name in ("inf", "-inf", "nan")),
    *(("layout", "strided"), ("device", "cpu"), ("device", "cuda"), ("momentum", "cumulative"), ("dtype", "__class__")),
)
_DTYPES = ("F32", "F64", "F16", "BF16", "I64", "I32", "I8", "U8", "BOOL", "C64", "F8_E5M2", "X")
_PLAIN = 5
"""One mutant in so many is a change of bytes alone."""


def mutate(blob: bytes, seed: int) -> bytes:
    """Return the blob with one to three changes."""
    draw = random.Random(seed)  # noqa: S311 - not for secrets
    parts = _parts(blob)
    if parts is None or draw.randrange(_PLAIN) == 0:
        return _bytes(blob, draw)
    header, document, data = parts
    for _ in range(draw.choice((1, 1, 2, 3))):
        with contextlib.suppress(TypeError, ValueError, KeyError, AttributeError):  # a change before it left no place
            draw.choice(_CHANGES)(header, document, draw)
    if not isinstance(header.get("__metadata__"), dict):
        header["__metadata__"] = {}
    header["__metadata__"]["netgrade"] = json.dumps(document)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


def _parts(blob: bytes) -> tuple[JSON, JSON, bytes] | None:
    """Take a blob apart, as far as it is one."""
    length = int.from_bytes(blob[:8], "little")
    try:
        header = json.loads(blob[8 : 8 + length])
        document = json.loads(header["__metadata__"]["netgrade"])
        assert document["train"]["nodes"]
        assert document["eval"]["nodes"]
    except (ValueError, KeyError, TypeError, AssertionError, RecursionError):
        return None
    return header, document, blob[8 + length :]


def _bytes(blob: bytes, draw: random.Random) -> bytes:
    changed = bytearray(blob or b"\0")
    for _ in range(draw.randint(1, 8)):
        place = draw.randrange(min(len(changed), 4096) if draw.random() < 0.9 else len(changed))
        match draw.randrange(5):
            case 0:
                changed[place] = draw.randrange(256)
            case 1:
                changed[place] ^= 1 << draw.randrange(8)
            case 2:
                del changed[place : place + draw.randint(1, 40)]
            case 3:
                changed[place:place] = changed[place : place + draw.randint(1, 400)]
            case _:
                changed[place : place + 1] = draw.choice((b"9", b"-", b'"', b"[", b"{", b"null", b"1e999", b"\xff"))
        if not changed:
            return b""
    return bytes(changed)


def _anywhere(_: JSON, document: JSON, draw: random.Random) -> None:
    """Put something else into any place of the document."""
    place, keys = document, []
    while isinstance(place, dict | list) and place:
        key = draw.choice(list(place)) if isinstance(place, dict) else draw.randrange(len(place))
        keys.append((place, key))
        place = place[key]
        if draw.random() < 0.05:
            break
    holder, key = keys[-1]
    if isinstance(place, bool | None) or draw.random() < 0.1:
        holder[key] = _something(draw)
    elif isinstance(place, int):
        holder[key] = draw.choice((place + 1, place - 1, place * 2, draw.choice(_WHOLE)))
    elif isinstance(place, float):
        holder[key] = draw.choice(_REAL)
    else:
        holder[key] = _something(draw)


def _node(_: JSON, document: JSON, draw: random.Random) -> None:
    """Remove, repeat, move or replace a node, or put a new one in, in one graph or in both."""
    graphs = [document[name] for name in draw.choice((("train",), ("eval",), ("train", "eval")))]
    kind, state = draw.randrange(6), draw.getrandbits(32)
    for graph in graphs:
        nodes = graph.get("nodes") if isinstance(graph, dict) else None
        if not isinstance(nodes, list) or not nodes:
            continue
        same = random.Random(state)  # noqa: S311 - not for secrets
        place = same.randrange(len(nodes))
        match kind:
            case 0:
                del nodes[place]
            case 1:
                nodes.insert(place, nodes[same.randrange(len(nodes))])
            case 2:
                other = same.randrange(len(nodes))
                nodes[place], nodes[other] = nodes[other], nodes[place]
            case _:
                known = 1 + len(document["stored"] if isinstance(document.get("stored"), list) else ())
                new = _drawn(same, known + place)
                if kind == 3:
                    nodes.append(new)
                    graph["output"] = known + sum(_results(node) for node in nodes) - 1
                else:
                    nodes[place] = new


def _results(node: JSON) -> int:
    results = node.get("results", 1) if isinstance(node, dict) else 1
    return results if isinstance(results, int) else 1


def _tensor(header: JSON, document: JSON, draw: random.Random) -> None:
    """Change what is said of a tensor."""
    names = [name for name in header if name != "__metadata__"]
    stored = document.get("stored")
    if not names or not isinstance(stored, list) or not stored:
        return
    entry = header[draw.choice(names)]
    match draw.randrange(6):
        case 0:
            entry["dtype"] = draw.choice(_DTYPES)
        case 1:
            entry["shape"] = [draw.choice(_WHOLE) for _ in range(draw.randrange(4))]
        case 2:
            entry["shape"] = entry["shape"][::-1]
        case 3:
            entry["data_offsets"] = [draw.choice(_WHOLE), draw.choice(_WHOLE)]
        case 4:
            draw.choice(stored)["kind"] = draw.choice(("parameter", "buffer", "constant"))
        case _:
            one = draw.choice(stored)
            one["trainable"] = not one.get("trainable", False)


_CHANGES: tuple[Callable[[JSON, JSON, random.Random], None], ...] = (_anywhere, *(_node,) * 6, _tensor)


@functools.cache
def _schemas() -> tuple[tuple[str, Any], ...]:
    """Return every operator of the allow-list that makes tensors, with its schema."""
    found = []
    for name in sorted(_FAMILY):
        packet = getattr(torch.ops.aten, name, None)
        for overload in packet.overloads() if packet else ():
            schema = getattr(packet, overload)._schema  # noqa: SLF001 - the only description
            if not schema.is_mutable and schema.returns and "Tensor" in str(schema.returns[0].type):
                found.append((f"{name}.{overload}", schema))
    return tuple(found)


def _drawn(draw: random.Random, known: int) -> JSON:
    """Draw an operator with arguments of the types that it asks for, of which it may read `known` values."""
    op, schema = draw.choice(_schemas())
    args, kwargs = [], {}
    for argument in schema.arguments:
        if argument.has_default_value() and draw.random() < 0.4:
            if not argument.kwarg_only:
                break
            continue
        value = _argument(str(argument.type), draw, known)
        if argument.kwarg_only:
            kwargs[argument.name] = value
        else:
            args.append(value)
    node = {"op": op, "args": args, "kwargs": kwargs}
    returns = schema.returns
    if len(returns) > 1 or (returns and str(returns[0].type).startswith("List")):
        node["results"] = max(2, len(returns)) if draw.random() < 0.9 else draw.choice((1, 4, 8, 4096))
    return node


def _argument(kind: str, draw: random.Random, known: int) -> JSON:  # noqa: PLR0911 - a case for each type
    if draw.random() < 0.01:
        return _something(draw)
    if kind.startswith("Optional["):
        return None if draw.random() < 0.5 else _argument(kind[len("Optional[") : -1], draw, known)
    if kind.startswith("List["):
        inner = kind[len("List[") : -1]
        return [_argument(inner, draw, known) for _ in range(draw.choice((0, 1, 1, 2, 2, 2, 3, 4, 5)))]
    match kind:
        case "Tensor":
            return {"type": "value", "index": draw.randrange(known) if draw.random() < 0.97 else draw.randrange(99)}
        case "int" | "SymInt":
            return draw.choice((0, 1, 2, 3, -1, -2)) if draw.random() < 0.7 else draw.choice(_WHOLE)
        case "float" | "number" | "Scalar":
            return draw.choice((0.0, 0.1, 0.5, 1.0, 2)) if draw.random() < 0.7 else draw.choice((*_REAL, *_WHOLE))
        case "bool":
            return draw.random() < 0.5
        case "str":
            return draw.choice(_TEXTS)
        case _:
            return _named(draw)


def _named(draw: random.Random) -> JSON:
    kind, name = draw.choice(_NAMED)
    return {"type": "named", "kind": kind, "name": name}


def _something(draw: random.Random) -> JSON:
    return draw.choice((
        None, True, draw.choice(_WHOLE), draw.choice(_REAL), draw.choice(_TEXTS), [], {}, [1, [2]], 2**70, "9" * 300,
        {"type": "value", "index": draw.randrange(99)}, {"type": "scaled", "times": 2**31, "over": 1}, _named(draw),
        [{"type": "value", "index": draw.randrange(9)}] * draw.choice((1, 2, 4096, 4097)),
    ))  # fmt: skip
