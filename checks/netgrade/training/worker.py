"""The training process: does one job after another, read from standard input, until that is closed."""

import contextlib
import io
import os
import traceback
from collections.abc import Iterator

import msgspec
import torch

from netgrade.program.errors import Refused
from netgrade.program.program import read
from netgrade.sandbox import family, frames, limits
from netgrade.training.data import DataError, DataSet, check_shape, load
from netgrade.training.messages import Device, Fault, Job, Said
from netgrade.training.trainer import train

_NO_CUDA = "torch finds no CUDA device here ({}); train on a machine with a GPU, or on the CPU with --train-device cpu"


class NoCudaError(Exception):
    """A GPU is asked for, and there is none."""


def main() -> None:
    """Answer every `Job` on standard input, and end when it is closed."""
    family.die_with(os.getppid())  # else a trainer whose controller was killed would go on to its epoch's end
    with io.FileIO(os.dup(0), "r") as requests, io.FileIO(os.dup(1), "w") as replies:
        os.dup2(2, 1)
        loaded: dict[tuple[str, str | None], DataSet] = {}
        with contextlib.suppress(EOFError, BrokenPipeError):
            while True:
                job = msgspec.msgpack.decode(frames.read(requests, 2 * limits.FRAME), type=Job)
                for said in answers(job, loaded):
                    frames.write(replies, said)


def answers(job: Job, loaded: dict[tuple[str, str | None], DataSet]) -> Iterator[Said]:
    """Do a job; whatever can't be the network's fault ends in a `Fault`.

    `loaded` holds the data sets of earlier jobs, and takes this one's.
    """
    try:
        chosen = device(job.device)
        key = job.data_set, job.data_root
        if key not in loaded:
            loaded[key] = load(job.data_set, job.data_root, environ=os.environ)
        check_shape(loaded[key], job.input_shape, job.classes)
        yield from train(job, read(job.blob, job.trial), loaded[key], chosen)
    except NoCudaError as error:
        yield Fault(kind="no-cuda", message=str(error))
    except DataError as error:
        yield Fault(kind="data", message=str(error))
    except Refused as error:
        yield Fault(kind="ours", message=f"a capture that was accepted for grading is refused for training: {error}")
    except Exception as error:  # noqa: BLE001 - our fault with one network must not end the training of the others
        traceback.print_exc()
        text = "".join(traceback.format_exception_only(error)).strip()
        yield Fault(kind="ours", message=f"netgrade failed while it trained the network: {text}")


def device(asked: Device) -> torch.device:
    """Return the device to train on: `auto` and `cuda` are the first GPU.

    Raises:
        NoCudaError: there is none.
    """
    if asked == "cpu":
        return torch.device("cpu")
    if not torch.cuda.is_available():
        why = "a build for the CPU" if torch.version.cuda is None else "a build for CUDA, but no GPU or no driver"
        raise NoCudaError(_NO_CUDA.format(f"torch {torch.__version__}, {why}"))
    return torch.device("cuda", 0)
