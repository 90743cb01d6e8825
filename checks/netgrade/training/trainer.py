"""Trains one network from one seed, from its first look at the data to the last epoch.

Everything is float32. Algorithms are deterministic where torch has such; where it has none a remark says so.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from torch import Tensor

from netgrade.facts.training import Ending, Epoch, Trial
from netgrade.program.program import Program
from netgrade.training import checkpoint
from netgrade.training.data import DataSet
from netgrade.training.draws import generator
from netgrade.training.endings import BrokenOffError, DivergedError, FrozenError, OperatorError, ending, operators
from netgrade.training.feed import Feed, Normal
from netgrade.training.messages import Began, Ended, Job, Passed, Ready
from netgrade.training.network import Network
from netgrade.training.reinitialize import reinitialized
from netgrade.training.reproducible import reproducible
from netgrade.training.schedule import learning_rates
from netgrade.training.step import Stepper, record

EVALUATION = (1000, 200, 40)
"""Test images in a batch; the smaller numbers where memory is too short for the larger ones."""


def train(job: Job, program: Program, data: DataSet, device: torch.device) -> Iterator[Began | Ready | Passed | Ended]:
    """Train a network for the job's epochs, and say what came of it.

    Yields:
        The beginning, each epoch, and the trial. What goes wrong for the network's sake is the trial's ending, and
        what it has shown before that is kept.
    """
    network = Network(program, reinitialized(program, job.seed) if job.reinitialize else list(program.tensors), device)
    yield Began(
        data_set=data.name,
        device=device_name(device),
        test_images=len(data.test.labels),
        full=data.full,
        versions={"torch": str(torch.__version__)}
        | ({"cuda": torch.version.cuda or ""} if device.type == "cuda" else {}),
    )
    start = 0
    epochs: list[Epoch] = []
    how: Ending = "finished"
    message = hint = ""
    with reproducible() as remarks:
        try:
            for said in _run(job, network, data, device, remarks):
                match said:
                    case Ready(resumed=resumed):
                        start = said.start
                        epochs.extend(resumed)
                    case Passed(epoch=epoch):
                        epochs.append(epoch)
                yield said
        except BrokenOffError as error:
            how, message, hint = ending(error, network.name)
    yield Ended(
        trial=Trial(
            seed=job.seed,
            start=start,
            epochs=tuple(epochs),
            ending=how,
            message=message,
            hint=hint,
            digest=network.digest(),
            remarks=tuple(remarks),
        )
    )


@torch.no_grad()
def correct(network: Network, images: Tensor, labels: Tensor) -> int:
    """Count the images whose highest score is that of their own class; among equal scores the first one counts."""
    *larger, smallest = EVALUATION
    for size in larger:
        found = _correct_if_it_fits(network, images, labels, size)
        if found is not None:
            return found
    return _correct(network, images, labels, smallest)


def _correct_if_it_fits(network: Network, images: Tensor, labels: Tensor, size: int) -> int | None:
    try:
        return _correct(network, images, labels, size)
    except OperatorError as error:
        if not error.memory:
            raise
        return None


def _correct(network: Network, images: Tensor, labels: Tensor, size: int) -> int:
    found = torch.zeros((), dtype=torch.int64, device=images.device)
    for batch, expected in zip(torch.split(images, size), torch.split(labels, size), strict=True):
        with operators(len(batch)):
            found += (network.scores("eval", batch).argmax(1) == expected).sum()
    return int(found)


def _run(
    job: Job, network: Network, data: DataSet, device: torch.device, remarks: list[str]
) -> Iterator[Ready | Passed]:
    normal = Normal(data.train.images, device)
    test = normal(data.test.images.to(device).float().div(255)), data.test.labels.to(device)
    # A network may draw in eval mode too: what was drawn before, for another one, must not matter.
    torch.manual_seed(generator(job.seed, "start").initial_seed())
    start = correct(network, *test)
    if not network.parameters:
        raise FrozenError
    feed = Feed(data.train, normal, job.recipe, job.seed, device)
    per_epoch = feed.count // job.recipe.batch + (feed.count % job.recipe.batch > 1)
    stepper = Stepper(network, feed, job.recipe, learning_rates(job.recipe, per_epoch * job.epochs))
    kept = checkpoint.Checkpoint(Path(job.checkpoints), job, stepper, data) if job.checkpoints else None
    done = kept.load() if kept else ()
    replay = _recorded(stepper, device, remarks)
    yield Ready(start=start, details=("float32", *(["CUDA graph"] if replay else [])), resumed=done)
    for number in range(len(done) + 1, job.epochs + 1):
        epoch = _epoch(job, stepper, replay, number, test)
        done = (*done, epoch)
        if kept and (why := kept.save(done)):
            remarks.append(why)
            kept = None
        yield Passed(epoch=epoch)
    if kept:
        kept.remove()


def _epoch(
    job: Job, stepper: Stepper, replay: Callable[[], None] | None, number: int, test: tuple[Tensor, Tensor]
) -> Epoch:
    began = time.perf_counter()
    # Dropout draws from the device's own generator, which no epoch inherits from the one before.
    torch.manual_seed(generator(job.seed, "dropout", number).initial_seed())
    images = stepper.epoch(number, replay)
    loss = float(stepper.loss) / images
    if not torch.tensor(loss).isfinite():
        raise DivergedError(number)
    return Epoch(
        number=number,
        loss=loss,
        train_correct=int(stepper.correct),
        train_images=images,
        test_correct=correct(stepper.network, *test),
        seconds=time.perf_counter() - began,
    )


def _recorded(stepper: Stepper, device: torch.device, remarks: list[str]) -> Callable[[], None] | None:
    """Record the step as a CUDA graph where there is a GPU; say so where it can't be done."""
    if device.type != "cuda":
        return None
    if stepper.network.counts_steps:
        remarks.append("no CUDA graph: BatchNorm(momentum=None) counts its steps")
        return None
    try:
        return record(stepper)
    except OperatorError as error:
        # Where it is for want of memory, or the network's own fault, the eager step says so.
        remarks.append(f"no CUDA graph: {str(error).splitlines()[0][:200]}")
        return None


def device_name(device: torch.device) -> str:
    """Return `cpu`, or the name of the GPU."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
