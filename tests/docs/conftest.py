"""What the tests of the documents share: the documents, cut into blocks, and a way to run what they show."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import pytest

import netgrade

_ROOT = Path(__file__).parents[2]
_PACKAGE = Path(netgrade.__file__).parent
_WIDTH = 90
"""Columns of the terminal that the outputs come from."""
_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[^\n]*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A block of code in a document."""

    line: int
    language: str
    text: str


class Document(NamedTuple):
    """A page that people read, as it is in the repository."""

    name: str
    """Its path from the root."""
    text: str

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of code, without Sphinx's own directives."""
        found = (
            Block(self.text.count("\n", 0, each.start()) + 1, each["language"], dedent(each["text"]))
            for each in _FENCE.finditer(self.text)
        )
        return tuple(block for block in found if not block.language.startswith("{"))


def _documents() -> list[Document]:
    paths = [_ROOT / "README.md", _ROOT / "CONTRIBUTING.md", _ROOT / "CHANGELOG.md", *(_ROOT / "docs").glob("*.md")]
    return [Document(path.relative_to(_ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in sorted(paths)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that asks for `document` each of them."""
    if "document" in metafunc.fixturenames:
        metafunc.parametrize("document", _documents(), ids=lambda document: document.name)


@pytest.fixture(scope="session")
def documents() -> dict[str, Document]:
    return {document.name: document for document in _documents()}


@pytest.fixture(scope="session")
def run() -> Callable[..., tuple[int, str]]:
    """Give a function that runs `python -m MODULE ARGUMENTS` as a user would; it returns the exit code and the text."""
    return _run


def _run(folder: Path, module: str, *arguments: str, package: Path = _PACKAGE) -> tuple[int, str]:
    left_out = ("CI", "FORCE_COLOR", "PY_COLORS", "PYTEST_ADDOPTS")
    environment = {
        **{name: value for name, value in os.environ.items() if name not in left_out},
        "COLUMNS": str(_WIDTH),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # a user doesn't have the developers' other plugins
        "PYTHONPATH": str(package.parent),
    }
    plugin = ["-p", "netgrade.plugin"] if module == "pytest" else []
    done = subprocess.run(  # noqa: S603 - the documents' own commands
        [sys.executable, "-m", module, *plugin, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    told = done.stderr if done.returncode not in (0, 1) else ""  # else it has what is said while one waits
    return done.returncode, done.stdout + told
