"""The tables of the documents hold what the code holds, and no more."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from msgspec import inspect

from netgrade import assignment
from netgrade.assignment import built_in, load
from netgrade.command import FAULT, INTERRUPTED, MISTAKE, group
from netgrade.reports.formats import FORMATS
from netgrade.rules import all_rules, pages
from netgrade.tables import allowed
from netgrade.training.recipe import Recipe
from netgrade.training.terms import Training

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.docs.conftest import Document

    Documents = dict[str, Document]
    Run = Callable[..., tuple[int, str]]


_PAGE = Path(__file__).parents[2] / "docs" / "assignment.md"


def _section(text: str, title: str) -> str:
    """Return what stands below a heading and above the next one, whatever its level."""
    assert text.count(f"\n{title}\n") == 1
    return re.split(r"^#", text.partition(f"\n{title}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def _rows(text: str) -> list[list[str]]:
    """Return the cells of a table's rows, without those of the head."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def _keys(table: Any) -> dict[str, Any]:  # noqa: ANN401 - any of the structs
    return {field.encode_name: field for field in msgspec.structs.fields(table)}


def test_the_table_of_rules_is_the_generated_one(documents: "Documents") -> None:
    readme = documents["README.md"].text
    begin, end = "<!-- rules: written by `netgrade rules --markdown` -->\n", "<!-- end of rules -->"
    assert readme.count(begin) == readme.count(end) == 1
    assert readme.partition(begin)[2].partition(end)[0].strip() == pages.table(all_rules().values()).strip()


@pytest.mark.parametrize(
    ("page", "section"), [("README.md", "## Assignments"), ("docs/instructors.md", "## 1. Choose what you ask for")]
)
def test_every_assignment_is_in_the_table(page: str, section: str, documents: "Documents") -> None:
    rows = _rows(_section(documents[page].text, section))
    assert sorted(re.match(r"`([\w-]+)`", row[0])[1] for row in rows) == built_in()  # type: ignore[index]


@pytest.mark.parametrize(
    ("section", "table"),
    [
        ("## Top level", assignment._File),  # noqa: SLF001 - the page documents its keys
        ("### Keys of every rule", assignment._Common),  # noqa: SLF001 - the same
        ("## Training", Training),
        ("### The recipe", Recipe),
        ("## In pyproject.toml", assignment._Configuration),  # noqa: SLF001 - the same
    ],
)
def test_every_key_of_an_assignment_is_there(
    section: str, table: type[msgspec.Struct], request: pytest.FixtureRequest
) -> None:
    """With `--rewrite-golden` the rows are written anew, and a new one waits for its meaning."""
    shown = _section(_PAGE.read_text(encoding="utf-8"), section)
    meanings = {row[0]: row[3] for row in _rows(shown)}
    keys = {f"`{key}`": _takes(field) for key, field in _keys(table).items()}
    rows = [" | ".join(["", key, *takes, meanings.get(key, ""), ""]).strip() for key, takes in keys.items()]
    if request.config.getoption("--rewrite-golden"):
        begin = shown[: shown.index("| --- |")]
        after = shown[shown.rindex("|\n") + 2 :]
        text = _PAGE.read_text(encoding="utf-8")
        written = "\n".join([f"{begin}| --- | --- | --- | --- |", *rows, after])
        _PAGE.write_text(text.replace(shown, written), encoding="utf-8")
    assert [line for line in shown.splitlines() if line.startswith("| `")] == rows
    assert all(meanings[key] for key in keys)


def _takes(field: msgspec.structs.FieldInfo) -> tuple[str, str]:
    """Return what a key takes, and what it is if left out."""
    if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
        return "a table", "–"
    takes = allowed(inspect.type_info(field.type))
    if field.required:
        return takes, "must be given"
    return takes, "–" if field.default is None else f"`{json.dumps(msgspec.to_builtins(field.default))}`"


def test_the_tables_of_rules_refuse_what_the_page_says_they_refuse(tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_text('extends = "mnist-20k"\n[rules.test-accuracy]\naccuracy = 99.0\n')
    with pytest.raises(assignment.AssignmentError, match="comes with \\[training\\]; give its settings there"):
        load("course.toml", folder=tmp_path)


def test_the_readme_shows_the_defaults_of_training(documents: "Documents", tmp_path: Path) -> None:
    (text,) = (block.text for block in documents["README.md"].blocks if block.text.startswith("# trained.toml\n"))
    (tmp_path / "trained.toml").write_text(text, encoding="utf-8")
    shown = load("trained.toml", folder=tmp_path).training
    assert shown is not None
    assert shown == load("mnist-20k", folder=tmp_path).training
    keys = set(re.findall(r"^([a-z-]+) = ", text.partition("[training]")[2], flags=re.MULTILINE))
    assert keys == {*_keys(Training), *_keys(Recipe)} - {"recipe"} - {"momentum"}
    assert "momentum = 0.9" in text


@pytest.mark.parametrize(
    ("title", "section", "one"),
    [
        ("grading a submitted network:\n", "## Options", "--model-path"),
        ("training a submitted network (-m gpu_train):\n", "## Train", "--train-device"),
    ],
)
def test_the_options_are_all_there(  # noqa: PLR0913, PLR0917 - the case, and where it is tried
    title: str, section: str, one: str, documents: "Documents", run: "Run", tmp_path: Path
) -> None:
    _, printed = run(tmp_path, "pytest", "--help")
    options = set(re.findall(r"^ +(--[a-z-]+)", printed.partition(title)[2].partition("\n\n")[0], flags=re.MULTILINE))
    assert one in options
    rows = _rows(_section(documents["README.md"].text, section))
    assert {option for row in rows for option in re.findall(r"^`(--[a-z-]+)", row[0])} == options


def test_every_command_is_in_the_readme(documents: "Documents") -> None:
    rows = _rows(_section(documents["README.md"].text, "## The command"))
    assert {re.match(r"`netgrade (\w+)", row[0])[1] for row in rows} == set(group.commands)  # type: ignore[index]


@pytest.mark.parametrize(("page", "section"), [("README.md", "## Options"), ("docs/reports.md", "# Reports")])
def test_every_format_of_a_report_is_there(page: str, section: str, documents: "Documents") -> None:
    text = f"\n{documents[page].text}"
    rows = [row for row in _rows_of_all(_section(text, section)) if not row[0].startswith(("`-", "`--"))]
    assert {name for row in rows for name in re.findall(r"`([a-z-]+)`", row[0])} == set(FORMATS)


def _rows_of_all(text: str) -> list[list[str]]:
    """Return the rows of all tables of a text."""
    return [row for table in re.split(r"\n\n", text) for row in _rows(f"{table}\n")]


def test_the_exit_codes_are_the_same_everywhere(documents: "Documents") -> None:
    meanings = {row[0]: row[1] for row in _rows(documents["docs/exit-codes.md"].text)}
    assert list(meanings) == [
        "0",
        "1",
        str(INTERRUPTED),
        str(FAULT),
        str(MISTAKE),
        str(int(pytest.ExitCode.NO_TESTS_COLLECTED)),
    ]
    readme = re.findall(r"^\| (\d) \| (.*) \|$", documents["README.md"].text, flags=re.MULTILINE)
    assert [number for number, _ in readme] == list(meanings)
    assert all(meanings[number].startswith(meaning) for number, meaning in readme)


def test_the_glossary_has_the_words_of_contributing(documents: "Documents") -> None:
    terms = re.findall(r"^(\S.*)\n: ", documents["docs/glossary.md"].text, flags=re.MULTILINE)
    assert terms == sorted(terms, key=str.lower)
    words = {
        word for row in _rows(_section(documents["CONTRIBUTING.md"].text, "## Words")) for word in row[0].split(", ")
    }
    assert words <= set(terms)
