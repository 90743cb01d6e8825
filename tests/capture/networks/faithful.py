"""Networks whose recording is hard to get right, each with what is hard about it."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrizations, prune
from torch.utils.checkpoint import checkpoint


class Head(nn.Module):
    """1×1 convolution, global average pooling, log-softmax: the end that the others share."""

    def __init__(self, channels: int = 8) -> None:
        super().__init__()
        self.classes = nn.Conv2d(channels, 10, 1)

    def forward(self, x: Tensor) -> Tensor:
        return F.log_softmax(F.adaptive_avg_pool2d(self.classes(x), 1).flatten(1), dim=1)


class Based(nn.Module):
    """A strided convolution before and the head after what is tried."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, stride=3)
        self.norm = nn.BatchNorm2d(8)
        self.head = Head()

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(self.norm(self.conv(x))))

    def body(self, x: Tensor) -> Tensor:
        return x


class InPlace(Based):
    def body(self, x: Tensor) -> Tensor:
        x = F.dropout(x, 0.1, self.training, inplace=True)
        x += 1
        return F.relu(x, inplace=True)


class WriteThroughView(Based):
    def body(self, x: Tensor) -> Tensor:
        y = x * 2
        flat = y.view(y.size(0), -1)
        flat.clamp_(min=0.1)
        y.transpose(1, 2).mul_(1.5)
        y.permute(0, 2, 3, 1).add_(0.5)
        return y


class WriteToSlices(Based):
    def body(self, x: Tensor) -> Tensor:
        y = torch.empty_like(x)
        y[:, :4] = x[:, 4:]
        y[:, 4:] = x[:, :4] * 2
        y[:, 0] += 1
        y[:, 1:3, 2:5].mul_(3)
        return y


class ReadChunksAfterWrite(Based):
    def body(self, x: Tensor) -> Tensor:
        y = x.clone()
        first = y.narrow(1, 0, 4)
        y.narrow(1, 4, 4).mul_(0.5)
        third = y.unbind(1)[2]
        return y + first.repeat(1, 2, 1, 1) + third.unsqueeze(1)


class StaleView(Based):
    def body(self, x: Tensor) -> Tensor:
        y = x * 1
        row = y[:, :, 0]
        y.mul_(2)
        return y + row.unsqueeze(2)


class WriteDiagonal(Based):
    def body(self, x: Tensor) -> Tensor:
        y = x * 1
        y.diagonal(dim1=2, dim2=3).fill_(0.25)
        return y


class IndexPut(Based):
    def body(self, x: Tensor) -> Tensor:
        y = x * 1
        y[:, [0, 3]] = 0.5
        return y.masked_fill_(y < -1, 0.0)


class Checkpointed(Based):
    def body(self, x: Tensor) -> Tensor:
        return checkpoint(lambda t: torch.tanh(t) * 2, x, use_reentrant=False)


class Recurrent(Based):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(8, 8, batch_first=True)
        self.gru = nn.GRU(8, 8, batch_first=True)

    def body(self, x: Tensor) -> Tensor:
        y = x.flatten(2).transpose(1, 2)
        y = self.gru(self.lstm(y)[0])[0]
        return y.transpose(1, 2).unflatten(2, x.shape[2:])


class Attention(Based):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.layer_norm = nn.LayerNorm(8)

    def body(self, x: Tensor) -> Tensor:
        y = x.flatten(2).transpose(1, 2)
        y = self.layer_norm(y + self.attention(y, y, y)[0])
        return y.transpose(1, 2).reshape(x.shape)


class WeightNormed(Based):
    def __init__(self) -> None:
        super().__init__()
        self.mix = parametrizations.weight_norm(nn.Conv2d(8, 8, 1))

    def body(self, x: Tensor) -> Tensor:
        return self.mix(x)


class Pruned(Based):
    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Conv2d(8, 8, 1)
        prune.l1_unstructured(self.mix, "weight", amount=0.5)

    def body(self, x: Tensor) -> Tensor:
        return self.mix(x)


class Einsum(Based):
    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Parameter(torch.eye(8))

    def body(self, x: Tensor) -> Tensor:
        return torch.einsum("nchw,cd->ndhw", x, self.mix)


class Interpolated(Based):
    def body(self, x: Tensor) -> Tensor:
        up = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
        return F.interpolate(up, size=x.shape[2:], mode="nearest") + F.pad(x, (1, 1, 1, 1))[:, :, 1:-1, 1:-1]


class Detached(Based):
    def body(self, x: Tensor) -> Tensor:
        return x + x.detach() * 0.5


class DataAttribute(Based):
    def body(self, x: Tensor) -> Tensor:
        return x * self.conv.weight.data.mean()


class NoGradSection(Based):
    def body(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            gain = x.mean((2, 3), keepdim=True)
        return x * gain


class ChannelShuffle(Based):
    def body(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        return x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)


class Unfolded(Based):
    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Linear(8 * 9, 8)

    def body(self, x: Tensor) -> Tensor:
        patches = F.unfold(x, 3, padding=1)
        return self.mix(patches.transpose(1, 2)).transpose(1, 2).reshape(x.shape)


class DropBlock(Based):
    def body(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        mask = torch.bernoulli(torch.full_like(x, 0.1))
        mask = 1 - F.max_pool2d(mask, 3, stride=1, padding=1)
        return x * mask * mask.numel() / mask.sum()


class StochasticDepth(Based):
    def body(self, x: Tensor) -> Tensor:
        branch = torch.relu(x)
        if self.training:
            keep = torch.empty(x.shape[0], 1, 1, 1).bernoulli_(0.8)
            branch = branch.div(0.8) * keep
        return x + branch


class Tied(Based):
    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Conv2d(8, 8, 1, bias=False)
        self.two = nn.Conv2d(8, 8, 1, bias=False)
        self.two.weight = self.one.weight

    def body(self, x: Tensor) -> Tensor:
        return self.two(torch.relu(self.one(x)))


class SharedStorage(Based):
    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Parameter(torch.ones(8, 1, 1))
        self.two = nn.Parameter(self.one.data)

    def body(self, x: Tensor) -> Tensor:
        return x * self.one


class CumulativeBatchNorm(Based):
    def __init__(self) -> None:
        super().__init__()
        self.cumulative = nn.BatchNorm2d(8, momentum=None)

    def body(self, x: Tensor) -> Tensor:
        return self.cumulative(x)


class Lazy(Based):
    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.LazyConv2d(8, 1)

    def body(self, x: Tensor) -> Tensor:
        return self.mix(x)


class Frozen(Based):
    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Conv2d(8, 8, 1)
        self.mix.weight.requires_grad = False

    def body(self, x: Tensor) -> Tensor:
        return self.mix(x)


class Constant(Based):
    def __init__(self) -> None:
        super().__init__()
        self.kernel = torch.ones(8, 1, 3, 3) / 9

    def body(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.kernel, padding=1, groups=8) * torch.tensor(2.0) + torch.arange(9.0)


class Activations(Based):
    def __init__(self) -> None:
        super().__init__()
        self.chain = nn.Sequential(
            nn.PReLU(), nn.LeakyReLU(0.1, inplace=True), nn.GELU(), nn.SiLU(), nn.Hardswish(), nn.ELU(),
            nn.Mish(), nn.Softplus(), nn.ReLU6(inplace=True), nn.Hardtanh(), nn.CELU(), nn.SELU(), nn.Softsign(),
            nn.RReLU(), nn.Threshold(0.1, 0.0), nn.GLU(dim=1),
        )  # fmt: skip

    def body(self, x: Tensor) -> Tensor:
        return self.chain(torch.cat([x, x], 1))


class Dropouts(Based):
    def __init__(self) -> None:
        super().__init__()
        self.chain = nn.Sequential(
            nn.Dropout2d(0.1), nn.AlphaDropout(0.1), nn.FeatureAlphaDropout(0.1), nn.Dropout(0.2)
        )

    def body(self, x: Tensor) -> Tensor:
        return self.chain(x)


class Squeezed(Based):
    def body(self, x: Tensor) -> Tensor:
        y = x.mean(1)
        y.unsqueeze_(1)
        return x * y.squeeze(1).unsqueeze(1).expand_as(x)


ALL = [
    value
    for value in list(globals().values())
    if isinstance(value, type) and issubclass(value, Based) and value is not Based
]
