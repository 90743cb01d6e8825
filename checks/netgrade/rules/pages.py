"""The rules' own documentation, as text: the list, one page, the table for the README, a page for the site."""

import re
from collections.abc import Iterable, Iterator
from textwrap import dedent

import msgspec
from msgspec import inspect

from netgrade.rules.model import Rule
from netgrade.tables import allowed

_LONGEST = 200
"""Characters in which to say what a setting takes; longer lists stand in the rule's own text."""


def summary(rule: Rule) -> str:
    """Return the first line of a rule's page."""
    return rule.page.partition("\n")[0]


def overview(rules: Iterable[Rule]) -> str:
    """Return one line a rule: its id and its summary."""
    lines = [(rule.id, summary(rule)) for rule in rules]
    width = max(len(name) for name, _ in lines)
    return "".join(f"{name:{width}}  {text}\n" for name, text in lines)


def page(rule: Rule) -> str:
    """Return a rule's whole page under its id."""
    return f"{rule.id}: {rule.page.rstrip()}\n"


def table(rules: Iterable[Rule]) -> str:
    """Return a Markdown table of the rules, their summaries and their settings with defaults."""
    rows = [f"| `{rule.id}` | {summary(rule)} | {_settings(rule)} |" for rule in rules]
    return "\n".join(["| Rule | Holds when | Settings |", "| --- | --- | --- |", *rows, ""])


def parts(rule: Rule) -> dict[str, str]:
    """Return what stands under each heading of a rule's page: What it checks, Why, Fails, Passes, Settings."""
    pieces = re.split(r"^(\S.*):$", rule.page, flags=re.MULTILINE)[1:]
    return {head: dedent(text).strip("\n") for head, text in zip(pieces[::2], pieces[1::2], strict=True)}


def markdown(rule: Rule) -> str:
    """Return a rule's page as Markdown: its parts under headings, its code as Python, what each setting takes."""
    lines = [f"# {rule.id}", "", summary(rule), ""]
    for head, text in parts(rule).items():
        blocks = _meanings(rule, text) if head == "Settings" else map(_block, re.split(r"\n{2,}", text))
        lines += [f"## {head}", "", *(line for block in blocks for line in (block, ""))]
    return "\n".join(lines)


def _block(text: str) -> str:
    """Return a paragraph as it is, and an indented block as Python."""
    return f"```python\n{dedent(text)}\n```" if text.startswith(" ") else text


def _meanings(rule: Rule, text: str) -> Iterator[str]:
    """Yield an item of a list for each setting, or the text if there is none."""
    meanings = dict(re.findall(r"^([a-z-]+): (.*(?:\n .*)*)", text, flags=re.MULTILINE))
    for field in msgspec.structs.fields(rule.settings):
        takes = allowed(inspect.type_info(field.type))
        if len(takes) > _LONGEST:
            takes = takes.partition(' "')[0] + " the rule's words"
        meaning = " ".join(meanings[field.encode_name].split()).rstrip(".")
        yield f"- `{field.encode_name}`: {meaning}. It takes {takes}{_left_out(field)}."
    if not rule.settings.__struct_fields__:
        yield text


def _left_out(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "" if field.encode_name == "classes" else ", and must be given"  # classes: the assignment's own
    return "" if field.default is None else f"; `{msgspec.json.encode(field.default).decode()}` if left out"


def _settings(rule: Rule) -> str:
    fields = msgspec.structs.fields(rule.settings)
    return ", ".join(f"`{field.encode_name}{_default(field.default)}`" for field in fields)


def _default(value: object) -> str:
    if value is None or value is msgspec.NODEFAULT:
        return ""
    return f" = {msgspec.json.encode(value).decode()}"
