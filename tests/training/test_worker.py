"""The training process: what it answers, and that it never outlives its controller."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
import torch
from msgspec.structs import replace
from torch import nn

from netgrade.capture.files import Files
from netgrade.capture.network import capture_network
from netgrade.training.client import Trainer, TrainingError
from netgrade.training.messages import Began, Fault, Job, Passed, Ready
from netgrade.training.recipe import Recipe
from netgrade.training.worker import answers


class Tiny(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(784, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.head(x.flatten(1))
        return scores


@pytest.fixture(scope="module")
def job() -> Job:
    here = Path(__file__)
    return Job(
        blob=capture_network("Tiny", Tiny, (1, 28, 28), Files(here, here.parent)),
        seed=0,
        epochs=1,
        recipe=Recipe(batch=64),
        data_set="digits",
        input_shape=(1, 28, 28),
        classes=10,
        device="cpu",
    )


def fault(job: Job) -> Fault:
    *_, said = answers(job, {})
    assert isinstance(said, Fault)
    return said


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
@pytest.mark.parametrize("device", ["auto", "cuda"])
def test_no_gpu(job: Job, device: str) -> None:
    said = fault(replace(job, device=device))
    assert said.kind == "no-cuda"
    assert said.message.startswith(f"torch finds no CUDA device here (torch {torch.__version__}, a build for ")
    assert said.message.endswith("; train on a machine with a GPU, or on the CPU with --train-device cpu")


def test_images_of_another_shape(job: Job) -> None:
    assert fault(replace(job, input_shape=(3, 32, 32))) == Fault(
        kind="data",
        message="digits has images of 1×28×28, the assignment's networks take 3×32×32; "
        "change the assignment's `data-set` or its `input-shape`",
    )


def test_no_data(job: Job, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NETGRADE_DATA", raising=False)
    monkeypatch.setattr("netgrade.training.data.fetch", lambda known, path: "no network")  # noqa: ARG005 - its signature
    said = fault(replace(job, data_set="mnist", data_root=str(tmp_path)))
    assert said.kind == "data"
    assert said.message.startswith("MNIST was not found: ")
    assert f"and it can't be fetched into {tmp_path}" in said.message


def test_a_blob_that_is_no_capture(job: Job) -> None:
    said = fault(replace(job, blob=b"nothing"))
    assert said.kind == "ours"
    assert said.message.startswith("a capture that was accepted for grading is refused for training: ")


def test_a_process_trains_two_networks_and_ends(job: Job) -> None:
    told: list[Began | Ready | Passed] = []
    with Trainer() as trainer:
        first = trainer.train(job, told.append)
        second = trainer.train(job, lambda said: None)  # noqa: ARG005 - nothing is done with it
        with pytest.raises(TrainingError, match="digits has images of"):
            trainer.train(replace(job, input_shape=(1, 32, 32)), told.append)
        process = trainer._process  # noqa: SLF001 - nobody else needs it
        assert process is not None
    assert [type(said) for said in told] == [Began, Ready, Passed]
    assert (first.ending, len(first.epochs)) == ("finished", 1)
    assert first.digest == second.digest
    assert process.returncode is not None
    assert gone(process.pid)


def test_a_trial_that_takes_too_long_is_ended_and_what_it_has_shown_is_kept(job: Job) -> None:
    told: list[Began | Ready | Passed] = []
    with Trainer() as trainer:
        trial = trainer.train(replace(job, epochs=2_000), told.append, limit=5)
        assert trainer.train(job, told.append).ending == "finished"  # by another process
    assert (trial.ending, trial.message) == ("slow", "its training takes longer than 5 s")
    assert trial.hint == (
        "make the maps smaller or the layers fewer, so that an epoch takes less time, or raise --train-timeout"
    )
    assert len(trial.epochs) == len([said for said in told if isinstance(said, Passed)]) - 1


def test_a_process_that_has_ended_between_two_networks_is_started_anew(job: Job) -> None:
    with Trainer() as trainer:
        first = trainer.train(job, print)
        process = trainer._process  # noqa: SLF001 - nobody else needs it
        assert process
        process.kill()
        process.wait()
        assert trainer.train(job, print).digest == first.digest


def test_a_trainer_that_is_killed_is_no_fault_of_the_network(job: Job) -> None:
    with Trainer() as trainer:

        def kill(_said: Began | Ready | Passed) -> None:
            process = trainer._process  # noqa: SLF001 - nobody else needs it
            assert process
            process.kill()

        with pytest.raises(TrainingError, match="was killed, as systems do that run out of memory"):
            trainer.train(replace(job, epochs=2_000), kill)


PARENT = """
import sys
import msgspec
from netgrade.training.client import Trainer
from netgrade.training.messages import Job, Passed

trainer = Trainer()
job = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Job)

def tell(said):
    if isinstance(said, Passed):
        print(trainer._process.pid, flush=True)

trainer.train(job, tell)
"""


def test_it_ends_with_a_parent_that_is_killed(job: Job) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:  # noqa: S603 - our own command
        assert parent.stdin
        assert parent.stdout
        parent.stdin.write(msgspec.msgpack.encode(replace(job, epochs=100_000)))
        parent.stdin.close()
        trainer = int(parent.stdout.readline())
        assert not gone(trainer)
        parent.send_signal(signal.SIGKILL)
    until(lambda: gone(trainer))


def gone(pid: int) -> bool:
    """Return whether a process has ended; one that nobody has waited for counts as ended."""
    try:
        os.kill(pid, 0)
        return "Z" in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return True


def until(holds: Callable[[], bool]) -> None:
    """Wait for what must come; a test that waits for a minute has failed."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.1)
    pytest.fail("the training process lives on")
