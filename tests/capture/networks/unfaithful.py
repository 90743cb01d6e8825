"""Networks whose recorded graph is not all that they do: each must be refused, and the refusal must say why."""

import random

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Based(nn.Module):
    """What the others share around `body`."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, stride=3)
        self.classes = nn.Conv2d(8, 10, 1)

    def forward(self, x: Tensor) -> Tensor:
        return F.log_softmax(self.classes(self.body(self.conv(x))).mean((2, 3)), dim=1)


class Twice(torch.autograd.Function):
    """Doubles, and lies about its derivative."""

    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, gradient):
        return gradient * 5


class OwnBackward(Based):
    """training steps the scores differ by"""

    def body(self, x: Tensor) -> Tensor:
        return Twice.apply(x)


class BackwardHook(Based):
    """`classes` has a backward hook; remove it"""

    def __init__(self) -> None:
        super().__init__()
        self.classes.register_full_backward_hook(lambda module, inputs, outputs: (inputs[0] * 3,))

    def body(self, x: Tensor) -> Tensor:
        return x


class ParameterHook(Based):
    """`conv.weight` has a backward hook; remove it"""

    def __init__(self) -> None:
        super().__init__()
        self.conv.weight.register_hook(lambda gradient: gradient * 3)

    def body(self, x: Tensor) -> Tensor:
        return x


class ItemScale(Based):
    """reads the values of a tensor (`item`)"""

    def body(self, x: Tensor) -> Tensor:
        return x * x.mean().item()


class ParameterItem(Based):
    """reads the values of a tensor (`item`)"""

    def body(self, x: Tensor) -> Tensor:
        return x * float(self.conv.weight.sum())


class NumpyScale(Based):
    """a tensor from outside of it that is not the same every time"""

    def body(self, x: Tensor) -> Tensor:
        return x * torch.from_numpy(x.numpy().mean(keepdims=True))


class DetachedNumpy(Based):
    """a tensor from outside of it that is not the same every time"""

    def body(self, x: Tensor) -> Tensor:
        return x * torch.from_numpy(x.detach().numpy().mean(keepdims=True))


class Branch(Based):
    """reads the values of a tensor (`is_nonzero`)"""

    def body(self, x: Tensor) -> Tensor:
        return x * 2 if x.sum() > 1e9 else x


class SwallowedBranch(Based):
    """reads the values of a tensor (`is_nonzero`)"""

    def body(self, x: Tensor) -> Tensor:
        try:
            return x * 2 if x.sum() > 1e9 else x
        except Exception:  # noqa: BLE001 - the fault that is tried
            return x


class PythonRandomDepth(Based):
    """does not do the same every time"""

    def body(self, x: Tensor) -> Tensor:
        for _ in range(random.randint(1, 30)):
            x = torch.relu(x)
        return x


class PythonRandomScale(Based):
    """does not do the same every time: `mul.Tensor` is given"""

    def body(self, x: Tensor) -> Tensor:
        return x * random.random()


class NumpyNoise(Based):
    """a tensor from outside of it that is not the same every time"""

    def body(self, x: Tensor) -> Tensor:
        return x + torch.from_numpy(np.random.rand(1, 8, 1, 1).astype("float32"))


class SeededDraw(Based):
    """training steps the scores differ by"""

    def body(self, x: Tensor) -> Tensor:
        torch.manual_seed(0)
        return x + torch.randn(8, 1, 1)


class Counter(Based):
    """does not do the same every time"""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def body(self, x: Tensor) -> Tensor:
        self.calls += 1
        return x * self.calls


class LateSwitch(Based):
    """training steps the scores differ by"""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def body(self, x: Tensor) -> Tensor:
        self.calls += 1
        return torch.tanh(x) if self.calls > 6 else x


class BufferMemory(Based):
    """forward reads a buffer that it has changed"""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("average", torch.zeros(8, 1, 1))

    def body(self, x: Tensor) -> Tensor:
        self.average.mul_(0.9).add_(x.detach().mean((0, 2, 3)).view(8, 1, 1))
        return x - self.average


class ReplacedBuffer(Based):
    """forward replaces its buffer `average`"""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("average", torch.zeros(8, 1, 1))

    def body(self, x: Tensor) -> Tensor:
        self.average = 0.9 * self.average + 1
        return x - self.average


class ListMemory(Based):
    """a tensor from outside of it that is not the same every time"""

    def __init__(self) -> None:
        super().__init__()
        self.seen = [torch.zeros(8, 1, 1)]

    def body(self, x: Tensor) -> Tensor:
        y = x + self.seen[-1]
        self.seen.append(x.detach().mean((0, 2, 3)).view(8, 1, 1))
        return y


class ParameterWrite(Based):
    """changes its own parameter in place with `clamp_`"""

    def body(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            self.conv.weight.clamp_(-1, 1)
        return x


class DataWrite(Based):
    """changes its own parameter in place with `clamp_`"""

    def body(self, x: Tensor) -> Tensor:
        self.conv.weight.data.clamp_(-1, 1)
        return x


class WriteUnderNoGrad(Based):
    """training steps the scores differ by"""

    def body(self, x: Tensor) -> Tensor:
        y = x * 1
        with torch.no_grad():
            y.mul_(2)
        return y


class WriteThroughDetach(Based):
    """a write in place through `detach`"""

    def body(self, x: Tensor) -> Tensor:
        y = x * 1
        y.detach().mul_(2)
        return y


class ByBatchSize(Based):
    """does not do the same every time"""

    def body(self, x: Tensor) -> Tensor:
        return torch.relu(x) if x.size(0) > 6 else torch.tanh(x)


class BatchOfOne(Based):
    """something else for a batch of one image"""

    def body(self, x: Tensor) -> Tensor:
        return torch.relu(x) if x.size(0) > 1 else x


class UnknownOperator(Based):
    """uses the operator `linalg_svd`, which netgrade does not know"""

    def body(self, x: Tensor) -> Tensor:
        return x * torch.linalg.svd(x.flatten(1))[1][:, :, None, None]


class SpectralNorm(Based):
    """forward writes with out= with `div`, which no graph can follow"""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.utils.spectral_norm(nn.Conv2d(8, 8, 1))

    def body(self, x: Tensor) -> Tensor:
        return self.mix(x)


class OwnGenerator(Based):
    """passes a Generator to an operator"""

    def body(self, x: Tensor) -> Tensor:
        return x + torch.randn(8, 1, 1, generator=torch.Generator().manual_seed(0))


ALL = [
    value
    for value in list(globals().values())
    if isinstance(value, type) and issubclass(value, Based) and value is not Based
]
