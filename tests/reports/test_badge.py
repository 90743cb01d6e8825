import json
from collections.abc import Callable
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace

from netgrade.reports.badge import endpoint, picture
from netgrade.reports.report import Report, Run
from netgrade.rules.model import Verdict

if TYPE_CHECKING:
    from tests.conftest import Golden

SVG = "{http://www.w3.org/2000/svg}"


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    parts = [int(digit * 2 if len(colour) == 4 else digit, 16) / 255 for digit in _digits(colour)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _digits(colour: str) -> list[str]:
    return list(colour[1:]) if len(colour) == 4 else [colour[index : index + 2] for index in (1, 3, 5)]


def test_a_training_that_was_skipped_is_no_pass(passing: Report, run_of: Callable[..., Run]) -> None:
    skipped = Verdict(rule="test-accuracy", outcome="skipped", message="torch finds no CUDA device here", points=1)
    badge = json.loads(endpoint(run_of(replace(passing, trained=(skipped,)))))
    assert (badge["message"], badge["color"], badge["isError"]) == ("failed · 10/11", "red", True)


def test_the_endpoint_of_shields(passing: Report, failing: Report, run: Run, run_of: Callable[..., Run]) -> None:
    assert json.loads(endpoint(run_of(passing))) == {
        "schemaVersion": 1,
        "label": "netgrade",
        "message": "passed · 10/10",
        "color": "brightgreen",
        "isError": False,
    }
    assert json.loads(endpoint(run_of(failing))) == {
        "schemaVersion": 1,
        "label": "netgrade",
        "message": "failed · 7/13",
        "color": "red",
        "isError": True,
    }
    assert json.loads(endpoint(run))["message"] == "1 of 3 passed · 17/33"
    assert json.loads(endpoint(run_of()))["message"] == "nothing graded"


def test_the_picture(passing: Report, run_of: Callable[..., Run], golden: "Golden") -> None:
    golden.check("badge.svg", picture(run_of(passing)))


@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_picture_says_in_words_what_it_shows(failing: Report, run_of: Callable[..., Run], count: int) -> None:
    hostile = replace(run_of(*[failing] * count), assignment='"/><script>&.toml')
    root = ET.fromstring(picture(hostile))  # noqa: S314, our own text
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == root.get("aria-label")
    assert (root.get("role"), root.get("width", "")) == ("img", f"{int(root.get('width', '0'))}")
    assert str(title.text).startswith('netgrade, "/><script>&.toml: ')
    assert {each.tag.removeprefix(SVG) for each in root.iter()} == {"svg", "title", "clipPath", "rect", "g", "text"}
    assert [each.text for each in root.iter(f"{SVG}text")] == ["netgrade", json.loads(endpoint(hostile))["message"]]


def test_white_text_can_be_read(passing: Report, failing: Report, run_of: Callable[..., Run]) -> None:
    for run in (run_of(passing), run_of(failing), run_of()):
        root = ET.fromstring(picture(run))  # noqa: S314, our own text
        colours = [each.get("fill", "") for each in root.iter(f"{SVG}rect") if each.get("fill")]
        assert len(colours) == 2
        assert all(1.05 / (luminance(colour) + 0.05) >= 4.5 for colour in colours)
