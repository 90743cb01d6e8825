"""What the documents show is what happens: outputs of commands, the worked example of a rule, tables of the README."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

import netgrade
from netgrade.assignment import load
from netgrade.rules import all_rules, pages

_ROOT = Path(__file__).parents[1]
_PACKAGE = Path(netgrade.__file__).parent
_README, _CONTRIBUTING = ((_ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md"))
_WIDTH = 90
"""Columns of the terminal that the outputs come from."""
_MACHINE = re.compile(r"^(platform |rootdir: |configfile: |plugins: ).*\n", re.MULTILINE)
"""Lines of pytest's own about the machine that it runs on."""


def _blocks(document: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", document, flags=re.MULTILINE | re.DOTALL)


def _examples(document: str) -> list[str]:
    """Return the commands that are shown with what they print."""
    return [block for block in _blocks(document, "console") if re.match(r"\$ pytest .*\n.", block)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay out the files that the documents speak of."""
    folder = tmp_path_factory.mktemp("documents")
    shutil.copytree(_ROOT / "models", folder / "models")
    for path in (_ROOT / "tests" / "documents").glob("*.py"):
        shutil.copy(path, folder)
    for block in _blocks(_README + _CONTRIBUTING, "toml"):
        if named := re.match(r"# (\w+\.toml)\n", block):
            (folder / named[1]).write_text(block, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def package_with_example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the package and put the rule that CONTRIBUTING works out beside the others."""
    package = tmp_path_factory.mktemp("checks") / "netgrade"
    shutil.copytree(_PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    (rule,) = _blocks(_CONTRIBUTING, "python")
    (package / "rules" / "depth.py").write_text(rule, encoding="utf-8")
    return package


def _run(folder: Path, *arguments: str, package: Path = _PACKAGE) -> str:
    environment = {
        **{name: value for name, value in os.environ.items() if name not in ("CI", "PYTEST_ADDOPTS")},
        "COLUMNS": str(_WIDTH),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # a user doesn't have the developers' other plugins
        "PYTHONPATH": str(package.parent),
    }
    command = [sys.executable, "-m", "pytest", "-p", "netgrade.plugin", *arguments]
    done = subprocess.run(  # noqa: S603 - the documents' own commands
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def _comparable(text: str) -> str:
    """Leave out what differs between machines and moments."""
    text = _MACHINE.sub("", text)
    text = re.sub(r"^\S+: .+, \d+ s\n", "", text, flags=re.MULTILINE)  # what a slow machine says while it waits
    text = re.sub(r"=+", "=", text)
    text = re.sub(r"torch \d[\w.+]*", "torch X", text)
    text = re.sub(r"sandbox: .* =", "sandbox: X =", text)
    text = re.sub(r"in \d+\.\d\ds", "in Xs", text)
    text = re.sub(r"^(FAILED \S+) - .*", r"\1", text, flags=re.MULTILINE)  # pytest 8.3 gives no reason there
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _check(example: str, folder: Path, package: Path = _PACKAGE) -> None:
    command, _, shown = example.partition("\n")
    printed = _run(folder, *shlex.split(command)[2:], package=package)
    assert _comparable(shown) == _comparable(printed)


@pytest.mark.parametrize("example", _examples(_README), ids=lambda example: example.partition("\n")[0])
def test_a_command_prints_what_the_readme_shows(example: str, folder: Path) -> None:
    _check(example, folder)


def test_the_examples_are_found() -> None:
    assert [shlex.split(example.partition("\n")[0])[3] for example in _examples(_README)] == [
        "models/netv3.py",
        "submission.py",
        "broken.py",
        "models/netv3.py",
        "models/netv3.py",
    ]


def test_the_rule_worked_out_in_contributing(folder: Path, package_with_example: Path) -> None:
    (example,) = _examples(_CONTRIBUTING)
    _check(example, folder, package_with_example)


def test_the_outputs_fit_their_terminal() -> None:
    tables = [
        line
        for block in _examples(_README + _CONTRIBUTING)
        for line in block.splitlines()
        if line.startswith((" ", "="))
    ]
    assert max(map(len, tables)) <= _WIDTH


def test_the_table_of_rules_is_the_generated_one() -> None:
    begin, end = "<!-- rules: written by `netgrade rules --markdown` -->\n", "<!-- end of rules -->"
    assert _README.count(begin) == _README.count(end) == 1
    assert _README.partition(begin)[2].partition(end)[0].strip() == pages.table(all_rules().values()).strip()


@pytest.mark.parametrize(
    ("group", "section", "one"),
    [
        ("grading a submitted network:\n", "## Options\n", "--model-path"),
        ("training a submitted network (-m gpu_train):\n", "## Train\n", "--train-device"),
    ],
)
def test_the_options_are_all_there(folder: Path, group: str, section: str, one: str) -> None:
    helped = _run(folder, "--help").partition(group)[2].partition("\n\n")[0]
    options = set(re.findall(r"^ +(--[a-z-]+)", helped, flags=re.MULTILINE))
    assert one in options
    table = _README.partition(section)[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(--[a-z-]+)", table, flags=re.MULTILINE)) == options


def test_the_table_of_training_shows_the_defaults(folder: Path) -> None:
    shown = load("trained.toml", folder=folder).training
    assert shown is not None
    assert shown == load("mnist-20k", folder=folder).training
    text = (folder / "trained.toml").read_text(encoding="utf-8")
    keys = set(re.findall(r"^([a-z-]+) = ", text.partition("[training]")[2], flags=re.MULTILINE))
    assert keys == {*_keys(shown), *_keys(shown.recipe)} - {"recipe"} - {"momentum"}
    assert "momentum = 0.9" in text


def _keys(table: msgspec.Struct) -> tuple[str, ...]:
    return type(table).__struct_encode_fields__


def test_every_assignment_is_in_the_table() -> None:
    table = _README.partition("## Assignments\n")[2].partition("```")[0]
    files = (Path(netgrade.__file__).parent / "assignments").glob("*.toml")
    assert set(re.findall(r"^\| `([\w-]+)`", table, flags=re.MULTILINE)) == {path.stem for path in files}
