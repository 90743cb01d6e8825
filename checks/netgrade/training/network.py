"""A captured program with tensors that are being trained, on one device and in one memory layout."""

import hashlib

import msgspec
import torch
from torch import Tensor

from netgrade.program.model import Named
from netgrade.program.operators import base, overload
from netgrade.program.program import Mode, Program
from netgrade.program.run import Step, scores
from netgrade.training.dropout import quick

LAYOUT = torch.channels_last
"""Of maps and kernels, on every device: the faster one, and dropout's masks depend on it."""
_CHANNELS_FIRST = 4
"""Dimensions of a map."""


class Network:
    """A program and the tensors that a training changes."""

    def __init__(self, program: Program, tensors: list[Tensor], device: torch.device) -> None:
        adapted = _any_layout if device.type != "cpu" else _on_the_cpu
        self._graphs = {
            "train": (tuple(map(adapted, program.train)), program.capture.train.output),
            "eval": (tuple(map(_any_layout, program.eval)), program.capture.eval.output),
        }
        self.name = program.capture.network
        self.trainable = [stored.trainable for stored in program.capture.stored]
        self.tensors = [
            _laid_out(tensor.detach().to(device)).requires_grad_(trainable)
            for tensor, trainable in zip(tensors, self.trainable, strict=True)
        ]

    @property
    def parameters(self) -> list[Tensor]:
        """The tensors that an optimizer changes."""
        return [tensor for tensor, trainable in zip(self.tensors, self.trainable, strict=True) if trainable]

    @property
    def counts_steps(self) -> bool:
        """Whether a step depends on the number of steps before it, as with BatchNorm(momentum=None)."""
        arguments = (
            argument for step in self._graphs["train"][0] for argument in (*step.node.args, *step.node.kwargs.values())
        )
        return any(isinstance(argument, Named) and argument.kind == "momentum" for argument in arguments)

    def scores(self, mode: Mode, images: Tensor, *, steps: int = 1) -> Tensor:
        """Return the scores of a batch; in the train graph batch norm's statistics change.

        `steps` counts this and earlier training steps.
        """
        graph, output = self._graphs[mode]
        return scores(graph, output, images, self.tensors, training_steps=steps)

    def digest(self) -> str:
        """Return the SHA-256 of all tensors, whatever their layout and device."""
        total = hashlib.sha256()
        for tensor in self.tensors:
            plain = tensor.detach().cpu().contiguous().flatten()
            total.update(plain.view(torch.uint8).numpy().tobytes())
        return total.hexdigest()


def _laid_out(tensor: Tensor) -> Tensor:
    if tensor.dim() == _CHANNELS_FIRST:
        return tensor.clone(memory_format=LAYOUT)
    return tensor.clone()


def _on_the_cpu(step: Step) -> Step:
    return quick(_any_layout(step))


def _any_layout(step: Step) -> Step:
    """Let a view of a map be a copy where the layout asks for one: in single assignment nobody can tell."""
    if base(step.node.op) not in ("view", "_unsafe_view"):
        return step
    if step.node.op not in ("view.default", "_unsafe_view.default"):
        return step
    return msgspec.structs.replace(step, call=overload("reshape.default"))
