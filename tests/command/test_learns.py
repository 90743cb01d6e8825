"""`netgrade check --learns` and `netgrade train --learns`: the plugin's quick training, words and exit codes."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from netgrade.command import main
from netgrade.facts.model import Facts
from netgrade.messages import Failure
from netgrade.training.client import TrainingError
from netgrade.training.messages import Fault

if TYPE_CHECKING:
    from tests.command.conftest import StandIn
    from tests.conftest import Tiny

Capture = pytest.CaptureFixture[str]
CHECK = ["check", "net.py", "--assignment=tiny.toml", "--learns"]


@pytest.fixture
def folder(tiny: "Tiny", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Start where a network and a few images lie, at a terminal 200 columns wide."""
    tiny.put(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


def test_a_network_that_learns(folder: Path, capsys: Capture) -> None:
    assert main([*CHECK, "--report=json=a.json"]) == 0
    out = capsys.readouterr().out
    assert "  ✓ learns " in out
    assert "of 1,000 test images after 6 epochs on 2,000 images" in out
    assert out.endswith("\n2 passed\n")
    (network,) = json.loads((folder / "a.json").read_text(encoding="utf-8"))["networks"]
    assert [each["rule"] for each in network["checks"]] == ["parameter-budget", "learns"]
    assert not (folder / "netgrade-out").exists()


def test_scores_that_no_loss_should_get(folder: Path, tiny: "Tiny", capsys: Capture) -> None:
    (folder / "net.py").write_text(tiny.net.replace("flatten(1))", "flatten(1)).relu()"), encoding="utf-8")
    assert main(CHECK) == 1
    out = capsys.readouterr().out
    assert "  ✗ learns " in out
    assert out.endswith("\n1 failed, 1 passed\n")


def test_it_comes_before_the_training(folder: Path, tiny: "Tiny", capsys: Capture) -> None:
    (folder / "net.py").write_text(tiny.net.replace("flatten(1))", "flatten(1)).relu()"), encoding="utf-8")
    assert main(["train", *CHECK[1:], "--data-root=data", "--device=cpu"]) == 1
    out = capsys.readouterr().out
    assert "  ✗ test-accuracy             not trained, because of learns" in out
    assert out.endswith("\n2 failed, 1 skipped\n")


def test_nobody_pays_who_does_not_ask(server: "StandIn", small_net: Facts, capsys: Capture) -> None:
    server.has("net.py", small_net)
    assert main(["check", "net.py"]) == 0
    assert [task.keep for task in server.tasks] == [False]
    assert "learns" not in capsys.readouterr().out


def test_a_file_without_a_network_is_not_trained(server: "StandIn", capsys: Capture) -> None:
    server.has("net.py", Failure(stage="load", message="line 3 is no Python"))
    assert main(["check", "net.py", "--learns"]) == 1
    assert [task.keep for task in server.tasks] == [True]
    assert capsys.readouterr().out.endswith("\n1 failed\n")


@pytest.mark.parametrize("command", [["check"], ["train", "--device=cpu"]])
def test_an_assignment_of_other_images(
    server: "StandIn", small_net: Facts, capsys: Capture, command: list[str]
) -> None:
    server.has("net.py", small_net)
    assert main([*command, "net.py", "--learns", "--assignment=cifar10-200k"]) == 4
    assert capsys.readouterr().err.endswith(
        "Error: --learns: the images of digits are 1×28×28 and 10 classes, the assignment has 3×32×32 and 10 classes\n"
    )


def test_a_quick_training_that_fails_leaves_the_one_network_unjudged(
    folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise TrainingError(Fault(kind="ours", message="the training process ended with signal 9"))

    monkeypatch.setattr("netgrade.session.trainings.train", fail)
    assert main(CHECK) == 1
    assert "the training process ended with signal 9" in capsys.readouterr().out
    assert folder
