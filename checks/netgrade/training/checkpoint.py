"""Where an interrupted trial goes on from: one safetensors file, written after each epoch.

It holds every tensor that a step changes; nothing in it is pickled. Orders, augmentation and dropout are drawn anew for
each epoch, so no generator's state is needed. Its name is a digest of all that the result depends on. It lies in the
user's own cache: into the folder of the records a pull request could put one that has learned elsewhere.
"""

import contextlib
import hashlib
import time
from pathlib import Path

import msgspec
import safetensors
import safetensors.torch
import torch

from netgrade import __version__
from netgrade.facts.training import Epoch
from netgrade.placing import place
from netgrade.training.data import DataSet
from netgrade.training.messages import Job
from netgrade.training.step import Stepper

_KEPT = 30 * 24 * 3600
"""Seconds after which a checkpoint that nobody has gone on from is removed."""


class _State(msgspec.Struct, frozen=True):
    """What a checkpoint says beside its tensors."""

    key: str
    steps: int
    epochs: tuple[Epoch, ...]


class Checkpoint:
    """The checkpoint of one trial."""

    def __init__(self, folder: Path, job: Job, stepper: Stepper, data: DataSet) -> None:
        self._key = _key(job, stepper, data)
        self._path = folder / f"{self._key}.safetensors"
        self._stepper = stepper

    def load(self) -> tuple[Epoch, ...]:
        """Put what was kept into the training, and return the epochs that are done; none if nothing was kept."""
        if not self._path.is_file():
            return ()
        with contextlib.suppress(safetensors.SafetensorError, msgspec.DecodeError, KeyError, OSError):
            with safetensors.safe_open(self._path, framework="pt") as file:
                state = msgspec.json.decode(file.metadata()["netgrade"], type=_State)
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
            if state.key == self._key:
                self._stepper.resume(tensors, state.steps)
                return state.epochs
        return ()

    def save(self, epochs: tuple[Epoch, ...]) -> str:
        """Keep the training as it is, in place of what was kept before, whole or not at all.

        Returns:
            Why nothing can be kept, in one line; empty if it is.
        """
        state = _State(self._key, self._stepper.steps, epochs)
        tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in self._stepper.named_state().items()}
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            place(self._path, safetensors.torch.save(tensors, {"netgrade": msgspec.json.encode(state).decode()}))
            self._sweep()
        except OSError as error:
            return f"if it is interrupted it starts anew: {self._path.parent} can't be written to: {error.strerror}"
        return ""

    def remove(self) -> None:
        """Keep nothing: the trial is over."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Remove what lies there for long."""
        oldest = time.time() - _KEPT
        for path in self._path.parent.glob("*.safetensors"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()


def _key(job: Job, stepper: Stepper, data: DataSet) -> str:
    """Return a digest of all that the result depends on."""
    plain = msgspec.structs.replace(job, checkpoints=None, data_root=None)
    digest = hashlib.sha256(msgspec.msgpack.encode(plain))
    for tensor in (data.train.images, data.train.labels, data.test.images, data.test.labels):
        digest.update(tensor.contiguous().numpy().tobytes())
    device = stepper.loss.device
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else torch.backends.cpu.get_cpu_capability()
    digest.update(f"{__version__} {torch.__version__} {name} {torch.get_num_threads()}".encode())
    return digest.hexdigest()
