"""Where an interrupted trial goes on from: one safetensors file, written after each epoch.

It holds every tensor that a step changes; nothing in it is pickled. Orders, augmentation and dropout are drawn anew for
each epoch, so no generator's state is needed. A file of another job, torch or device is not used.
"""

import contextlib
import hashlib
from pathlib import Path

import msgspec
import safetensors
import safetensors.torch
import torch

from netgrade.facts.training import Epoch
from netgrade.training.messages import Job
from netgrade.training.step import Stepper


class _State(msgspec.Struct, frozen=True):
    """What a checkpoint says beside its tensors."""

    key: str
    steps: int
    epochs: tuple[Epoch, ...]


def save(path: Path, job: Job, stepper: Stepper, epochs: tuple[Epoch, ...]) -> None:
    """Write a checkpoint in place of an earlier one, whole or not at all."""
    state = _State(_key(job, stepper), stepper.steps, epochs)
    tensors = {name: tensor.detach().cpu().contiguous() for name, tensor in stepper.named_state().items()}
    beside = path.with_name(f"{path.name}.part")
    beside.write_bytes(safetensors.torch.save(tensors, {"netgrade": msgspec.json.encode(state).decode()}))
    beside.replace(path)


def load(path: Path, job: Job, stepper: Stepper) -> tuple[Epoch, ...]:
    """Put a checkpoint's tensors into a training, and return the epochs that it has behind it; none without a file."""
    if not path.is_file():
        return ()
    with contextlib.suppress(safetensors.SafetensorError, msgspec.DecodeError, KeyError):
        with safetensors.safe_open(path, framework="pt") as file:
            state = msgspec.json.decode(file.metadata()["netgrade"], type=_State)
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - it is no mapping
        if state.key == _key(job, stepper):
            stepper.resume(tensors, state.steps)
            return state.epochs
    return ()


def _key(job: Job, stepper: Stepper) -> str:
    """Return a digest of all that the result depends on."""
    plain = msgspec.structs.replace(job, checkpoint=None, data_root=None)
    machine = f"{torch.__version__} {stepper.loss.device} {torch.get_num_threads()}"
    return hashlib.sha256(msgspec.msgpack.encode(plain) + machine.encode()).hexdigest()
