"""The catalogue names every cheat, and docs/security.md shows it. `--rewrite-golden` writes the table anew."""

import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Declaration

_FOLDER = Path(__file__).parent
_TESTS = _FOLDER.parent
_PAGE = _TESTS.parent / "docs" / "security.md"
_BEGIN, _END = "<!-- cheats -->\n", "<!-- end of cheats -->\n"
_CATALOGUE: dict[str, dict[str, list[str]]] = tomllib.loads((_FOLDER / "catalogue.toml").read_text(encoding="utf-8"))
_LISTED = [name for tricks in _CATALOGUE.values() for names in tricks.values() for name in names]


def test_every_cheat_is_listed_once() -> None:
    cheats = {path.relative_to(_TESTS).as_posix() for path in _FOLDER.glob("*/*.py")}
    assert len(_LISTED) == len(set(_LISTED))
    assert cheats <= set(_LISTED)


@pytest.mark.parametrize("name", _LISTED)
def test_what_is_listed_declares_something(name: str, declaration: "Callable[[Path], Declaration]") -> None:
    assert declaration(_TESTS / name).why


def test_the_page_shows_the_catalogue(
    declaration: "Callable[[Path], Declaration]", request: pytest.FixtureRequest
) -> None:
    page = _PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    current = before + _BEGIN + "\n".join(_table(declaration)) + "\n" + _END + after
    if request.config.getoption("--rewrite-golden"):
        _PAGE.write_text(current, encoding="utf-8")
    assert page == current, "the table is not current; write it with --rewrite-golden"


def _table(declaration: "Callable[[Path], Declaration]") -> Iterator[str]:
    for title, tricks in _CATALOGUE.items():
        yield from ("", f"### {title}", "", "| Trick | File | Breaks | |", "| --- | --- | --- | --- |")
        for trick, names in tricks.items():
            for place, name in enumerate(names):
                declared = declaration(_TESTS / name)
                broken = ", ".join(sorted(declared.broken)) or "nothing"
                stage = f" ({declared.stage})" if declared.stage else ""
                shown = name.removesuffix(".py").removeprefix("cheats/").removeprefix("submissions/")
                why = declared.why.replace("|", r"\|").replace("<", "&lt;").replace("*", r"\*").replace("_", r"\_")
                first = trick.replace("_", r"\_") if place == 0 else ""
                yield f"| {first} | [{shown}](../tests/{name}) | {broken}{stage} | {why} |"
    yield ""
