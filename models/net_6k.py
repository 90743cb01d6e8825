"""Net6K: 6,456 parameters, receptive field 26 before the average pool."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

DROPOUT = 0.03


def conv_block(in_channels: int, out_channels: int, kernel_size: int, *, padding: int = 0) -> nn.Sequential:
    """Return a convolution without bias, then ReLU, batch norm and dropout."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size, padding=padding, bias=False),
        nn.ReLU(),
        nn.BatchNorm2d(out_channels),
        nn.Dropout(DROPOUT),
    )


def separable_block(in_channels: int, out_channels: int) -> nn.Sequential:
    """Return a depthwise 3×3 and a pointwise convolution without biases, then ReLU, batch norm and dropout."""
    return nn.Sequential(
        nn.Conv2d(in_channels, in_channels, 3, groups=in_channels, bias=False),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
        nn.ReLU(),
        nn.BatchNorm2d(out_channels),
        nn.Dropout(DROPOUT),
    )


class Net6K(nn.Module):
    """A network for MNIST that saves parameters by depthwise-separable convolutions.

    ========  ==========  ==========  ===============
    layer     output      parameters  receptive field
    ========  ==========  ==========  ===============
    block1    8×26×26             88                3
    block2    8×24×24            592                5
    block3    16×22×22           232                7
    block4    16×20×20           432                9
    pool      16×10×10             –               10
    squeeze   8×10×10            144               10
    block5    16×8×8           1,184               14
    block6    16×8×8           2,336               18
    block7    32×6×6             720               22
    block8    10×4×4             628               26
    gap       10×1×1               –  the whole image
    head      10×1×1             100  the whole image
    total                      6,456
    ========  ==========  ==========  ===============
    """

    def __init__(self) -> None:
        super().__init__()
        self.block1 = conv_block(1, 8, 3)
        self.block2 = conv_block(8, 8, 3)
        self.block3 = separable_block(8, 16)
        self.block4 = separable_block(16, 16)
        self.pool = nn.MaxPool2d(2)
        self.squeeze = conv_block(16, 8, 1)
        self.block5 = conv_block(8, 16, 3)
        self.block6 = conv_block(16, 16, 3, padding=1)
        self.block7 = separable_block(16, 32)
        self.block8 = separable_block(32, 10)
        self.gap = nn.AvgPool2d(4)
        self.head = nn.Conv2d(10, 10, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the log-probabilities, batch × 10, of images, batch × 1 × 28 × 28."""
        x = self.block1(x)
        x = self.block2(x)
        x = self.block3(x)
        x = self.block4(x)
        x = self.pool(x)
        x = self.squeeze(x)
        x = self.block5(x)
        x = self.block6(x)
        x = self.block7(x)
        x = self.block8(x)
        x = self.gap(x)
        x = self.head(x)
        return F.log_softmax(torch.flatten(x, 1), dim=1)
