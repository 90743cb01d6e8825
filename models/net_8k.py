"""Net8K: 7,544 parameters, receptive field 22 before the average pool."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def conv_block(in_channels: int, out_channels: int, *, padding: int = 0, dropout: float = 0.05) -> nn.Sequential:
    """Return a 3×3 convolution without bias, then ReLU, batch norm and dropout."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, padding=padding, bias=False),
        nn.ReLU(),
        nn.BatchNorm2d(out_channels),
        nn.Dropout(dropout),
    )


class Net8K(nn.Module):
    """The skeleton of NetV3 with ten channels in the middle, for a budget of 8,000 parameters.

    ========  ==========  ==========  ===============
    layer     output      parameters  receptive field
    ========  ==========  ==========  ===============
    block1    16×26×26           176                3
    block2    10×24×24         1,460                5
    squeeze   10×24×24           100                5
    pool      10×12×12             –                6
    block3    10×10×10           920               10
    block4    10×8×8             920               14
    block5    16×6×6           1,472               18
    block6    16×6×6           2,336               22
    gap       16×1×1               –  the whole image
    head      10×1×1             160  the whole image
    total                      7,544
    ========  ==========  ==========  ===============
    """

    def __init__(self) -> None:
        super().__init__()
        self.block1 = conv_block(1, 16)
        self.block2 = conv_block(16, 10)
        self.squeeze = nn.Conv2d(10, 10, 1, bias=False)
        self.pool = nn.MaxPool2d(2)
        self.block3 = conv_block(10, 10)
        self.block4 = conv_block(10, 10)
        self.block5 = conv_block(10, 16)
        self.block6 = conv_block(16, 16, padding=1)
        self.gap = nn.AvgPool2d(6)
        self.head = nn.Conv2d(16, 10, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Return the log-probabilities, batch × 10, of images, batch × 1 × 28 × 28."""
        x = self.block1(x)
        x = self.block2(x)
        x = self.squeeze(x)
        x = self.pool(x)
        x = self.block3(x)
        x = self.block4(x)
        x = self.block5(x)
        x = self.block6(x)
        x = self.gap(x)
        x = self.head(x)
        return F.log_softmax(torch.flatten(x, 1), dim=1)
