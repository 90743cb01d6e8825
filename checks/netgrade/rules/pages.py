"""The rules' own documentation, as text: the list, one page, and the table for the README."""

from collections.abc import Iterable

import msgspec

from netgrade.rules.model import Rule


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


def _settings(rule: Rule) -> str:
    fields = msgspec.structs.fields(rule.settings)
    return ", ".join(f"`{field.encode_name}{_default(field.default)}`" for field in fields)


def _default(value: object) -> str:
    if value is None or value is msgspec.NODEFAULT:
        return ""
    return f" = {msgspec.json.encode(value).decode()}"
