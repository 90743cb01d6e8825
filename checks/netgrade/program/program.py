"""A capture, decoded, checked and ready to run on the trusted side."""

from typing import Literal

import msgspec
from torch import Tensor

from netgrade.program.bounds import check_memory, is_limited
from netgrade.program.codec import decode
from netgrade.program.model import Capture, Graph
from netgrade.program.run import Step, scores, steps

Mode = Literal["train", "eval"]
BATCH = 8
"""Images in the batch that bounds are taken on."""


class Program(msgspec.Struct, frozen=True):
    """A network as netgrade runs it: two graphs over one set of tensors."""

    capture: Capture
    tensors: tuple[Tensor, ...]
    """The stored tensors as they were sent, in the order of `capture.stored`."""
    train: tuple[Step, ...]
    eval: tuple[Step, ...]

    def graph(self, mode: Mode) -> Graph:
        """Return one of the two graphs as data."""
        return self.capture.train if mode == "train" else self.capture.eval

    def steps(self, mode: Mode) -> tuple[Step, ...]:
        """Return one of the two graphs, ready to run."""
        return self.train if mode == "train" else self.eval

    def fresh_tensors(self) -> list[Tensor]:
        """Return copies of the stored tensors, to be trained or changed."""
        return [
            tensor.clone().requires_grad_(stored.trainable)
            for stored, tensor in zip(self.capture.stored, self.tensors, strict=True)
        ]

    def scores(self, mode: Mode, images: Tensor, tensors: list[Tensor], *, training_steps: int = 1) -> Tensor:
        """Return the scores of a batch, N×classes for a network that is well formed.

        In the train graph batch norm changes its running statistics in `tensors`.
        """
        graph = self.graph(mode)
        return scores(self.steps(mode), graph.output, images, tensors, training_steps=training_steps)


def checked(capture: Capture, tensors: tuple[Tensor, ...]) -> Program:
    """Check both graphs, operator by operator; their shapes and memory are not looked at.

    Raises:
        Refused: the capture is not a program that netgrade runs.
    """
    return Program(capture, tensors, steps(capture.train, len(tensors)), steps(capture.eval, len(tensors)))


def build(capture: Capture, tensors: tuple[Tensor, ...]) -> Program:
    """Check both graphs and bound their memory.

    Raises:
        Refused: the capture is not a program that netgrade runs.
    """
    program = checked(capture, tensors)
    if not is_limited():
        for graph in (program.train, program.eval):
            check_memory(graph, capture.input_shape, tensors, batch=BATCH)
    return program


def read(blob: bytes, trial: int = 0) -> Program:
    """Decode a blob and build its program, with the tensors of one trial.

    Raises:
        Refused: it is not a capture, or not one that netgrade runs.
    """
    return build(*decode(blob, trial))
