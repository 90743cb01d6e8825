"""The comparison with hand-written tests: its table is that of the stored counts, and these are of today's samples."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import netgrade

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Declaration
    from tests.docs.conftest import Document

_TESTS = Path(__file__).parents[1]
_PACKAGE = Path(netgrade.__file__).parent
_SCRIPT = _TESTS / "benchmarks" / "comparison.py"
_AGAIN = f"write it anew with `python {_SCRIPT.relative_to(_TESTS.parent).as_posix()}`"


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    measured: dict[str, Any] = json.loads(_SCRIPT.with_suffix(".json").read_text(encoding="utf-8"))
    return measured


@pytest.fixture(scope="module")
def part() -> dict[str, Any]:
    """What the hand-written tests say of some samples today."""
    command = [sys.executable, str(_SCRIPT), "--every", "16"]
    environment = {**os.environ, "PYTHONPATH": str(_PACKAGE.parent), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(  # noqa: S603 - our own
        command, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def test_the_hand_written_tests_say_what_is_stored(stored: dict[str, Any], part: dict[str, Any]) -> None:
    names = set(part["names"])
    assert len(names) > 10
    for rule, forms in part["wrong"].items():
        for form, faults in forms.items():
            kept = {
                kind: [name for name in those if name in names] for kind, those in stored["wrong"][rule][form].items()
            }
            assert faults == kept, f"{rule}: {form}: {_AGAIN}"


def test_something_is_wrong_in_the_part(part: dict[str, Any]) -> None:
    """So that the test above can fail."""
    faults = [
        name for forms in part["wrong"].values() for kinds in forms.values() for each in kinds.values() for name in each
    ]
    assert len(faults) > 10


def test_the_samples_are_those_of_today(stored: dict[str, Any], declaration: "Callable[[Path], Declaration]") -> None:
    themes = ("architecture", "budget", "forward", "output", "pooling", "presence")
    paths = [path for theme in themes for path in (_TESTS / "submissions" / theme).glob("*.py")]
    paths += (_TESTS / "cheats" / "honest").glob("*.py")
    paths += (_TESTS / "cheats" / "verdict").glob("*_overridden.py")
    declared = [each for path in paths if (each := declaration(path)).assignment == "mnist-20k"]
    graded = [each for each in declared if "loads" not in each.broken]
    assert (stored["graded"], stored["refused"]) == (len(graded), len(declared) - len(graded)), _AGAIN
    for rule, counts in stored["samples"].items():
        broken = sum(rule in each.broken for each in graded)
        assert counts == {"keep": len(graded) - broken, "break": broken}, _AGAIN


def test_the_table_is_that_of_the_stored_counts(stored: dict[str, Any], documents: "dict[str, Document]") -> None:
    text = documents["docs/comparison.md"].text.partition("<!-- comparison -->")[2].partition("<!-- end of")[0]
    rows = re.findall(r"^\| (.*) \| ?([\d,]*) \| ?([\d,]*) ?\|$", text, flags=re.MULTILINE)
    expected = []
    for rule, forms in stored["wrong"].items():
        counts = stored["samples"][rule]
        expected.append((f"**{rule}**: {counts['keep']:,} keep it, {counts['break']:,} break it", "", ""))
        for form, faults in forms.items():
            shown = form if form == "netgrade" else f"`{form}`"
            expected.append((shown, f"{len(faults['false passes']):,}", f"{len(faults['false failures']):,}"))
    assert rows == expected, _AGAIN


def test_netgrade_is_right_on_its_samples(stored: dict[str, Any]) -> None:
    """As the page says, and as tests/test_sample_submissions.py asks of it."""
    assert [forms["netgrade"] for forms in stored["wrong"].values()] == [{"false passes": [], "false failures": []}] * 5
