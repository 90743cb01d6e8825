import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from cmarkgfm import github_flavored_markdown_to_html
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from netgrade.messages import Frame
from netgrade.reports.markdown import escaped, render
from netgrade.reports.report import Report, Run
from netgrade.rules.model import Verdict, Violation

if TYPE_CHECKING:
    from tests.conftest import Golden

LIMIT = 1_024_000
"""Bytes of a summary that GitHub still shows."""
JOINER = "\N{WORD JOINER}"
PIECES = (
    "www.", "www.a.b", "https://a.b", "a@b.co", "mailto:a@b.co", "xmpp:a@b.co", "@team", "#12", "&amp;", "&#64;", "<b>",
    "<!--", "```", "- ", "1. ", "> ", "|", "[^1]", "[x](y)", "![x](y)", "[x]: y", "~~", "**", "\\", "$", "\n", "=", "_",
)  # fmt: skip


def test_a_run(run: Run, golden: "Golden") -> None:
    golden.check("summary.md", render(run))


def test_nothing_graded(run_of: Callable[..., Run]) -> None:
    assert render(run_of()).startswith("## ❌ netgrade: nothing graded\n")


def test_what_was_not_judged_stands_above_all(run: Run) -> None:
    text = render(replace(run, left_out=("1 training left out: add -m gpu_train", "left out: nets/a*b.py")))
    assert "\n\n1 training left out\\: add -m gpu\\_train\n\nleft out\\: nets/a\\*b.py\n\n" in text.partition("|")[0]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>", "&lt;script&gt;"),
        ("&lt;", "&amp;lt;"),
        ("a | b", r"a \| b"),
        ("`x` *y* _z_", r"\`x\` \*y\* \_z\_"),
        ("[a](b)", r"\[a\]\(b\)"),
        ("two\n\nlines\r\n# title", r"two lines \# title"),
        ("@team #12 https://a.b WWW.c.d", f"\\@{JOINER}team \\#{JOINER}12 https\\://a.b WWW&#46;c.d"),
        ("a@b.co _www.c.d", f"a\\@{JOINER}b.co \\_www&#46;c.d"),
        ("\\", "\\\\"),
        ("\x1b[2J\u202ecod.exe", r"\\x1b\[2J\\u202ecod.exe"),
        ("$x$ ~~y~~", r"\$x\$ \~\~y\~\~"),
        ("x" * 1001, "x" * 999 + "…"),
    ],
)
def test_nothing_in_a_strangers_text_is_markup(text: str, shown: str) -> None:
    assert escaped(text) == shown


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(" ".join([tag, *(name for name, _ in attrs)]))

    def handle_data(self, data: str) -> None:
        self.text += data


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=12).map("".join))
def test_githubs_own_reader_finds_text_alone(text: str) -> None:
    """In a cell, in a heading and in a quotation, as the summary has a stranger's text."""
    shown = escaped(text)
    page = f"| A | B |\n| - | - |\n| {shown} | y |\n\n### ✅ {shown} · x\n\n> note: {shown}\n"
    read = Tags(github_flavored_markdown_to_html(page))
    assert read.found == ["table", "thead", "tr", "th", "th", "tbody", "tr", "td", "td", "h3", "blockquote", "p"]
    words = "".join(text.split())
    if words.isascii() and words.isprintable():
        assert "".join(read.text.replace(JOINER, "").split()).count(words) >= 3


def test_hostile_names_leave_the_layout_alone(hostile: Report, failing: Report, run_of: Callable[..., Run]) -> None:
    text = render(run_of(hostile, failing))
    assert set(re.findall(r"<[^>]*>", text)) == {"<br>", "<details>", "<summary>", "</summary>", "</details>"}
    bars = re.compile(r"(?<!\\)\|")
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert len({len(bars.findall(row)) for row in block.splitlines()}) == 1
    assert not re.search(r"(?<!\\)[@`]", text.replace("```", ""))


def test_a_traceback_cannot_end_its_own_block(unloadable: Report, run_of: Callable[..., Run]) -> None:
    assert unloadable.failure
    frame = Frame(file="a.py", line=1, code="x = '''\n````\n<b>'''")
    text = render(run_of(replace(unloadable, failure=replace(unloadable.failure, frames=(frame,)))))
    assert "`````text\na.py:1 x = ''' ```` <b>'''\nprinted loading\nprinted ready\n`````\n" in text


def test_many_networks_fit(failing: Report, passing: Report, run_of: Callable[..., Run]) -> None:
    violations = tuple(Violation(message="é" * 5_000, hint="ü" * 5_000) for _ in range(100))
    verdict = Verdict(rule="dropout", outcome="failed", message="", violations=violations)
    worst = replace(failing, path="p" * 300, network="n" * 300, verdicts=(verdict,))
    text = render(run_of(*[worst] * 1_200, passing))
    assert len(text.encode()) < LIMIT
    rows = len(re.findall(r"^\| ❌ \| p", text, re.MULTILINE))
    sections = len(re.findall(r"^### ❌", text, re.MULTILINE))
    assert rows > 500
    assert sections > 5
    assert f"\n… {1_201 - rows:,} networks more in the JSON report\n" in text
    assert text.endswith(
        f"… what is wrong with {1_200 - sections:,} networks more is left out here; the JSON report has it\n"
    )
    assert text.count("… and 80 more") == sections


def test_of_many_networks_only_those_that_fail_have_a_section(
    passing: Report, failing: Report, run_of: Callable[..., Run]
) -> None:
    text = render(run_of(*[passing] * 8, failing))
    assert re.findall(r"^### .*", text, re.MULTILINE) == [r"### ❌ models/bad.py · Bad · 7 of 13 points"]
    assert "<details>" not in text
