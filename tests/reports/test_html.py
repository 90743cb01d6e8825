import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from netgrade.reports.html import render
from netgrade.reports.report import Report, Run

if TYPE_CHECKING:
    from tests.conftest import Golden

VOID = {"meta", "link", "rect", "path", "circle", "polyline"}


class Outline(HTMLParser):
    """Every element with its attributes, in order; it fails on one that is not closed where it was opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def page(run: Run, trained: Report) -> str:
    lines = tuple(f"line {number} <b>" for number in range(1, 40))
    left_out = ("3 trainings left out: add -m gpu_train", "left out: nets/<b>.py; name such a file itself")
    return render(replace(run, reports=(*run.reports, trained), sources={"models/bad.py": lines}, left_out=left_out))


def test_a_run(page: str, golden: "Golden") -> None:
    golden.check("page.html", page)
    assert len(Outline(page).all("section")) == 4


def test_it_needs_nothing_but_itself(page: str) -> None:
    elements = Outline(page).elements
    told = {name for _, attributes in elements for name in attributes}
    assert told.isdisjoint({"src", "srcset", "style", "onclick", "onload", "xlink:href"})
    links = [attributes["href"] for _, attributes in elements if "href" in attributes]
    assert links == ["data:,", *(f"#network-{number}" for number in range(1, 5))]
    assert {f"#{attributes['id']}" for _, attributes in elements if "id" in attributes} == set(links[1:])
    assert "http://" not in page
    assert "https://" not in page
    (policy,) = (each["content"] for each in Outline(page).all("meta") if each.get("http-equiv"))
    assert str(policy).startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in str(policy)


def test_a_strangers_text_is_text(hostile: Report, passing: Report, run_of: Callable[..., Run]) -> None:
    outline, plain = Outline(render(run_of(hostile))), Outline(render(run_of(passing)))
    assert {tag for tag, _ in outline.elements} <= {tag for tag, _ in plain.elements} | {"code"}
    assert len(outline.all("script")) == 1
    assert "<script>alert(1)</script>" in outline.text


def test_what_was_not_judged_stands_beside_the_verdict(page: str) -> None:
    header = page.partition("<header")[2].partition("</header>")[0]
    assert header.endswith(
        '<p class="note">3 trainings left out: add -m gpu_train</p>\n'
        '<p class="note">left out: nets/&lt;b&gt;.py; name such a file itself</p>\n'
    )


def test_nothing_left_out_takes_no_room(run: Run) -> None:
    assert "note" not in render(run).partition("<header")[2].partition("</header>")[0]


def test_of_much_that_was_not_judged_a_part_is_shown(run: Run) -> None:
    left_out = tuple(f"left out: {number}.py {'x' * 2_000}" for number in range(11))
    header = render(replace(run, left_out=left_out)).partition("<header")[2].partition("</header>")[0]
    assert header.count("left out: ") == 8
    assert header.endswith('<p class="note">what was left out besides, 3 texts, is in the JSON report</p>\n')
    assert len(header) < 10_000


def test_the_line_that_is_meant_stands_out_among_its_neighbours(page: str) -> None:
    found = re.findall(r"<figcaption>([^<]*)</figcaption><pre[^>]*>(.*?<mark>.*?)</pre>", page, re.DOTALL)
    ((title, excerpt),) = found
    assert title == "bad.py, line 23"
    assert excerpt.splitlines() == [
        "  21  line 21 &lt;b&gt;",
        "  22  line 22 &lt;b&gt;",
        "<mark>▸ 23  line 23 &lt;b&gt;</mark>",
        "  24  line 24 &lt;b&gt;",
        "  25  line 25 &lt;b&gt;",
    ]


def test_the_training_is_told_in_words_too(page: str) -> None:
    assert (
        "<p>MNIST on cpu. The dashed line is the 99.4 % that is needed. The bar at the last epoch is its 95 % "
        "interval; the scale is stretched towards 100 %.</p>"
        "<p>Seed 0: 9,943 of 10,000 right after the last of 3 epochs (99.43 %, 95 % interval 99.26–99.56), best 9,943."
    ) in page


def test_rules_that_did_not_pass_are_unfolded(failing: Report, run_of: Callable[..., Run]) -> None:
    text = render(run_of(failing))
    unfolded = re.findall(r'<details class="[^"]*" open>.*?<span class="id">([a-z-]+)</span>', text)
    assert unfolded == ["batch-norm", "dropout", "used-layers"]
