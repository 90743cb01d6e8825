"""Trainings of a run, in a real process, on a few images: interrupted and resumed."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from msgspec.structs import replace
from torch import nn

from netgrade.assignment import Assignment, load, with_options
from netgrade.capture.files import Files
from netgrade.capture.network import capture_network
from netgrade.facts.model import Facts
from netgrade.grading import reports
from netgrade.messages import Examined
from netgrade.reports.live import Screen
from netgrade.reports.report import Report
from netgrade.rules import learns
from netgrade.session.options import Options
from netgrade.session.trainings import Trainings, seeds
from netgrade.training.record import Record, RecordError, read

if TYPE_CHECKING:
    from tests.conftest import Tiny


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(784, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.head(x.flatten(1))
        return scores


@pytest.fixture(scope="module")
def blob() -> bytes:
    here = Path(__file__)
    return capture_network("Net", Net, (1, 28, 28), Files(here, here.parent), seeds=(0, 1, 2, 3, 4))


@pytest.fixture
def assignment(tiny: "Tiny", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Assignment:
    tiny.put(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("netgrade.training.curve.draw", lambda *_: None)  # nobody looks at them here
    return with_options(load("tiny.toml", folder=tmp_path), epochs=2)


@pytest.fixture
def train(examined: Examined, assignment: Assignment, blob: bytes, tmp_path: Path) -> Iterator[Callable[..., Report]]:
    """Return a function that trains the network; the user presses Ctrl-C after so many epochs in all."""
    told: list[str] = []
    stop = [0]

    class Pressed(Screen):
        def passed(self, epoch: object) -> None:
            super().passed(epoch)  # type: ignore[arg-type]
            stop[0] -= 1
            if stop[0] == 0:
                raise KeyboardInterrupt

    def begin(held: Assignment, *, output: str, stop_after: int = 0) -> Report:
        stop[0] = stop_after
        how = Options(device="cpu", output=tmp_path / output, data_root=tmp_path / "data", anyway=False, timeout=600.0)
        (report,) = reports(examined, held, path="net.py")
        trainings = Trainings(
            held, how, lambda: Pressed(lambda lines: told.extend(each.text for each in lines), lambda: 100, tmp_path)
        )
        with closing(trainings):
            return trainings.train(report, lambda: blob)

    begin.told = told  # type: ignore[attr-defined]
    yield begin
    assert assignment.training is not None


def kept(folder: Path, seed: int) -> Record:
    return read(folder / f"net-seed{seed}.json")


def test_ctrl_c_in_the_second_of_five_seeds_changes_no_verdict(
    train: Callable[..., Report], assignment: Assignment, tmp_path: Path
) -> None:
    train(assignment, output="one")
    # A limit that the first seed just reaches leaves doubt, so `auto` trains all five.
    assert assignment.training is not None
    close = 100 * kept(tmp_path / "one", 0).trial.best / 50
    auto = replace(assignment, training=replace(assignment.training, accuracy=close))
    auto = with_options(auto, seeds="auto")
    assert seeds(auto, wanted=True) == (0, 1, 2, 3, 4)
    whole = train(auto, output="whole")
    with pytest.raises(KeyboardInterrupt):
        train(auto, output="parts", stop_after=3)
    broken = kept(tmp_path / "parts", 1)
    assert (broken.trial.ending, len(broken.trial.epochs)) == ("interrupted", 1)
    told = train.told  # type: ignore[attr-defined]
    assert told[-1] == "  interrupted after epoch 1 of 2: its record is whole, and the same command goes on from there"
    resumed = train(auto, output="parts")
    assert "  goes on after epoch 1, from an earlier run's checkpoint" in told
    assert resumed.trained == whole.trained
    for seed in range(5):
        assert kept(tmp_path / "parts", seed).trial.digest == kept(tmp_path / "whole", seed).trial.digest


def test_no_record_takes_the_place_of_anothers(
    examined: Examined, assignment: Assignment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise RecordError("the disk is full")

    monkeypatch.setattr("netgrade.session.trainings.train", full)
    how = Options(device="cpu", output=tmp_path, data_root=None, anyway=False, timeout=600.0)
    (report,) = reports(examined, assignment, path="aa.py")
    with closing(Trainings(assignment, how, lambda: Screen(print, lambda: 80, tmp_path))) as trainings:
        said = [trainings.train(replace(report, network=name), lambda: b"").trained[1] for name in ("AA", "Aa", "B")]
    assert [(each.outcome, each.message) for each in said] == [
        ("error", "the disk is full"),
        ("error", "its record would take the place of that of AA in aa.py; train it in a run of its own"),
        ("error", "the disk is full"),
    ]


def test_a_quick_training_that_fails_leaves_the_other_networks_judged(
    examined: Examined, assignment: Assignment, tmp_path: Path
) -> None:
    (facts,) = examined.networks
    assert isinstance(facts, Facts)
    how = Options(device="cpu", output=tmp_path, data_root=None, anyway=False, timeout=600.0)
    with closing(Trainings(assignment, how, lambda: Screen(lambda _: None, lambda: 100, tmp_path))) as trainings:
        taught = trainings.learn(facts, "net.py", b"damaged")
    finding = learns.check(taught, learns.Settings())
    assert finding.unknown.startswith("a capture that was accepted for grading is refused for training: ")
