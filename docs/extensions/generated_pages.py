"""Writes the pages that are made of the code into docs/generated, before Sphinx looks for pages. Git leaves them out.

A page a rule and the rules' index, the commands with their arguments, the options that pytest gets.
"""

import re
from collections.abc import Iterable, Iterator
from inspect import cleandoc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from netgrade import command, plugin
from netgrade.rules import all_rules, pages
from netgrade.rules.model import Evidence, Rule

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_EVIDENCE: dict[Evidence, str] = {
    "program": "It judges the recorded graph; nothing is trained.",
    "learning": "It trains for seconds, on digits that come along: with `--learns`, or where an assignment lists it.",
    "training": "It judges the assignment's training: with `pytest -m gpu_train`. Its settings stand in the table "
    "`[training]`, not in one of its own.",
}


def setup(app: "Sphinx") -> dict[str, bool]:
    """Write the pages when Sphinx starts."""
    app.connect("builder-inited", lambda app: write(Path(app.srcdir) / "generated"))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def write(folder: Path) -> None:
    """Write all pages into a folder, and take away what is no page of today's."""
    texts = dict(_texts())
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:  # an unchanged page is not built again
            path.write_text(text, encoding="utf-8")
    for path in folder.rglob("*.md"):
        if path.relative_to(folder).as_posix() not in texts:
            path.unlink()


def _texts() -> Iterator[tuple[str, str]]:
    rules = all_rules().values()
    yield "rules/index.md", _index(rules)
    for rule in rules:
        yield f"rules/{rule.id}.md", _page(rule)
    yield "netgrade.md", "".join(_commands(command.group))
    yield "pytest.md", "".join(_options())


def _index(rules: Iterable[Rule]) -> str:
    rows = "\n".join(f"| [{rule.id}]({rule.id}.md) | {pages.summary(rule)} |" for rule in rules)
    names = "\n".join(rule.id for rule in rules)
    return f"""\
# Rules

Each rule is one requirement, named for what it asks for. An assignment lists those that count. On the command line,
`netgrade rules RULE` prints the same pages.

| Rule | Holds when |
| --- | --- |
{rows}

Each page has the settings of its rule. Every rule's table may also have
[`severity` and `points`](../../assignment.md#keys-of-every-rule).

```{{toctree}}
:hidden:

{names}
```
"""


def _page(rule: Rule) -> str:
    needs = " and ".join(f"[{need}]({need}.md)" for need in rule.needs)
    after = f"It is skipped until {needs} pass{'es' if len(rule.needs) == 1 else ''}." if needs else ""
    return f"{pages.markdown(rule)}## When it judges\n\n{_EVIDENCE[rule.evidence]} {after}".rstrip() + "\n"


def _commands(group: click.Group) -> Iterator[str]:
    yield f"# The command netgrade\n\n{group.help}\n\n"
    yield "Colour is for terminals, and `NO_COLOR=1` turns it off. [Exit codes](../exit-codes.md) are pytest's own.\n\n"
    for name in group.list_commands(click.Context(group)):
        each = group.commands[name]
        context = click.Context(each, info_name=f"netgrade {name}")
        yield f"## netgrade {name}\n\n```text\n{each.get_usage(context).removeprefix('Usage: ')}\n```\n\n"
        yield f"{_plain(each.help or '')}\n\n"
        yield from _list(each.get_params(context), context)


def _plain(text: str) -> str:
    """Return a help text as Markdown."""
    return re.sub(r"([*_<|])", r"\\\1", cleandoc(text.replace("\b\n", "")))


def _list(parameters: Iterable[click.Parameter], context: click.Context) -> Iterator[str]:
    given = (each.get_help_record(context) for each in parameters)
    return (_item(*record) for record in given if record and record[1] and "--help" not in record[0])


def _item(option: str, meaning: str) -> str:
    return f"`{option}`\n: {_plain(meaning)}\n\n"


class _Recorder:
    """Takes what the plugin says to pytest's parser, and writes it down."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def getgroup(self, _name: str, description: str) -> "_Recorder":
        self.lines.append(f"## {description[0].upper()}{description[1:]}\n\n")
        return self

    def addoption(self, option: str, **given: Any) -> None:  # noqa: ANN401 - argparse's own arguments
        value = given.get("metavar") or "|".join(given.get("choices", ()))
        self.lines.append(_item(f"{option}={value}" if value else option, given["help"]))


def _options() -> Iterator[str]:
    yield "# pytest's options\n\nnetgrade adds these to `pytest`. Its own, such as `-k`, `-v`, `-q` and `--junitxml`, "
    yield "work on rules as they do on tests. [Exit codes](../exit-codes.md) has what a run ends with.\n\n"
    recorder = _Recorder()
    plugin.pytest_addoption(recorder)
    yield from recorder.lines
