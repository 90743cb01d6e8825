"""One training step, and how a device runs it many times.

On the CPU the images of some thousand places are changed at once, and each step takes its part of them. On a GPU the
whole step (choice and change of images, forward, backward, optimizer) is recorded once as a CUDA graph and replayed:
it counts its own place on the device, so that nothing is sent to the GPU between two steps.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from netgrade.training.endings import operators
from netgrade.training.feed import Feed
from netgrade.training.network import Network
from netgrade.training.recipe import Recipe

_CHUNK = 5000
"""Images changed at once on the CPU, about."""
_WARM_UP = 3
"""Steps before a CUDA graph is recorded, in which libraries choose their algorithms."""


class Stepper:
    """The state of a training: network, optimizer, learning rates, and what the epoch has shown so far."""

    def __init__(self, network: Network, feed: Feed, recipe: Recipe, rates: list[float]) -> None:
        device = feed.device
        self.network = network
        self._feed = feed
        self._recipe = recipe
        self._rates = torch.tensor(rates, device=device)
        self._rate = torch.tensor(rates[0], device=device)
        self.steps = 0
        self._step = torch.zeros(1, dtype=torch.int64, device=device)
        self._place = torch.zeros(1, dtype=torch.int64, device=device)
        self._batch = torch.arange(recipe.batch, device=device)
        self.loss = torch.zeros((), device=device)
        self.correct = torch.zeros((), dtype=torch.int64, device=device)
        self.optimizer = _optimizer(network.parameters, recipe, self._rate, device)

    def epoch(self, number: int, replay: Callable[[], None] | None = None) -> int:
        """Train on every image once, and return how many that is: a last batch of a single image is left out.

        `replay` does what `one` does, for all whole batches.
        """
        self._feed.shuffle(number)
        self.loss.zero_()
        self.correct.zero_()
        count, size = self._feed.count, self._recipe.batch
        whole = 0
        self._place.zero_()
        if replay:
            whole = count // size
            for _ in range(whole):
                replay()
        self.steps += whole
        self._in_chunks(whole * size, count)
        return count - (count % size == 1)

    def one(self) -> None:
        """Train on the whole batch that is next by the device's own count."""
        images, labels = self._feed.take(self._place + self._batch)
        self._train(images, labels)
        self._place += self._recipe.batch

    def named_state(self) -> dict[str, Tensor]:
        """Return every tensor that a step changes; the optimizer's exist once it has stepped."""
        named = {f"tensor.{position}": tensor for position, tensor in enumerate(self.network.tensors)}
        named["step"] = self._step
        for position, parameter in enumerate(self.network.parameters):
            kept = self.optimizer.state.get(parameter, {})
            named |= {f"moment.{position}.{key}": value for key, value in kept.items() if isinstance(value, Tensor)}
        return named

    @torch.no_grad()
    def resume(self, named: dict[str, Tensor], steps: int) -> None:
        """Put back what `named_state` has returned."""
        self.steps = steps
        parameters = self.network.parameters
        for name, value in named.items():
            kind, _, rest = name.partition(".")
            if kind == "moment":
                position, _, key = rest.partition(".")
                parameter = parameters[int(position)]
                # The optimizer makes it like this itself, at its first step.
                like = parameter if value.dim() else self._rate
                self.optimizer.state[parameter][key] = torch.empty_like(like, requires_grad=False).copy_(value)
            else:
                self.named_state()[name].copy_(value)

    def _in_chunks(self, first: int, end: int) -> None:
        size = self._recipe.batch
        chunk = max(1, _CHUNK // size) * size
        for start in range(first, end, chunk):
            stop = min(start + chunk, end)
            images, labels = self._feed.take(torch.arange(start, stop, device=self._feed.device))
            for offset in range(0, stop - start, size):
                part = slice(offset, offset + size)
                if len(labels[part]) > 1:
                    self.steps += 1
                    self._train(images[part], labels[part])

    def _train(self, images: Tensor, labels: Tensor) -> None:
        self._rate.copy_(self._rates.index_select(0, self._step).squeeze(0))
        self.optimizer.zero_grad(set_to_none=True)
        with operators(len(labels)):
            scores = self.network.scores("train", images, steps=self.steps)
            loss = F.cross_entropy(scores, labels, label_smoothing=self._recipe.label_smoothing)
            torch.autograd.backward(loss)
        self.optimizer.step()
        self._step += 1
        self.loss += loss.detach() * len(labels)
        self.correct += (scores.detach().argmax(1) == labels).sum()


def record(stepper: Stepper) -> Callable[[], None]:
    """Record `stepper.one` as a CUDA graph and return what replays it; the training's state stays as it was.

    Raises:
        OperatorError: something in the step can't be recorded.
    """
    before = {name: tensor.detach().clone() for name, tensor in stepper.named_state().items()}
    stream = torch.cuda.Stream()  # type: ignore[no-untyped-call] # torch gives it no types
    try:
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(_WARM_UP):
                stepper.one()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            stepper.one()
    finally:
        torch.cuda.synchronize()
        restore(stepper, before)
    replay: Callable[[], None] = graph.replay
    return replay


@torch.no_grad()
def restore(stepper: Stepper, before: dict[str, Tensor]) -> None:
    """Put a state back. What the optimizer has begun to keep since then becomes zero, as if it had never stepped."""
    for name, tensor in stepper.named_state().items():
        if name in before:
            tensor.copy_(before[name])
        else:
            tensor.zero_()


def _optimizer(parameters: list[Tensor], recipe: Recipe, rate: Tensor, device: torch.device) -> torch.optim.Optimizer:
    fused = not any(parameter.is_complex() for parameter in parameters)  # torch has no fused step for these
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(
            parameters, lr=rate, momentum=recipe.momentum, weight_decay=recipe.weight_decay, fused=fused
        )
    return torch.optim.AdamW(
        parameters, lr=rate, weight_decay=recipe.weight_decay, fused=fused, capturable=device.type == "cuda"
    )
