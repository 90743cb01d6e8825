"""The page of `--report html=PATH` in a real browser."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from netgrade.facts.model import Facts, Place
from netgrade.reports.html import render
from netgrade.reports.report import Report, Run
from netgrade.reports.targets import targets
from netgrade.reports.writing import write
from netgrade.rules.model import Verdict, Violation

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page
    from tests.browser.conftest import Open

PHONE, DESKTOP = 360, 1200
HOSTILE = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>'",
    "</style></title></textarea><script>alert(1)</script>",
    "a\u202eb\0c\ud800d\x1b[2J",
    "javascript:alert(1)",
    "two\nlines\r\nand\u2028more",
    "]]><!-- --><svg onload=alert(1)>",
    "{{7*7}} ${7*7} &lt;b&gt; &#x3c;",
    "x" * 10_000,
)


def column(page: "Page", number: int) -> list[str]:
    cells: list[str] = page.locator(f"table.layers tbody tr td:nth-child({number})").all_text_contents()
    return cells


def violations(page: "Page") -> list[str]:
    """What the accessibility checker finds, told so that it can be looked for."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found: dict[str, Any] = axe.Axe().run(page).response
    assert len(found["passes"]) > 10
    return [f"{each['id']}: {[node['html'][:200] for node in each['nodes']]}" for each in found["violations"]]


def test_it_opens_in_silence(opened: "Open", everything: str) -> None:
    shown = opened(everything)
    assert shown.page.title() == "3 of 5 passed · 37 of 50 points · netgrade"
    assert shown.page.locator("section").count() == 5
    assert (shown.said, len(shown.asked)) == ([], 1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_the_accessibility_checker_finds_nothing(opened: "Open", everything: str, scheme: str, width: int) -> None:
    page = opened(everything, width=width, color_scheme=scheme).page
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    assert violations(page) == []


@pytest.mark.parametrize("width", [320, PHONE, 768, DESKTOP])
def test_the_page_itself_never_scrolls_sideways(opened: "Open", everything: str, width: int) -> None:
    page = opened(everything, width=width).page
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_dark_is_dark_and_paper_is_white(opened: "Open", everything: str) -> None:
    page = opened(everything, color_scheme="dark").page
    paper = "getComputedStyle(document.body).backgroundColor"
    assert page.evaluate(paper) == "rgb(13, 17, 23)"
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(paper) == "rgb(255, 255, 255)"
    page.emulate_media(media="screen", color_scheme="light")
    assert page.evaluate(paper) == "rgb(255, 255, 255)"


def test_the_table_is_sorted_by_a_click(opened: "Open", passing: Report, run_of: Callable[..., Run]) -> None:
    page = opened(render(run_of(passing))).page
    before = column(page, 6)
    title = page.get_by_role("columnheader", name="Parameters")
    assert title.get_attribute("aria-sort") is None
    title.get_by_role("button").click()
    assert title.get_attribute("aria-sort") == "ascending"
    assert [text for text in column(page, 6) if text != "–"] == ["16", "32", "72", "160", "1,152"]
    title.get_by_role("button").click()
    assert title.get_attribute("aria-sort") == "descending"
    assert column(page, 6)[:3] == ["1,152", "160", "72"]
    page.get_by_role("columnheader", name="#").get_by_role("button").click()
    assert title.get_attribute("aria-sort") is None
    assert column(page, 6) == before


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_table_is_sorted_by_the_keyboard(
    opened: "Open", residual: Report, run_of: Callable[..., Run], key: str
) -> None:
    page = opened(render(run_of(residual))).page
    line = page.get_by_role("columnheader", name="Line").get_by_role("button")
    line.focus()
    page.keyboard.press(key)
    page.keyboard.press(key)
    assert column(page, 2) == [str(number) for number in range(14, 2, -1)], "10 comes after 9"
    assert line.evaluate("(button) => button === document.activeElement")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_rules_fold_by_the_keyboard(opened: "Open", failing: Report, run_of: Callable[..., Run], key: str) -> None:
    page = opened(render(run_of(failing))).page
    rule = page.locator("details", has_text="`drop`").or_(page.locator("details.failed")).first
    assert rule.get_attribute("open") is not None
    rule.locator("summary").focus()
    page.keyboard.press(key)
    assert rule.get_attribute("open") is None
    page.keyboard.press(key)
    assert rule.get_attribute("open") is not None


def test_all_rules_fold_at_once(opened: "Open", failing: Report, run_of: Callable[..., Run]) -> None:
    page = opened(render(run_of(failing))).page
    rules = page.locator("details.rule[open]")
    assert rules.count() == 3
    page.get_by_role("button", name="Unfold all").click()
    assert rules.count() == 10
    page.get_by_role("button", name="Fold all", exact=True).click()
    assert rules.count() == 0


def test_every_control_is_reached_by_tab(opened: "Open", failing: Report, run_of: Callable[..., Run]) -> None:
    page = opened(render(run_of(failing))).page
    wanted = page.locator("button, summary, a[href]").count()
    page.evaluate("window.reached = new Set(); addEventListener('focusin', (event) => reached.add(event.target))")
    for _ in range(2 * wanted + 20):
        page.keyboard.press("Tab")
    assert page.evaluate("[...reached].filter((each) => each.matches('button, summary, a[href]')).length") == wanted


def test_a_failed_rule_shows_why_how_and_where(opened: "Open", failing: Report, run_of: Callable[..., Run]) -> None:
    rule = opened(render(run_of(failing))).page.locator("details.failed")
    assert rule.locator(".fix").inner_text() == "How to fix it give it a rate"
    assert rule.locator("mark").inner_text() == "▸ 23          self.layer20 = Dropout()"
    assert rule.get_by_role("heading", name="Why").is_visible()
    assert rule.locator("code").first.inner_text() == "drop"


def test_the_drawing_fits_its_lines(opened: "Open", residual: Report, run_of: Callable[..., Run]) -> None:
    """Each dot is as high as the middle of its box, at every size of the letters."""
    page = opened(render(run_of(residual)), width=PHONE).page
    for size in ("16px", "24px"):
        page.evaluate(f"document.documentElement.style.setProperty('font-size', '{size}')")
        middles = "(each) => each.map((one) => { const r = one.getBoundingClientRect(); return r.top + r.height / 2 })"
        boxes = page.locator(".graph .box").evaluate_all(middles)
        dots = page.locator(".graph circle").evaluate_all(middles)
        assert len(boxes) == len(dots) == 16
        assert dots == pytest.approx(boxes, abs=2)
    assert page.locator("path.skip").count() == 3


def test_the_curve_has_its_limit_and_interval(opened: "Open", trained: Report, run_of: Callable[..., Run]) -> None:
    figure = opened(render(run_of(trained))).page.locator("figure.training")
    middle = "(each) => { const r = each.getBoundingClientRect(); return r.top + r.height / 2 }"
    assert figure.get_by_text("99.4 % needed").is_visible()
    assert figure.locator("polyline").count() == 2
    assert figure.locator(".span").count() == 2
    dots = figure.locator("circle").evaluate_all(f"(each) => each.map({middle})")
    needed = figure.locator(".needed").evaluate(middle)
    assert [dot < needed for dot in dots] == [9_700 + 12 * n >= 9_940 for n in (*range(1, 21), *range(1, 5))]


def test_paper_shows_all_and_no_controls(opened: "Open", everything: str, tmp_path: "Path") -> None:
    page = opened(everything).page
    hidden = page.locator("details.passed .page").first
    assert not hidden.is_visible()
    page.emulate_media(media="print")
    assert hidden.evaluate("(each) => each.checkVisibility({contentVisibilityAuto: true}) && each.clientHeight > 20")
    assert not page.locator(".controls").first.is_visible()
    page.pdf(path=tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes()[:5] == b"%PDF-"
    page.emulate_media(media="screen")
    assert not hidden.is_visible(), "folded again after the print"


def test_all_is_readable_without_script(opened: "Open", everything: str) -> None:
    page = opened(everything, java_script_enabled=False).page
    assert page.locator("button").count() == 0
    assert page.get_by_role("columnheader", name="Parameters").first.is_visible()
    folded = page.locator("details.passed").first
    folded.locator("summary").click()
    assert folded.get_by_text("A small network has to share its weights well").is_visible()
    assert page.locator("figure.training polyline").first.is_visible()


def test_nothing_moves(opened: "Open", everything: str) -> None:
    page = opened(everything, reduced_motion="no-preference").page
    page.locator("details.passed summary").first.click()
    assert page.evaluate("document.getAnimations().length") == 0
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


@pytest.mark.parametrize("bad", HOSTILE, ids=range(len(HOSTILE)))
def test_a_strangers_text_does_nothing(
    opened: "Open", failing: Report, run_of: Callable[..., Run], tmp_path: "Path", bad: str
) -> None:
    """By the way that every report goes, from the run to the file."""
    assert failing.facts
    shown_bad = bad.encode("unicode_escape").decode() if "\0" in bad else bad
    operators = tuple(replace(each, layer=shown_bad, module=shown_bad) for each in failing.facts.eval.operators)
    facts = replace(failing.facts, network=shown_bad, eval=replace(failing.facts.eval, operators=operators))
    violation = Violation(message=f"`{bad}`", hint=bad, place=Place(line=1))
    verdict = Verdict(rule="dropout", outcome="failed", message=bad, violations=(violation,))
    report = replace(failing, path=bad, network=bad, facts=facts, verdicts=(verdict,), notes=(bad,))
    run = replace(run_of(report, report), assignment=bad, sources={bad: (shown_bad,)})
    write(targets(["html=written.html"], start=tmp_path, kept=[]), run)
    shown = opened((tmp_path / "written.html").read_text(encoding="utf-8"), width=PHONE)
    assert (shown.said, len(shown.asked)) == ([], 1)
    assert shown.page.evaluate("document.documentElement.scrollWidth") == PHONE
    assert shown.page.locator("script").count() == 1
    strange = "img, iframe, object, embed, form, input, textarea, [onerror], [onload], [style], a:not([href^='#'])"
    assert shown.page.locator(strange).count() == 0
    assert shown.page.locator("section").count() == 2


def test_forty_networks_and_three_hundred_layers_stay_usable(
    opened: "Open", passing: Report, failing: Report, run_of: Callable[..., Run], deep: Callable[[int], Facts]
) -> None:
    long = replace(passing, path="models/deep.py", facts=deep(300))
    page = opened(render(run_of(long, *[passing, failing] * 20))).page
    assert page.locator("section").count() == 41
    first = page.locator("section").first
    assert first.locator(".graph .box").count() == 201
    assert first.get_by_text("boxes more, see the table").is_visible()
    first.get_by_role("columnheader", name="Parameters").get_by_role("button").click()
    assert first.locator("table.layers tbody tr").count() == 300
    points = page.locator("nav").get_by_role("columnheader", name="Points")
    points.get_by_role("button").click()
    assert page.locator("nav tbody tr").first.inner_text().startswith("✗ failed")
    page.locator("nav a[href='#network-41']").click()
    page.wait_for_function("document.getElementById('network-41').getBoundingClientRect().top < innerHeight")
