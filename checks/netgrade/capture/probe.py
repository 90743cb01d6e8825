"""The fidelity probe: does the recorded graph train as the network itself does?

Two steps of gradient descent on each, from the same weights, images and random numbers. Networks whose graph is all
they do end on the same bits; an own backward, a hook, a value read in forward or Python's random numbers show as a
difference. It runs beside the submission, so it is a diagnosis and never a proof.
"""

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from netgrade.capture import walk
from netgrade.program.program import Program

BATCH = 4
STEPS = 2
RATE = 0.05
TOLERANCE = 1e-5
"""Relative. Honest networks differ by at most 1.5e-8, the smallest fault tried by 2e-4."""


class Gap(NamedTuple):
    """The largest relative differences between a network's scores and its program's."""

    train: float
    """In two training steps."""
    eval: float
    """In eval mode, after these."""


def difference(network: nn.Module, program: Program) -> Gap:
    """Train a network and its program for two steps and return how their scores differ.

    The network is trained by this: capture it first. Whatever it raises is passed on.
    """
    images = torch.randn((BATCH, *program.capture.input_shape), generator=torch.Generator().manual_seed(101))
    trainable = [parameter for _, parameter in walk.parameters(network) if parameter.requires_grad]
    tensors = program.fresh_tensors()
    theirs = _train(_network_forward(network), trainable, images, salt=1)
    ours = _train(
        _program_forward(program, tensors), [tensor for tensor in tensors if tensor.requires_grad], images, salt=2
    )
    gaps = [_relative(one, other) for one, other in zip(theirs, ours, strict=True)]
    return Gap(max(gaps[:-1]), gaps[-1])


Forward = Callable[[str, Tensor, int], Tensor]


def _network_forward(network: nn.Module) -> Forward:
    def forward(mode: str, images: Tensor, _: int) -> Tensor:
        network.train(mode == "train")
        scores: Tensor = network(images)
        return scores

    return forward


def _program_forward(program: Program, tensors: list[Tensor]) -> Forward:
    def forward(mode: str, images: Tensor, step: int) -> Tensor:
        return program.scores("train" if mode == "train" else "eval", images, tensors, training_steps=step)

    return forward


def _train(forward: Forward, trainable: Sequence[Tensor], images: Tensor, *, salt: int) -> list[Tensor]:
    seen = []
    for parameter in trainable:
        parameter.grad = None
    for step in range(1, STEPS + 1):
        _seed(step, salt)
        scores = forward("train", images + 0.1 * step, step)
        seen.append(scores.detach().clone())
        if trainable and scores.requires_grad:
            _descend(scores, trainable)
    _seed(STEPS + 1, salt)
    with torch.no_grad():
        seen.append(forward("eval", images, STEPS).clone())
    return seen


def _seed(step: int, salt: int) -> None:
    torch.default_generator.manual_seed(step)
    random.seed(step + 1000 * salt)  # what depends on Python's numbers must not agree by chance
    np.random.seed(step + 1000 * salt)  # noqa: NPY002 - the student's code draws from the legacy generator


def _descend(scores: Tensor, trainable: Sequence[Tensor]) -> None:
    flat = scores.reshape(BATCH, -1) if scores.numel() % BATCH == 0 else scores.reshape(1, -1)
    weights = torch.linspace(0.5, 1.5, flat.shape[1])
    loss = -(torch.log_softmax(flat.float(), dim=1) * weights).mean()
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    with torch.no_grad():
        for parameter in trainable:
            if parameter.grad is not None:
                parameter.sub_(RATE * parameter.grad)
                parameter.grad = None


def _relative(one: Tensor, other: Tensor) -> float:
    if one.shape != other.shape:
        return float("inf")
    if not one.numel():
        return 0.0
    gap = (one.double() - other.double()).abs()
    scale = one.double().abs().nan_to_num(0.0, 0.0, 0.0).max().clamp(min=1e-6)
    both_broken = (one == other) | (one.isnan() & other.isnan())
    return float((gap / scale).masked_fill(both_broken, 0.0).nan_to_num(float("inf")).max())
