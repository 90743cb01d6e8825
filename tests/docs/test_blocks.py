"""Every block of code in the documents is run, loaded or compared, or listed here with the reason why not.

The blocks of one document are a story: files that it shows lie in a folder when its commands are run there. With
`--rewrite-golden` what the commands print now takes the place of what is shown.
"""

import json
import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import pytest
import yaml

import netgrade
from netgrade import assignment, command

if TYPE_CHECKING:
    from tests.docs.conftest import Block, Document

    Run = Callable[..., tuple[int, str]]

_ROOT = Path(__file__).parents[2]
_PACKAGE = Path(netgrade.__file__).parent
_WIDTH = 90
_MACHINE = re.compile(
    r"^(?:(?:platform |rootdir: |configfile: |plugins: ).*|\S+: [a-z]+ing [\w ]+, \d+ s)\n", re.MULTILINE
)
"""What pytest says of the machine that it runs on, and what netgrade says while a slow one keeps its user waiting."""

_LISTED = {
    "pip install -e . && pytest --model-path models/netv3.py": ".ci/run runs it, in a new environment",
    "pip install -e '.[test]' && pytest": "the same",
    "pip install torch torchvision --index-url https://download.pytorch.org/whl/cpu": "it needs the network",
    "pip install .": "it needs the network",
    "pip install -e '.[docs]' && sphinx-build -W -n docs site": "tests/docs/test_site.py builds the site",
    "python tests/benchmarks/comparison.py": "it takes minutes; tests/docs/test_comparison.py runs a part",
    "python -m venv .venv && source .venv/bin/activate": "it is not ours",
    "pytest tests/benchmarks/bench_*.py": "it takes minutes",
    "python -m netgrade.training.results records > models/RESULTS.md": "tests/training/test_results.py runs the module",
    "docker run --rm --network none --read-only --tmpfs /tmp --memory 8g --pids-limit 256 --user 1000:1000 "
    '--volume "$PWD/submissions:/submissions:ro" IMAGE pytest --model-path=/submissions --sandbox require': "no Docker",
    "/.github/        @OWNER/teachers\n/course.toml     @OWNER/teachers\n": "a file that GitHub alone reads",
    "models/netv3.py ──▶ capture child ──▶": "a drawing",
}
"""What begins a block or a command that is not run, and why."""


class Story(NamedTuple):
    """A document whose blocks are being followed."""

    document: "Document"
    folder: Path
    package: Path
    run: "Run"
    printed: dict[str, str]
    """What commands have printed so far, in any document."""
    rewrite: bool = False

    @property
    def shown(self) -> str:
        """All that the document shows on a terminal."""
        return "\n".join(block.text for block in self.document.blocks if block.language == "console")


@pytest.fixture(scope="module")
def printed() -> dict[str, str]:
    return {}


@pytest.fixture
def story(
    document: "Document", run: "Run", printed: dict[str, str], tmp_path: Path, request: pytest.FixtureRequest
) -> Story:
    shutil.copytree(_ROOT / "models", tmp_path / "models")
    for path in (_ROOT / "tests" / "documents").glob("*.py"):
        shutil.copy(path, tmp_path)
    rewrite = request.config.getoption("--rewrite-golden")
    return Story(document, tmp_path, _PACKAGE, run, printed, rewrite=rewrite)


@pytest.fixture(scope="module")
def package_with_example(documents: "dict[str, Document]", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the package and put the rule that CONTRIBUTING works out beside the others."""
    package = tmp_path_factory.mktemp("checks") / "netgrade"
    shutil.copytree(_PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    (rule,) = (block.text for block in documents["CONTRIBUTING.md"].blocks if block.language == "python")
    (package / "rules" / "depth.py").write_text(rule, encoding="utf-8")
    return package


def test_every_block_holds(story: Story, package_with_example: Path) -> None:
    if story.document.name == "CONTRIBUTING.md":
        story = story._replace(package=package_with_example)
    faults = [
        f"{story.document.name}:{block.line}: {fault}"
        for block in story.document.blocks
        for fault in _hold(block, story)
    ]
    assert not faults, "\n\n".join(faults)


def test_what_is_listed_is_there(documents: "dict[str, Document]") -> None:
    texts = [block.text for document in documents.values() for block in document.blocks]
    begun = [text for each in texts for text in (each, *(line for line, _ in _commands(each)))]
    assert [start for start in _LISTED if not any(text.startswith(start) for text in begun)] == []


def test_ci_runs_the_set_up_commands(documents: "dict[str, Document]") -> None:
    script = (_ROOT / ".ci" / "run").read_text(encoding="utf-8")
    set_up = [listed for listed in _LISTED if listed.startswith("pip install -e") and "pytest" in listed]
    assert len(set_up) == 2
    for listed in set_up:
        assert f"$ {listed}\n" in documents["README.md"].text
        assert [
            part for part in listed.split(" && ") if f"\n{part.replace('install', 'install --quiet')}\n" not in script
        ] == []


def test_an_output_is_pasted(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("One\n= starts =\nplatform a\nnetgrade 0\nrootdir: /a\n\nold\n= ends =\nTwo\n")
    shown = "= starts =\nplatform a\nnetgrade 0\nrootdir: /a\n\nold\n= ends =\n"
    _paste(
        shown,
        "= starts =\nplatform b\nnetgrade 1\nrootdir: /b\n\na.py: importing torch, 10 s\nnew \n= ends =\n\n",
        page,
    )
    assert page.read_text() == "One\n= starts =\nplatform a\nnetgrade 1\nrootdir: /a\n\nnew\n= ends =\nTwo\n"


@pytest.mark.parametrize(
    ("language", "text", "fault"),
    [
        ("rust", "fn main() {}\n", "nobody knows what to do with a block of `rust`"),
        ("", "some words\n", "nobody knows what to do with a block of ``"),
        ("python", "def f(:\n", "line 1: invalid syntax"),
        ("json", '{"a": ]\n', "not JSON"),
        ("json", '{"version": 1}\n', "no command before it has written a report.json"),
        ("yaml", "a: [\n", "not YAML"),
        ("yaml", "a: 1\n", "neither steps of a workflow nor hooks"),
        ("yaml", "- uses: OWNER/netgrade@COMMIT\n  with: {path: models}\n", "the step that `netgrade init` writes is"),
        ("yaml", "repos: [{hooks: [{id: grade}]}]\n", "no hook is called grade"),
        ("toml", "a =\n", "not TOML"),
        ("toml", "[rules.dropout]\n", "neither a file with its name in the first line nor [tool.netgrade]"),
        ("toml", '# a.toml\nextends = "mnist-9k"\n', "unknown assignment `mnist-9k`"),
        ("toml", '[tool.netgrade]\nassignment = "b.toml"\n', "b.toml: no such file"),
        ("markdown", "some words\n", "is no badge of GitHub or shields.io"),
        (
            "markdown",
            "![netgrade](https://github.com/OWNER/REPOSITORY/actions/workflows/check.yml/badge.svg?branch=main)\n",
            "`netgrade init` writes no workflow with the badge",
        ),
        ("console", "$ make\n", "nobody knows how to run `make`"),
        ("console", "$ netgrade check --quite models\n", "No such option"),
        ("console", "$ pytest --model-path models --sandbox=of\n", "invalid choice: 'of'"),
        ("console", "$ netgrade rules dropout\nsome words\n", "prints"),
    ],
)
def test_a_wrong_block_is_found(  # noqa: PLR0913, PLR0917 - the case, and where it is tried
    language: str, text: str, fault: str, run: "Run", documents: "dict[str, Document]", tmp_path: Path
) -> None:
    story = Story(documents["CHANGELOG.md"], tmp_path, _PACKAGE, run, {})
    block = type(documents["README.md"].blocks[0])(1, language, text)
    (found,) = _hold(block, story)
    assert fault in found


def test_the_outputs_fit_their_terminal(document: "Document") -> None:
    blocks = [block.text for block in document.blocks if block.language == "console"]
    lines = [line for block in blocks for _, shown in _commands(block) for line in shown.splitlines()]
    lines = [line for line in lines if line.startswith((" ", "="))]
    assert max(map(len, lines), default=0) <= _WIDTH


def _hold(block: "Block", story: Story) -> Iterator[str]:
    """Yield what is wrong with a block."""
    hold = _HANDLERS.get(block.language)
    if any(block.text.startswith(start) for start in _LISTED):
        return
    if hold is None:
        yield f"nobody knows what to do with a block of `{block.language}`; list it above, with a reason"
        return
    yield from hold(block.text, story)


def _console(text: str, story: Story) -> Iterator[str]:
    for line, shown in _commands(text):
        if line in _LISTED:
            continue
        program, *arguments = shlex.split(line)
        if program not in ("netgrade", "pytest"):
            yield f"nobody knows how to run `{line}`; list it above, with a reason"
        elif shown:
            printed = _printed(line, story)
            if _comparable(shown) != _comparable(printed):
                yield f"`{line}` prints\n{printed}"
                if story.rewrite:
                    _paste(shown, printed, _ROOT / story.document.name)
        else:
            yield from _parsed(program, arguments, story)


def _printed(line: str, story: Story) -> str:
    """Return what a command prints; one that several documents show is run once."""
    program, *arguments = shlex.split(line)
    if line not in story.printed or set(arguments) & {path.name for path in story.folder.iterdir() if path.is_file()}:
        story.printed[line] = story.run(story.folder, program, *arguments, package=story.package)[1]
    return story.printed[line]


def _commands(text: str) -> list[tuple[str, str]]:
    """Return each command of a block with what it prints; a line that ends in a backslash goes on."""
    pieces = re.split(r"^\$ ((?:.*\\\n)*.*)\n?", text, flags=re.MULTILINE)[1:]
    return [(re.sub(r"\s*\\\n\s*", " ", line), shown) for line, shown in zip(pieces[::2], pieces[1::2], strict=True)]


def _paste(shown: str, printed: str, path: Path) -> None:
    """Write what was printed in the place of what is shown; what the machine says of itself stays as it is shown."""
    machine = [line for line in shown.splitlines() if _MACHINE.match(f"{line}\n")]
    lines = [line.rstrip() for line in _MACHINE.sub("", printed).strip("\n").splitlines()]
    if machine:  # pytest's own head: its first line, then the platform, then netgrade's line
        lines[1:1] = machine[:1]
        lines[3:3] = machine[1:]
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(shown, "\n".join([*lines, ""]), 1), encoding="utf-8")


def _parsed(program: str, arguments: list[str], story: Story) -> Iterator[str]:
    """Yield why a command line is refused; it is not run."""
    if program == "pytest":
        code, printed = story.run(story.folder, "pytest", *arguments, "--help")
        if code or "due to UsageError" in printed:
            yield printed
        return
    try:
        name, *rest = arguments
        command.group.commands[name].make_context(name, rest)
    except click.ClickException as error:
        yield error.format_message()


def _comparable(text: str) -> str:
    """Leave out what differs between machines and moments."""
    text = _MACHINE.sub("", text)
    text = re.sub(r"^\S+: .+, \d+ s\n", "", text, flags=re.MULTILINE)  # what a slow machine says while it waits
    text = re.sub(r"=+", "=", text)
    text = re.sub(r"torch \d[\w.+]*", "torch X", text)
    text = re.sub(r"sandbox: [^=\n]*", "sandbox: X ", text)
    text = re.sub(r"in \d+\.\d\ds", "in Xs", text)
    text = re.sub(r"^(FAILED \S+) - .*", r"\1", text, flags=re.MULTILINE)  # pytest 8.3 gives no reason there
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _toml(text: str, story: Story) -> Iterator[str]:
    named = re.match(r"# ([\w.]+\.toml)\n", text)
    name = named[1] if named else "pyproject.toml"
    (story.folder / name).write_text(text, encoding="utf-8")
    if f"--assignment {name}" in story.shown:
        return  # what it does, or how it is refused, is compared there
    try:
        chosen = name if named else assignment.from_pyproject(story.folder)
        if chosen is None:
            yield "neither a file with its name in the first line nor [tool.netgrade]"
            return
        assignment.load(chosen, folder=story.folder)
    except assignment.AssignmentError as error:
        yield str(error)


def _python(text: str, story: Story) -> Iterator[str]:
    if named := re.match(r"# ([\w.]+\.py)\n", text):
        (story.folder / named[1]).write_text(text, encoding="utf-8")
    try:
        compile(text, "block", "exec")
    except SyntaxError as error:
        yield f"line {error.lineno}: {error.msg}"


def _json(text: str, story: Story) -> Iterator[str]:
    try:
        shown = json.loads(text)
    except ValueError as error:
        yield f"not JSON: {error}"
        return
    report = story.folder / "report.json"
    if not report.exists():
        yield "no command before it has written a report.json to compare it with"
        return
    yield from _missing(
        {**shown, "torch": None}, {**json.loads(report.read_text(encoding="utf-8")), "torch": None}, "$"
    )


def _missing(shown: Any, real: Any, place: str) -> Iterator[str]:  # noqa: ANN401 - whatever JSON holds
    """Yield where what is shown is no part of what is real; of a list, some items in their order."""
    if isinstance(shown, dict) and isinstance(real, dict):
        for key, value in shown.items():
            yield from _missing(value, real.get(key), f"{place}.{key}")
    elif isinstance(shown, list) and isinstance(real, list):
        for position, item in enumerate(shown):
            if all(any(_missing(item, each, place)) for each in real):
                yield f"{place}[{position}] is not in the report"
    elif shown != real:
        yield f"{place} is {real!r}"


def _yaml(text: str, story: Story) -> Iterator[str]:
    try:
        table = yaml.safe_load(text)
    except yaml.YAMLError as error:
        yield f"not YAML: {error}"
        return
    story.run(story.folder, "netgrade", "init", "--force")
    if isinstance(table, list):
        workflow = yaml.safe_load((story.folder / ".github/workflows/netgrade.yml").read_text(encoding="utf-8"))
        written = [step for step in workflow["jobs"]["check"]["steps"] if step.get("uses") == "OWNER/netgrade@COMMIT"]
        shown = [{key: value for key, value in step.items() if key != "id"} for step in table]
        if shown != [{"uses": step["uses"], "with": step["with"]} for step in written]:
            yield f"the step that `netgrade init` writes is {written}"
    elif "repos" in table:
        known = [hook["id"] for hook in yaml.safe_load((_ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))]
        hooks = [hook["id"] for repository in table["repos"] for hook in repository["hooks"]]
        yield from (f"no hook is called {hook}" for hook in hooks if hook not in known)
    else:
        yield "neither steps of a workflow nor hooks of pre-commit"


def _markdown(text: str, story: Story) -> Iterator[str]:
    """Take badges only: GitHub's own of the workflow that `netgrade init` writes, or one made of a file."""
    for line in text.splitlines():
        link = re.fullmatch(
            r"!\[\w+\]\(https://(github\.com|img\.shields\.io|raw\.githubusercontent\.com)/(\S+)\)", line
        )
        if link is None:
            yield f"`{line}` is no badge of GitHub or shields.io"
        elif link[1] == "github.com":
            story.run(story.folder, "netgrade", "init", "--force")
            name = re.fullmatch(r"OWNER/REPOSITORY/actions/workflows/(.+)/badge\.svg\?branch=main", link[2])
            if not name or not (story.folder / ".github" / "workflows" / name[1]).is_file():
                yield f"`netgrade init` writes no workflow with the badge {link[2]}"


_HANDLERS: dict[str, Callable[[str, Story], Iterator[str]]] = {
    "console": _console,
    "json": _json,
    "markdown": _markdown,
    "python": _python,
    "toml": _toml,
    "yaml": _yaml,
}
