"""`netgrade train`: the plugin's trainings, words and records, and exit codes that a script can trust."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch

from netgrade.command import main
from netgrade.facts.model import Facts
from netgrade.facts.training import Epoch
from netgrade.messages import Failure
from netgrade.reports.live import Screen
from netgrade.training.record import Record, read

if TYPE_CHECKING:
    from tests.command.conftest import StandIn
    from tests.conftest import Tiny

Capture = pytest.CaptureFixture[str]
TRAIN = ["train", "net.py", "--assignment=tiny.toml", "--data-root=data"]
ON_CPU = [*TRAIN, "--device=cpu"]
no_cuda = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")


@pytest.fixture
def folder(tiny: "Tiny", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Start where a network and a few images lie, at a terminal 100 columns wide."""
    tiny.put(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def interrupt(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Have the user press Ctrl-C after so many epochs in all."""
    passed, told = Screen.passed, []

    def press(self: Screen, epoch: Epoch) -> None:
        passed(self, epoch)
        told.append(epoch)
        if len(told) == after:
            raise KeyboardInterrupt

    monkeypatch.setattr(Screen, "passed", press)


def record(seed: int = 0) -> Record:
    return read(Path("netgrade-out") / f"net-seed{seed}.json")


def test_it_trains_and_keeps_a_record(folder: Path, capsys: Capture) -> None:
    assert main([*ON_CPU, "--seed=3", "--report=json=a.json"]) == 0
    out = capsys.readouterr().out
    kept = record(3)
    assert (kept.network, kept.data_set, kept.device) == ("Net", "KMNIST", "cpu")
    assert (kept.trial.ending, len(kept.trial.epochs)) == ("finished", 3)
    lines = out.splitlines()
    assert lines[0] == "Net · KMNIST (a part: 50 test images) · 3 epochs · seed 3 · cpu, float32"
    for epoch in kept.trial.epochs:
        assert f"{epoch.loss:.4f}" in out
    assert "  record: netgrade-out/net-seed3.json" in lines
    assert "  ✓ untrained-start           " in out
    assert "  ✓ test-accuracy             " in out
    assert "parameter-budget" not in out
    assert lines[-1] == "2 passed"
    (network,) = json.loads((folder / "a.json").read_text(encoding="utf-8"))["networks"]
    assert [each["rule"] for each in network["checks"]] == ["parameter-budget", "untrained-start", "test-accuracy"]


def test_a_curve_that_can_not_be_written_changes_no_verdict(folder: Path, capsys: Capture) -> None:
    pytest.importorskip("matplotlib")
    (folder / "netgrade-out/net-seed0.svg").mkdir(parents=True)
    assert main([*ON_CPU, "--epochs=1", "--anyway"]) in (0, 1)
    out = capsys.readouterr().out
    assert "no curve is drawn: its files in" in out
    assert "netgrade-out can't be written: Is a directory" in " ".join(out.split())
    assert record().trial.ending == "finished"
    assert [each.name for each in (folder / "netgrade-out").iterdir() if "json" not in each.name] == ["net-seed0.svg"]


def test_a_broken_rule_stands_before_the_training(folder: Path, tiny: "Tiny", capsys: Capture) -> None:
    (folder / "net.py").write_text(tiny.large, encoding="utf-8")
    assert main(ON_CPU) == 1
    out = capsys.readouterr().out
    assert "  ✗ parameter-budget          23,860 is not fewer than 20,000" in out
    assert "  – untrained-start           can't be checked until the network is trained; test-accuracy says" in out
    assert "  ✗ test-accuracy             not trained, because of parameter-budget" in out
    assert out.endswith("2 failed, 1 skipped\n")
    assert not (folder / "netgrade-out").exists()


def test_a_file_that_can_not_be_loaded_is_said_once(folder: Path, server: "StandIn", capsys: Capture) -> None:
    server.has("net.py", Failure(stage="load", message="line 3 is no Python", hint="close the bracket"))
    assert main([*ON_CPU, "--report=json=a.json"]) == 1
    out = capsys.readouterr().out
    assert out.count("line 3 is no Python") == 1
    assert out.endswith("\n1 failed\n")
    (network,) = json.loads((folder / "a.json").read_text(encoding="utf-8"))["networks"]
    assert [each["outcome"] for each in network["checks"]] == ["failed", "skipped", "failed"]


def test_anyway_it_is_trained_and_fails_by_that_rule_alone(folder: Path, tiny: "Tiny", capsys: Capture) -> None:
    (folder / "net.py").write_text(tiny.large, encoding="utf-8")
    assert main([*ON_CPU, "--anyway", "-q"]) == 1
    out = capsys.readouterr().out
    assert "epoch" not in out.partition("✗")[0]
    assert out.endswith("1 failed, 2 passed\n")
    assert record().trial.ending == "finished"


@no_cuda
@pytest.mark.parametrize("more", [[], ["-q"]])
def test_without_a_gpu_nothing_is_judged(folder: Path, capsys: Capture, more: list[str]) -> None:
    assert main([*TRAIN, *more]) == 5
    assert not (folder / "netgrade-out").exists()
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2].startswith("nothing was judged, so this run is no pass: torch finds no CUDA device here (torch ")
    assert lines[-1] == "2 skipped"


@no_cuda
def test_a_gpu_that_is_asked_for_and_missing_is_an_error(folder: Path, capsys: Capture) -> None:
    assert main([*TRAIN, "--device=cuda"]) == 1
    assert not (folder / "netgrade-out").exists()
    assert capsys.readouterr().out.endswith("1 can't be judged, 1 skipped\n")


def test_what_was_trained_before_ctrl_c_is_judged(
    folder: Path, tiny: "Tiny", capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "b.py").write_text(tiny.net, encoding="utf-8")
    interrupt(monkeypatch, after=2)
    assert main([*ON_CPU, "b.py", "--epochs=1"]) == 2
    out = capsys.readouterr().out
    assert "\nnet.py · Net · 7,850 parameters" in out
    assert "\nb.py · " not in out
    assert out.endswith("\n2 passed\n")


def test_ctrl_c_leaves_a_record_and_the_same_command_goes_on(
    folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert folder
    with monkeypatch.context() as patch:
        interrupt(patch, after=2)
        assert main(ON_CPU) == 2
    shown = capsys.readouterr()
    assert shown.out.splitlines()[-1] == (
        "  interrupted after epoch 2 of 3: its record is whole, and the same command goes on from there"
    )
    assert shown.err.endswith("\nnetgrade: interrupted\n")
    assert "Traceback" not in shown.err
    assert (record().trial.ending, len(record().trial.epochs)) == ("interrupted", 2)
    assert main(ON_CPU) == 0
    assert "  goes on after epoch 2, from an earlier run's checkpoint\n" in capsys.readouterr().out
    assert (record().trial.ending, len(record().trial.epochs)) == ("finished", 3)


@pytest.fixture
def examined(folder: Path, server: "StandIn", small_net: Facts, tiny: "Tiny") -> Path:
    """Start where the network's examination is literal data, and nothing is trained."""
    server.has("net.py", small_net)
    (folder / "plain.toml").write_text(tiny.assignment.partition("[training]")[0], encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--epochs=0"], "Error: --epochs: must be a whole number, at least 1 and at most 10,000, not 0\n"),
        (["--epochs=x"], "Invalid value for '--epochs': 'x' is not a valid integer."),
        (["--epochs=4"], "Error: --epochs: 4 is above the 3 of tiny.toml, which are the most\n"),
        (["--seed=-1"], "Error: --seed: must be a whole number, at least 0 and at most 2,147,483,648, not -1\n"),
        (["--seeds=0"], "Error: --seeds: must be "),
        (
            ["--accuracy-at=lsat"],
            '"last" or "last-K", such as "last-3", not "lsat"; did you mean `last`?\n',
        ),
        (["--data-root=dta"], "Error: --data-root dta: no such folder; did you mean `data`?\n"),
        (["--data-root=net.py"], "Error: --data-root net.py: no folder; name the one that holds the data"),
        (["--output=net.py/a"], "net.py is no folder; name another\n"),
        (["--device=gpu"], "Invalid value for '--device' / '--train-device': 'gpu' is not one of 'auto', 'cuda', "),
        (["--assignment=plain.toml"], "Error: plain.toml asks for no training; add a table [training]\n"),
        (["--model-timeout=inf"], "'inf' is no number of seconds above 0"),
    ],
)
def test_a_mistake(examined: Path, capsys: Capture, arguments: list[str], message: str) -> None:
    assert main([*ON_CPU, *arguments]) == 4
    assert message in capsys.readouterr().err
    assert not (examined / "netgrade-out").exists()


def test_the_plugins_names_of_the_options_are_known_too(examined: Path, capsys: Capture) -> None:
    assert main([*TRAIN, "--train-device=cpu", "--train-output=net.py", "--train-anyway"]) == 4
    assert f"Error: --output {examined / 'net.py'}: " in capsys.readouterr().err
