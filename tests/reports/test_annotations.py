import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from netgrade.facts.model import Place
from netgrade.reports.annotations import annotations, render
from netgrade.reports.report import Report, Run
from netgrade.rules.model import Verdict, Violation

if TYPE_CHECKING:
    from tests.conftest import Golden


def undone(line: str) -> tuple[str, dict[str, str], str]:
    """Read a command as GitHub's runner does: kind, properties, message."""
    kind, told, message = re.fullmatch(r"::(\w+) (.*?)::(.*)", line, re.DOTALL).groups()  # type: ignore[union-attr]
    properties = dict(each.split("=", 1) for each in told.split(","))
    for code, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        properties = {key: value.replace(code, character) for key, value in properties.items()}
        message = message.replace(code, character) if character not in ":," else message
    return kind, properties, message


def broken(report: Report, *places: Place | None) -> Report:
    violations = tuple(Violation(message=f"fault {n}", hint="", place=place) for n, place in enumerate(places))
    return replace(
        report, verdicts=(Verdict(rule="macs", outcome="failed", message="", violations=violations),), notes=()
    )


def test_a_run(run: Run, golden: "Golden") -> None:
    golden.check("annotations.txt", render(run))


def test_all_well_is_one_line_and_no_command(passing: Report, run_of: Callable[..., Run]) -> None:
    assert render(run_of(passing)) == "netgrade: passed · 10 of 10 points\n"


def test_hostile_names_stay_where_they_belong(hostile: Report, run_of: Callable[..., Run]) -> None:
    lines = render(run_of(hostile)).splitlines()
    assert [line[:9] for line in lines] == ["::error f", "::notice ", "netgrade:"]
    kind, properties, message = undone(lines[0])
    (violation,) = hostile.verdicts[0].violations
    assert kind == "error"
    one_line = " ".join(hostile.network.split())
    assert properties == {"file": hostile.path, "title": f"dropout · {one_line}"}
    assert message == f"{violation.message} ({violation.place})\n→ {violation.hint}"


@pytest.mark.parametrize(
    "name", ["a:b.py", "a,b.py", "100%.py", "100%25.py", "a\nb.py", "a\r\nb.py", "a=b.py", "::error::.py", "ü ×.py"]
)
def test_a_file_may_be_called_anything(failing: Report, run_of: Callable[..., Run], name: str) -> None:
    lines = render(run_of(replace(broken(failing, Place(line=3)), path=f"models/{name}"))).split("\n")
    assert len(lines) == 3
    _, properties, message = undone(lines[0])
    assert (properties["file"], properties["line"], message) == (f"models/{name}", "3", "fault 0")


@pytest.mark.parametrize(
    ("path", "place", "file", "line", "message"),
    [
        ("./models/net.py", Place(line=3), "models/net.py", 3, "fault 0"),
        ("net.py", None, "net.py", None, "fault 0"),
        ("a/net.ipynb", Place(line=3, cell=7), "a/net.ipynb", None, "fault 0 (cell 7, line 3)"),
        ("a/net.py", Place(line=3, file="blocks.py"), "a/blocks.py", 3, "fault 0 (blocks.py, line 3)"),
        ("a/net.py", Place(line=3, file="b/c.py"), "a/b/c.py", 3, "fault 0 (b/c.py, line 3)"),
        ("a/net.py", Place(line=3, file="../c.py"), "a/net.py", None, "fault 0 (../c.py, line 3)"),
        ("a/net.py", Place(line=3, file="/etc/c.py"), "a/net.py", None, "fault 0 (/etc/c.py, line 3)"),
    ],
)
def test_where_a_fault_is_shown(  # noqa: PLR0913, PLR0917, one table
    failing: Report,
    run_of: Callable[..., Run],
    path: str,
    place: Place | None,
    file: str,
    line: int | None,
    message: str,
) -> None:
    (found,) = annotations(run_of(replace(broken(failing, place), path=path)))
    assert (found.file, found.line, found.message) == (file, line, message)


def test_a_failure_is_shown_at_the_innermost_line_of_the_file_itself(
    unloadable: Report, run_of: Callable[..., Run]
) -> None:
    (found,) = annotations(run_of(unloadable))
    assert (found.kind, found.file, found.line, found.title) == ("error", "models/broken.py", 29, "loads · Net")
    assert found.message.endswith("is invalid (blocks.py, line 7)\n→ flatten with x.flatten(1)")


def test_a_long_text_is_cut(failing: Report, run_of: Callable[..., Run]) -> None:
    long = replace(broken(failing, None), network="n" * 100_000)
    (verdict,) = long.verdicts
    violation = replace(verdict.violations[0], message="m" * 100_000)
    (command, _) = render(run_of(replace(long, verdicts=(replace(verdict, violations=(violation,)),)))).splitlines()
    _, properties, message = undone(command)
    assert (len(properties["title"]), len(message)) == (300, 4_000)


def test_ten_of_a_kind_are_shown_and_the_others_counted(
    failing: Report, unloadable: Report, run_of: Callable[..., Run]
) -> None:
    many = broken(failing, *[Place(line=line) for line in range(1, 13)])
    noted = replace(unloadable, notes=tuple(f"note {n}" for n in range(11)))
    lines = render(run_of(many, noted)).splitlines()
    assert [sum(line.startswith(f"::{kind} ") for line in lines) for kind in ("error", "warning", "notice")] == [
        10,
        0,
        10,
    ]
    assert lines[-2] == "netgrade: 3 errors and 1 notice more; the job summary has them all"
