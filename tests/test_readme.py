"""What the README shows is what happens: the outputs of its commands, its table of rules, its table of options."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import netgrade
from netgrade.rules import all_rules, pages

_ROOT = Path(__file__).parents[1]
_README = (_ROOT / "README.md").read_text(encoding="utf-8")
_WIDTH = 90
"""Columns of the terminal that the README's outputs come from."""
_MACHINE = re.compile(r"^(platform |rootdir: |configfile: |plugins: ).*\n", re.MULTILINE)
"""Lines of pytest's own about the machine that it runs on."""


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", _README, flags=re.MULTILINE | re.DOTALL)


_EXAMPLES = [block for block in _blocks("console") if block.startswith("$ pytest") and block.count("\n") > 1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay out the files that the README speaks of."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(_ROOT / "models", folder / "models")
    for path in (_ROOT / "tests" / "readme").glob("*.py"):
        shutil.copy(path, folder)
    for block in _blocks("toml"):
        if named := re.match(r"# (\w+\.toml)\n", block):
            (folder / named[1]).write_text(block, encoding="utf-8")
    return folder


def _run(folder: Path, *arguments: str) -> str:
    environment = {
        **{name: value for name, value in os.environ.items() if name not in ("CI", "PYTEST_ADDOPTS")},
        "COLUMNS": str(_WIDTH),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # a user doesn't have the developers' other plugins
        "PYTHONPATH": str(Path(netgrade.__file__).parents[1]),
    }
    command = [sys.executable, "-m", "pytest", "-p", "netgrade.plugin", *arguments]
    done = subprocess.run(  # noqa: S603 - the README's own commands
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def _comparable(text: str) -> str:
    """Leave out what differs between machines and moments."""
    text = _MACHINE.sub("", text)
    text = re.sub(r"=+", "=", text)
    text = re.sub(r"torch \d[\w.+]*", "torch X", text)
    text = re.sub(r"sandbox: .* =", "sandbox: X =", text)
    text = re.sub(r"in \d+\.\d\ds", "in Xs", text)
    text = re.sub(r"^(FAILED \S+) - .*", r"\1", text, flags=re.MULTILINE)  # pytest 8.3 gives no reason there
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


@pytest.mark.parametrize("example", _EXAMPLES, ids=lambda example: example.partition("\n")[0])
def test_a_command_prints_what_the_readme_shows(example: str, folder: Path) -> None:
    command, _, shown = example.partition("\n")
    printed = _run(folder, *shlex.split(command)[2:])
    assert _comparable(shown) == _comparable(printed)


def test_the_examples_are_found() -> None:
    assert [shlex.split(example.partition("\n")[0])[3] for example in _EXAMPLES] == [
        "models/netv3.py",
        "submission.py",
        "broken.py",
        "models/netv3.py",
        "models/netv3.py",
    ]


def test_the_outputs_fit_their_terminal() -> None:
    tables = [line for block in _EXAMPLES for line in block.splitlines() if line.startswith((" ", "="))]
    assert max(map(len, tables)) <= _WIDTH


def test_the_table_of_rules_is_the_generated_one() -> None:
    begin, end = "<!-- rules: written by `netgrade rules --markdown` -->\n", "<!-- end of rules -->"
    assert _README.count(begin) == _README.count(end) == 1
    assert _README.partition(begin)[2].partition(end)[0].strip() == pages.table(all_rules().values()).strip()


def test_the_options_are_all_there(folder: Path) -> None:
    group = _run(folder, "--help").partition("grading a submitted network:\n")[2].partition("\n\n")[0]
    options = set(re.findall(r"^ +(--[a-z-]+)", group, flags=re.MULTILINE))
    assert "--model-path" in options
    table = _README.partition("## Options\n")[2].partition("\n## ")[0]
    assert set(re.findall(r"`(--[a-z-]+)", table)) == options


def test_every_assignment_is_in_the_table() -> None:
    table = _README.partition("## Assignments\n")[2].partition("```")[0]
    files = (Path(netgrade.__file__).parent / "assignments").glob("*.toml")
    assert set(re.findall(r"^\| `([\w-]+)`", table, flags=re.MULTILINE)) == {path.stem for path in files}
