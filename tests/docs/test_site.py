"""The site builds without a warning or a network, has a page a rule, and no link of the documents is dead."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest

import netgrade
from netgrade.command import group
from netgrade.rules import all_rules, pages
from netgrade.rules.model import Rule

if TYPE_CHECKING:
    from tests.docs.conftest import Document

_ROOT = Path(__file__).parents[2]
_DOCS = _ROOT / "docs"
_PACKAGE = Path(netgrade.__file__).parent
_RULES = all_rules()
_NEEDED = ("sphinx", "furo", "myst_parser")
_MISSING = [name for name in _NEEDED if importlib.util.find_spec(name) is None]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a copy of the documents: what a build writes beside them must not come into the checkout."""
    if _MISSING:
        pytest.skip(f"not installed: {', '.join(_MISSING)}; pip install 'netgrade[docs]' brings them")
    root = tmp_path_factory.mktemp("site")
    shutil.copytree(_DOCS, root / "docs", ignore=shutil.ignore_patterns("generated", "_build", "__pycache__"))
    for name in ("CHANGELOG.md", "CONTRIBUTING.md", "README.md", "checks", "models", "tests"):
        (root / name).symlink_to(_ROOT / name)
    command = [sys.executable, "-m", "sphinx", "-W", "-n", "-q", "--keep-going", "docs", "out"]
    environment = {**os.environ, "PYTHONPATH": str(_PACKAGE.parent)}
    done = subprocess.run(  # noqa: S603 - our own
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return root / "out"


def test_every_rule_has_a_page(site: Path) -> None:
    built = {path.stem for path in (site / "generated" / "rules").glob("*.html")}
    assert built == {*_RULES, "index"}
    page = (site / "generated" / "rules" / "dropout.html").read_text(encoding="utf-8")
    assert "Dropout works in train mode and is off in eval mode." in page
    assert "It judges the recorded graph; nothing is trained." in page


def test_every_command_and_option_has_its_place(site: Path) -> None:
    commands = (site / "generated" / "netgrade.html").read_text(encoding="utf-8")
    assert set(re.findall(r"<h2>netgrade (\w+)<", commands)) == set(group.commands)
    options = (site / "generated" / "pytest.html").read_text(encoding="utf-8")
    assert "--model-path=PATH" in options
    assert "--train-device=auto|cuda|cpu" in options


def test_the_site_asks_nobody_for_anything(site: Path) -> None:
    """No page loads a script, a style or a picture from elsewhere."""
    loaded = re.compile(r"<(?:script|img|link)[^>]+(?:src|href)=\"(?:https?:)?//", re.IGNORECASE)
    assert [path.name for path in site.rglob("*.html") if loaded.search(path.read_text(encoding="utf-8"))] == []


def test_every_picture_has_a_text(site: Path) -> None:
    pictures = [
        picture
        for path in site.rglob("*.html")
        for picture in re.findall(r"<img[^>]+>", path.read_text(encoding="utf-8"))
    ]
    assert pictures
    assert [picture for picture in pictures if not re.search(r'alt="[^"]{10,}"', picture)] == []


def test_the_diagram_has_as_many_steps_as_the_page(documents: "dict[str, Document]") -> None:
    steps = re.findall(r"^\d\. \*\*(.*)\.\*\*", documents["docs/how-it-works.md"].text, flags=re.MULTILINE)
    drawing = ET.parse(_DOCS / "way.svg")  # noqa: S314 - our own file
    texts = [each.text or "" for each in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert steps == [
        "Load",
        "Record",
        "Try the recording",
        "Cross over",
        "Rebuild",
        "Derive facts",
        "Judge",
    ]
    assert [text for text in texts if text.isdigit()] == [str(number) for number, _ in enumerate(steps, 1)]
    assert [text for text in texts if text in steps] == steps


@pytest.mark.parametrize("rule", _RULES.values(), ids=_RULES)
def test_the_code_of_a_rules_page_is_python(rule: Rule) -> None:
    blocks = re.findall(r"^```python\n(.*?)\n```$", pages.markdown(rule), flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2  # what fails and what passes
    for block in blocks:
        compile(f"def forward(self, x):\n{indent(block, '    ')}\n", rule.id, "exec")


def test_a_link_leads_somewhere(document: "Document") -> None:
    """To a file of the repository, or to a page that the site's build makes, and to a heading of it if it names one."""
    text = re.sub(r"^( *)```.*?^\1```$", "", document.text, flags=re.MULTILINE | re.DOTALL)
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    assert [link for link in links if not _leads_somewhere(link, (_ROOT / document.name).parent)] == []


@pytest.mark.parametrize(
    ("link", "leads"),
    [
        ("security.md#cheats", True),
        ("security.md#cheat", False),
        ("securities.md", False),
        ("generated/rules/dropout.md", True),
        ("generated/rules/droput.md", False),
        ("../tests/documents/broken.py", True),
        ("https://pre-commit.com", True),
        ("../../actions/workflows/ci.yml", True),
        ("../../actions/workflows/cy.yml", False),
    ],
)
def test_a_dead_link_is_found(link: str, leads: bool) -> None:  # noqa: FBT001 - the case
    assert _leads_somewhere(link, _DOCS) is leads


def _leads_somewhere(link: str, folder: Path) -> bool:
    if link.startswith("https://"):
        return True  # the tests ask nobody
    if workflow := re.fullmatch(r"\.\./\.\./actions/workflows/([a-z-]+\.yml)(?:/badge\.svg\?branch=main)?", link):
        return (_ROOT / ".github" / "workflows" / workflow[1]).is_file()  # GitHub's own page and badge
    name, _, heading = unquote(link).partition("#")
    generated = re.fullmatch(r"generated/(?:rules/([a-z-]+)|netgrade|pytest)\.md", name)
    if generated:
        return generated[1] in {*_RULES, "index", None}
    path = folder / name if name else None
    if path is not None and not path.exists():
        return False
    return not heading or path is None or heading in _headings(path.read_text(encoding="utf-8"))


def _headings(text: str) -> set[str]:
    """Return the headings as GitHub and the site spell them in a link."""
    titles = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_a_page_as_markdown() -> None:
    text = pages.markdown(_RULES["dropout"])
    assert text.startswith(
        "# dropout\n\nDropout works in train mode and is off in eval mode.\n\n## What it checks\n\nIn "
    )
    assert text.endswith("""\
## Passes

A dropout layer, or the functional form with the network's own mode.

```python
x = F.dropout(x, 0.1, training=self.training)
```

## Settings

- `least`: the smallest rate that counts as dropout. It takes a number, above 0 and below 1; `0.001` if left out.
""")


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("used-layers", "None."),
        ("output-shape", "…unless given here. It takes a whole number, at least 2."),
        ("operators", "…that must be there. It takes a list, each item one of the rule's words; `[]` if left out."),
        ("operators", "- `forbidden`: words for operators that must not. The words are: attention, average-pool, …"),
        ("test-accuracy", "…right at least. It takes a number, above 0 and at most 100, and must be given."),
        ("macs", "- `below`: the network takes fewer MACs than this. It takes a whole number, above 0."),
    ],
)
def test_the_settings_of_a_page(rule: str, line: str) -> None:
    lines = pages.markdown(_RULES[rule]).partition("## Settings\n\n")[2].splitlines()
    shape = re.compile(re.escape(line).replace("…", ".*"))
    assert len([each for each in lines if shape.fullmatch(each)]) == 1
