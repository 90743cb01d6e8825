"""Strangers' text made harmless for whatever shows it: a terminal, a log, a workflow's output. Pure."""

import re
import unicodedata
from typing import Any

import msgspec

from netgrade.messages import Examined

# What a runner of workflows takes for a command: `::` at the start of a line, `##[` anywhere.
# No line feed among the blanks: a thousand empty lines would be read a thousand times over.
_COMMAND = re.compile(r"^[^\S\n]*:(?=:)|##(?=\[)", re.MULTILINE)


def neutral(text: str) -> str:
    r"""Show control and direction characters by their codes, and break workflow commands up.

    Line feed and tab stay, other blanks become spaces: `neutral("\x1b[2Jok") == r"\x1b[2Jok"`.
    """
    if not text.isprintable():
        text = "".join(map(_visible, text))
    return _COMMAND.sub(lambda match: f"{match[0]} ", text)


def harmless(examined: Examined) -> Examined:
    """Neutralise every string that comes from the submission, however deep in the facts."""
    return msgspec.structs.replace(
        examined,
        found=throughout(examined.found),
        networks=throughout(examined.networks),
        summaries=throughout(examined.summaries),
    )


def throughout(data: Any) -> Any:  # noqa: ANN401 - whatever frozen data consists of
    """Return frozen data with every string in it neutral."""
    match data:
        case str():
            return neutral(data)
        case tuple():
            return tuple(throughout(item) for item in data)
        case dict():
            return {key: throughout(value) for key, value in data.items()}
        case msgspec.Struct():
            return type(data)(**{name: throughout(getattr(data, name)) for name in data.__struct_fields__})
        case _:
            return data


def _visible(character: str) -> str:
    if character.isprintable() or character in "\n\t":
        return character
    if unicodedata.category(character) == "Zs":
        return " "
    return character.encode("unicode_escape").decode("ascii")
