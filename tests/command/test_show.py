"""`netgrade show`: the layers of a network, those of a block bracketed."""

import os
import subprocess
import sys
from pathlib import Path
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
    total = next(number for number, line in enumerate(lines) if line.split()[:1] == ["total"])
    assert lines[total].split()[:2] == ["total", "1,432"]
    assert lines[total + 1 :] == ["", "torchinfo's summary of the rebuilt program", "", "table of Net", "====", ""]


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


def test_each_network_has_its_own_summary(server: "StandIn", small_net: Facts, large: Facts, capsys: Capture) -> None:
    server.has("net.py", small_net, Failure(stage="forward", message="forward raises", network="Bad"), large)
    assert main(["show", "net.py"]) == 1
    out = capsys.readouterr().out
    assert out.count("torchinfo's summary of the rebuilt program\n") == 2
    drawn, bad, large_one = (out.index(text) for text in ("· Net ·", "forward raises", "· Large ·"))
    assert drawn < out.index("table of Net") < bad < large_one < out.index("table of Large")


def test_a_real_network(tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    code = (
        "import sys; from netgrade.command import main; code = main();"
        "print(sorted({'torch', 'torchinfo', 'numpy'} & sys.modules.keys())); sys.exit(code)"
    )
    done = subprocess.run(  # noqa: S603 - fixed words
        [sys.executable, "-c", code, "show", str(root / "models/netv3.py")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    table = (root / "tests/golden/torchinfo-netv3.txt").read_text(encoding="utf-8")
    assert done.stdout.endswith(f"\n\ntorchinfo's summary of the rebuilt program\n\n{table}\n[]\n")
