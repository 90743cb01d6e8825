"""`netgrade show`: the layers of a network, those of a block bracketed."""

from typing import TYPE_CHECKING

import pytest

from netgrade.command import main
from netgrade.facts.model import Facts
from netgrade.messages import Failure

if TYPE_CHECKING:
    from tests.command.conftest import StandIn

Capture = pytest.CaptureFixture[str]


def _marks(lines: list[str]) -> list[tuple[str, str]]:
    """Return bracket and layer of the lines that have a bracket."""
    return [(line[2], line.split()[2]) for line in lines if len(line) > 2 and line[2] in "┌│└·"]


def test_the_layers_by_blocks(server: "StandIn", small_net: Facts, capsys: Capture) -> None:
    server.has("net.py", small_net)
    assert main(["show", "net.py"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("net.py · Net · 1,432 parameters · ")
    assert "    input 1×28×28" in lines
    assert _marks(lines) == [
        ("┌", "block1.0"),
        ("│", "block1.2"),
        ("└", "block1.3"),
        ("·", "pool"),
        ("┌", "block2.0"),
        ("│", "block2.2"),
        ("└", "block2.3"),
        ("·", "gap"),
        ("·", "head"),
        ("·", "–"),
    ]
    assert lines[-2].split()[:2] == ["total", "1,432"]


def test_every_operator(server: "StandIn", small_net: Facts, capsys: Capture) -> None:
    server.has("net.py", small_net)
    assert main(["show", "-vv", "net.py"]) == 0
    assert [layer for _, layer in _marks(capsys.readouterr().out.splitlines())][:2] == ["block1.0", "block1.1"]


def test_a_network_that_breaks_a_rule_is_shown_all_the_same(server: "StandIn", large: Facts) -> None:
    server.has("net.py", large)
    assert main(["show", "net.py"]) == 0


def test_a_network_that_can_not_be_captured(server: "StandIn", capsys: Capture) -> None:
    server.has("net.py", Failure(stage="forward", message="forward raises", network="Net", hint="flatten first"))
    assert main(["show", "net.py"]) == 1
    out = capsys.readouterr().out
    assert "  ✗ loads                     forward raises\n" in out
    assert "→ flatten first" in out
