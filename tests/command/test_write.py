"""`netgrade check --report`: files beside the summary, and no mistake found only after the grading."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from netgrade.command import main
from netgrade.facts.model import Facts

if TYPE_CHECKING:
    from tests.command.conftest import StandIn

Capture = pytest.CaptureFixture[str]


def test_reports_are_written_whatever_the_verdict(server: "StandIn", large: Facts, capsys: Capture) -> None:
    server.has("net.py", large)
    assert main(["check", "net.py", "--report", "json=run.json", "--report", "github=-"]) == 1
    document = json.loads(Path("run.json").read_text(encoding="utf-8"))
    assert document["points"] == {"earned": 9, "possible": 10}
    lines = capsys.readouterr().out.splitlines()
    verdict = lines.index("1 failed, 9 passed")
    assert lines[verdict + 1].startswith("::error file=net.py,")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("jsno=run.json", "--report jsno=run.json: unknown format `jsno`; did you mean `json`?"),
        ("json=net.py", "--report json=net.py: net.py is the submission; name another file"),
    ],
)
def test_a_mistake(server: "StandIn", small_net: Facts, capsys: Capture, value: str, message: str) -> None:
    server.has("net.py", small_net)
    assert main(["check", "net.py", "--report", value]) == 4
    assert message in capsys.readouterr().err
    assert server.tasks == []
