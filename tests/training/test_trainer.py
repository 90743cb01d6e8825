"""Trainings of small networks on 61 small images, on the CPU."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from msgspec.structs import replace
from torch import nn

from netgrade.facts.training import Trial
from netgrade.program.program import Mode, Program
from netgrade.training.data import DataSet, Split
from netgrade.training.endings import OperatorError, ending
from netgrade.training.feed import Feed, Normal
from netgrade.training.messages import Began, Ended, Job, Passed, Ready
from netgrade.training.network import Network
from netgrade.training.recipe import Recipe
from netgrade.training.reinitialize import reinitialized
from netgrade.training.schedule import learning_rates
from netgrade.training.step import Stepper
from netgrade.training.trainer import correct, train

CPU = torch.device("cpu")
SHAPE = (1, 8, 8)
SGD = Recipe(optimizer="sgd", learning_rate=0.05, batch=16)
ADAMW = Recipe(batch=16)
ProgramOf = Callable[..., Program]


class Small(nn.Module):
    """Without dropout."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3, bias=False)  # before a batch norm its gradient were noise
        self.norm = nn.BatchNorm2d(4)
        self.head = nn.Linear(4 * 6 * 6, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.norm(self.conv(x)))
        scores: torch.Tensor = self.head(x.view(x.size(0), -1))
        return scores


class Dropping(Small):
    """With dropout."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = nn.functional.dropout(torch.relu(self.norm(self.conv(x))), 0.2, self.training)
        scores: torch.Tensor = self.head(x.flatten(1))
        return scores


class LogProbabilities(Small):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.log_softmax(super().forward(x), 1)


class DroppingInEval(Small):
    """It draws in eval mode too."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = super().forward(nn.functional.dropout(x, 0.5))
        return scores


class Complex(Small):
    """One of its parameters has complex numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.phase = nn.Parameter(torch.randn(10, dtype=torch.cfloat))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = super().forward(x) * torch.view_as_real(self.phase).sum(1)
        return scores


class HalfFrozen(Small):
    def __init__(self) -> None:
        super().__init__()
        self.conv.weight.requires_grad = False


class Frozen(Small):
    def __init__(self) -> None:
        super().__init__()
        self.requires_grad_(requires_grad=False)


class Plain(nn.Module):
    """Nothing holds its values."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(64, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.head(x.flatten(1))
        return scores


class Fours(Plain):
    """Trains on batches that four divides, and on no others."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.training:
            x = x.view(4, -1, 1, 8, 8).flatten(0, 1)
        return super().forward(x)


def data_set(count: int = 61) -> DataSet:
    """Make images that a network can tell apart in spite of their noise."""
    source = torch.Generator().manual_seed(7)
    shapes = torch.randint(0, 190, (10, *SHAPE), generator=source)

    def split(images: int) -> Split:
        labels = torch.arange(images) % 10
        noise = torch.randint(0, 60, (images, *SHAPE), generator=source)
        return Split((noise + shapes[labels]).to(torch.uint8), labels)

    return DataSet("MNIST", split(count), split(40), full=False)


DATA = data_set()


def job(recipe: Recipe = ADAMW, **others: Any) -> Job:  # noqa: ANN401 - any field
    plain = Job(
        blob=b"", seed=0, epochs=3, recipe=recipe, data_set="MNIST", input_shape=SHAPE, classes=10, device="cpu"
    )
    return replace(plain, **others)


def trial_of(program: Program, asked: Job, data: DataSet = DATA) -> Trial:
    *_, ended = train(asked, program, data, CPU)
    assert isinstance(ended, Ended)
    return ended.trial


def counts(trial: Trial) -> list[tuple[int, float, int, int, int]]:
    """Return everything of the epochs but their time."""
    return [(e.number, e.loss, e.train_correct, e.train_images, e.test_correct) for e in trial.epochs]


def stepper_of(
    program: Program, recipe: Recipe = ADAMW, *, epochs: int = 2, seed: int = 0, data: DataSet = DATA
) -> Stepper:
    feed = Feed(data.train, Normal(data.train.images, CPU), recipe, seed, CPU)
    per_epoch = -(-feed.count // recipe.batch)
    return Stepper(
        Network(program, list(program.tensors), CPU), feed, recipe, learning_rates(recipe, per_epoch * epochs)
    )


def test_what_is_said_of_a_training(program_of: ProgramOf) -> None:
    program = program_of(Small, SHAPE)
    began, ready, *passed, ended = train(job(), program, DATA, CPU)
    assert began == Began(
        data_set="MNIST", device="cpu", test_images=40, full=False, versions={"torch": torch.__version__}
    )
    assert isinstance(ready, Ready)
    assert (ready.details, ready.resumed) == (("float32",), ())
    assert isinstance(ended, Ended)
    assert [said.epoch for said in passed if isinstance(said, Passed)] == list(ended.trial.epochs)
    assert len(passed) == 3
    assert ended.trial.start == ready.start
    assert (ended.trial.ending, ended.trial.message, ended.trial.remarks) == ("finished", "", ())
    assert [epoch.train_images for epoch in ended.trial.epochs] == [61, 61, 61]


def test_it_learns(program_of: ProgramOf) -> None:
    plain = Recipe(batch=16, rotation=0, shift=0, scale=0)
    trial = trial_of(program_of(Small, SHAPE), job(plain, epochs=12))
    assert trial.epochs[-1].loss < trial.epochs[0].loss / 2
    assert trial.last >= 24  # of 40; a guess gets 4


@pytest.mark.parametrize("recipe", [ADAMW, SGD], ids=["adamw", "sgd"])
def test_two_runs_are_the_same_and_a_seed_decides(program_of: ProgramOf, recipe: Recipe) -> None:
    program = program_of(Dropping, SHAPE)
    first = trial_of(program, job(recipe))
    other = trial_of(program, job(recipe, seed=1))
    again = trial_of(program, job(recipe))  # after another trial in the same process
    assert (counts(again), again.digest) == (counts(first), first.digest)
    assert other.digest != first.digest


def test_what_ran_before_changes_nothing(program_of: ProgramOf) -> None:
    program = program_of(DroppingInEval, SHAPE)
    first, again = (torch.manual_seed(number) and trial_of(program, job()) for number in (1, 2))
    assert (first.start, counts(first), first.digest) == (again.start, counts(again), again.digest)


@pytest.mark.parametrize("recipe", [ADAMW, SGD], ids=["adamw", "sgd"])
def test_complex_parameters_are_trained(program_of: ProgramOf, recipe: Recipe) -> None:
    trial = trial_of(program_of(Complex, SHAPE), job(recipe))
    assert trial.ending == "finished"
    assert len(trial.epochs) == 3


def until(asked: Job, program: Program, number: int) -> None:
    """Train until an epoch is over, and stop there."""
    said: Iterator[Began | Ready | Passed | Ended] = train(asked, program, DATA, CPU)
    assert any(isinstance(each, Passed) and each.epoch.number == number for each in said)
    said.close()  # type: ignore[attr-defined] # it is a generator


@pytest.mark.parametrize("recipe", [ADAMW, SGD], ids=["adamw", "sgd"])
@pytest.mark.parametrize("done", [1, 2])
def test_an_interrupted_trial_goes_on_as_if_it_had_not_been(
    program_of: ProgramOf, tmp_path: Path, recipe: Recipe, done: int
) -> None:
    program = program_of(Dropping, SHAPE)
    whole = trial_of(program, job(recipe))
    asked = job(recipe, checkpoints=str(tmp_path))
    until(asked, program, done)
    _, ready, *passed, ended = train(asked, program, DATA, CPU)
    assert isinstance(ready, Ready)
    assert isinstance(ended, Ended)
    assert [epoch.number for epoch in ready.resumed] == list(range(1, done + 1))
    assert len(passed) == 3 - done
    assert ended.trial.start == whole.start
    assert (counts(ended.trial), ended.trial.digest) == (counts(whole), whole.digest)


@pytest.mark.parametrize(
    "change",
    [{"seed": 1}, {"epochs": 4}, {"recipe": SGD}, {"blob": b"another network"}],
    ids=lambda change: str(*change),
)
def test_a_checkpoint_of_another_job_is_not_used(program_of: ProgramOf, tmp_path: Path, change: dict[str, Any]) -> None:
    program = program_of(Small, SHAPE)
    kept: dict[str, Any] = {"checkpoints": str(tmp_path)}
    until(job(**kept), program, 1)
    _, ready, *_ = train(job(**kept, **change), program, DATA, CPU)
    assert isinstance(ready, Ready)
    assert ready.resumed == ()


def test_a_checkpoint_of_other_data_is_not_used(program_of: ProgramOf, tmp_path: Path) -> None:
    program = program_of(Small, SHAPE)
    asked = job(checkpoints=str(tmp_path))
    until(asked, program, 1)
    other = DataSet("MNIST", Split(DATA.train.images.flip(3), DATA.train.labels), DATA.test, full=False)
    _, ready, *_ = train(asked, program, other, CPU)
    assert isinstance(ready, Ready)
    assert ready.resumed == ()


@pytest.mark.parametrize("harm", [b"", b"no checkpoint at all"])
def test_a_damaged_checkpoint_is_not_used(program_of: ProgramOf, tmp_path: Path, harm: bytes) -> None:
    program = program_of(Small, SHAPE)
    asked = job(checkpoints=str(tmp_path))
    until(asked, program, 1)
    (path,) = tmp_path.iterdir()
    path.write_bytes(harm)
    assert trial_of(program, asked).digest == trial_of(program, job()).digest


def test_a_trial_that_is_over_leaves_no_checkpoint_and_an_old_one_is_removed(
    program_of: ProgramOf, tmp_path: Path
) -> None:
    program = program_of(Small, SHAPE)
    until(job(checkpoints=str(tmp_path), seed=1), program, 1)
    (old,) = tmp_path.iterdir()
    until(job(checkpoints=str(tmp_path), seed=2), program, 1)
    assert old.exists()
    os.utime(old, (0, 0))
    trial_of(program, job(checkpoints=str(tmp_path)))
    assert [path for path in tmp_path.iterdir() if path.name == old.name] == []
    assert len(list(tmp_path.iterdir())) == 1  # of seed 2


def test_two_runs_at_once_write_no_file_together(program_of: ProgramOf, tmp_path: Path) -> None:
    """Another run of the same job may be writing beside the checkpoint just now."""
    program = program_of(Small, SHAPE)
    asked = job(checkpoints=str(tmp_path))
    until(asked, program, 1)
    (path,) = tmp_path.iterdir()
    path.with_suffix(".part").mkdir()
    trial = trial_of(program, asked)
    assert trial.ending == "finished"
    assert trial.remarks == ()


def test_a_folder_that_cannot_be_written_to_is_a_remark(program_of: ProgramOf, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    trial = trial_of(program_of(Small, SHAPE), job(checkpoints=str(file / "folder")))
    assert trial.ending == "finished"
    assert trial.remarks == (
        f"if it is interrupted it starts anew: {file / 'folder'} can't be written to: Not a directory",
    )


@pytest.mark.parametrize("recipe", [ADAMW, SGD], ids=["adamw", "sgd"])
@pytest.mark.parametrize("count", [61, 48, 49])
def test_steps_one_by_one_are_those_of_a_whole_chunk(program_of: ProgramOf, recipe: Recipe, count: int) -> None:
    """A CUDA graph replays `one`; here it runs as it is. 61 leave a short last batch, 49 one image, 48 none."""
    program, data = program_of(Small, SHAPE), data_set(count)
    chunked, one_by_one = stepper_of(program, recipe, data=data), stepper_of(program, recipe, data=data)
    for number in (1, 2):
        images = chunked.epoch(number)
        assert one_by_one.epoch(number, one_by_one.one) == images == (48 if count == 49 else count)
    assert one_by_one.steps == chunked.steps
    for name, value in chunked.named_state().items():
        assert torch.equal(one_by_one.named_state()[name], value), name
    assert torch.equal(one_by_one.loss, chunked.loss)
    assert torch.equal(one_by_one.correct, chunked.correct)


def loop(recipe: Recipe, optimizer: torch.optim.Optimizer, network: nn.Module) -> list[float]:
    """Train as a tutorial does; the images alone come from the feed."""
    feed = Feed(DATA.train, Normal(DATA.train.images, CPU), recipe, 0, CPU)
    rates = iter(learning_rates(recipe, 8))
    losses = []
    for number in (1, 2):
        feed.shuffle(number)
        total = 0.0
        for places in torch.split(torch.arange(61), 16):
            images, labels = feed.take(places)
            for group in optimizer.param_groups:
                group["lr"] = next(rates)
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(network(images), labels)
            torch.autograd.backward(loss)
            optimizer.step()
            total += loss.item() * len(labels)
        losses.append(total / 61)
    return losses


@pytest.mark.parametrize("recipe", [ADAMW, SGD], ids=["adamw", "sgd"])
def test_it_is_the_plain_loop(program_of: ProgramOf, recipe: Recipe) -> None:
    program = program_of(Small, SHAPE)
    names = [stored.name for stored in program.capture.stored]
    network = Small()
    network.forward = lambda x: network.head(torch.relu(network.norm(network.conv(x))).flatten(1))  # type: ignore[method-assign]
    network.load_state_dict(dict(zip(names, program.tensors, strict=True)), strict=False)
    optimizer: torch.optim.Optimizer = (
        torch.optim.AdamW(network.parameters(), weight_decay=recipe.weight_decay)
        if recipe.optimizer == "adamw"
        else torch.optim.SGD(network.parameters(), momentum=recipe.momentum, weight_decay=recipe.weight_decay)
    )
    expected = loop(recipe, optimizer, network)
    stepper = stepper_of(program, recipe)
    losses = [_loss(stepper, number) for number in (1, 2)]
    assert losses == pytest.approx(expected, abs=1e-5)
    theirs = network.state_dict()
    for name, tensor in zip(names, stepper.network.tensors, strict=True):
        torch.testing.assert_close(tensor.detach(), theirs[name], rtol=0, atol=1e-5, check_stride=False)


def _loss(stepper: Stepper, number: int) -> float:
    images = stepper.epoch(number)
    return float(stepper.loss) / images


def test_log_probabilities_and_logits_train_alike(program_of: ProgramOf) -> None:
    logits = trial_of(program_of(Small, SHAPE), job())
    logs = trial_of(program_of(LogProbabilities, SHAPE), job())
    assert [e.loss for e in logs.epochs] == pytest.approx([e.loss for e in logits.epochs], abs=1e-4)
    assert [e.test_correct for e in logs.epochs] == [e.test_correct for e in logits.epochs]


@pytest.mark.parametrize(
    "recipe", [replace(ADAMW, weight_decay=0.5), replace(SGD, weight_decay=0.5)], ids=["adamw", "sgd"]
)
def test_a_frozen_parameter_stays_frozen(program_of: ProgramOf, recipe: Recipe) -> None:
    program = program_of(HalfFrozen, SHAPE)
    stepper = stepper_of(program, recipe)
    stepper.epoch(1)
    changed = {
        stored.name: not torch.equal(before, after)
        for stored, before, after in zip(program.capture.stored, program.tensors, stepper.network.tensors, strict=True)
    }
    assert not changed.pop("conv.weight")
    assert changed
    assert all(changed.values()), changed


def test_nothing_to_train(program_of: ProgramOf) -> None:
    trial = trial_of(program_of(Frozen, SHAPE), job())
    assert (trial.ending, trial.message) == ("frozen", "Frozen has no parameter that can be trained")
    assert trial.hint == "leave requires_grad on"
    assert trial.epochs == ()


def test_a_loss_that_is_no_number_ends_it_and_the_epochs_before_are_kept(program_of: ProgramOf) -> None:
    # Each step multiplies the weights by 1 - 1·1000, so that they are beyond float32 in the fourth epoch.
    growing = Recipe(optimizer="sgd", learning_rate=1, schedule="constant", momentum=0, weight_decay=1000, batch=16)
    trial = trial_of(program_of(Plain, SHAPE), job(growing, epochs=8))
    kept = len(trial.epochs)
    assert trial.ending == "diverged"
    assert 1 <= kept < 8
    assert trial.message == f"the loss of Plain became NaN or infinite in epoch {kept + 1}"
    assert trial.hint == "a layer lets values grow without bound; batch norm after each convolution holds them"


def test_a_batch_that_the_network_refuses(program_of: ProgramOf) -> None:
    trial = trial_of(program_of(Fours, SHAPE), job())  # the last batch has 13 images
    assert trial.ending == "refused"
    assert trial.message.startswith("Fours can't be trained on a batch of 13 images: shape '[4, ")
    assert trial.hint == "forward must run on a batch of any size"
    assert trial.epochs == ()


def short(network: Network, most: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let a network have memory for so many images alone, and return a list of how many it is given at a time."""
    given: list[int] = []
    scores = network.scores

    def run(mode: Mode, images: torch.Tensor, *, steps: int = 1) -> torch.Tensor:
        given.append(len(images))
        if len(images) > most:
            raise torch.OutOfMemoryError("out of memory")
        return scores(mode, images, steps=steps)

    monkeypatch.setattr(network, "scores", run)
    return given


def test_where_memory_is_short_fewer_test_images_are_looked_at_at_a_time(
    program_of: ProgramOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = program_of(Small, SHAPE)
    network = Network(program, list(program.tensors), CPU)
    images, labels = torch.randn(210, *SHAPE), torch.arange(210) % 10
    expected = correct(network, images, labels)
    given = short(network, 60, monkeypatch)
    assert correct(network, images, labels) == expected
    assert given == [210, 200, *[40] * 5, 10]


def test_too_little_memory_for_the_smallest_batch_is_said(
    program_of: ProgramOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = program_of(Small, SHAPE)
    network = Network(program, list(program.tensors), CPU)
    short(network, 1, monkeypatch)
    with pytest.raises(OperatorError) as raised:
        correct(network, torch.randn(50, *SHAPE), torch.arange(50) % 10)
    assert ending(raised.value, "Small") == (
        "memory",
        "the device has too little memory for Small and a batch of 40 images",
        "make the maps smaller or fewer, or set a smaller `batch` in [training.recipe]",
    )


def test_every_parameter_is_drawn_anew_where_that_is_asked_for(program_of: ProgramOf) -> None:
    program = program_of(Small, SHAPE)
    kept, drawn = trial_of(program, job()), trial_of(program, job(reinitialize=True))
    anew = Program(program.capture, tuple(reinitialized(program, job().seed)), program.train, program.eval)
    assert kept.digest != drawn.digest
    assert trial_of(anew, job()).digest == drawn.digest
    other = tuple(tensor.flatten().flip(0).view_as(tensor) for tensor in program.tensors)  # of the same mean and spread
    shipped = Program(program.capture, other, program.train, program.eval)
    for ours, theirs in zip(reinitialized(program, 0), reinitialized(shipped, 0), strict=True):
        torch.testing.assert_close(ours, theirs)
