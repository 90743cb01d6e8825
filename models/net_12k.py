"""Net12K: 11,950 parameters, receptive field 38 before the average pool, no dropout."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def conv_block(in_channels: int, out_channels: int, *, padding: int = 1) -> nn.Sequential:
    """Return a 3×3 convolution, then ReLU and batch norm."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, padding=padding),
        nn.ReLU(),
        nn.BatchNorm2d(out_channels),
    )


class Net12K(nn.Module):
    """A network for MNIST whose channels grow from stage to stage. It has no dropout.

    ========  ==========  ==========  ===============
    layer     output      parameters  receptive field
    ========  ==========  ==========  ===============
    block1    8×28×28             96                3
    block2    8×28×28            600                5
    block3    8×28×28            600                7
    pool1     8×14×14              –                8
    block4    16×14×14         1,200               12
    block5    16×14×14         2,352               16
    block6    16×14×14         2,352               20
    pool2     16×7×7               –               22
    block7    20×5×5           2,940               30
    head      10×3×3           1,810               38
    gap       10×1×1               –  the whole image
    total                     11,950
    ========  ==========  ==========  ===============
    """

    def __init__(self) -> None:
        super().__init__()
        self.block1 = conv_block(1, 8)
        self.block2 = conv_block(8, 8)
        self.block3 = conv_block(8, 8)
        self.pool1 = nn.MaxPool2d(2)
        self.block4 = conv_block(8, 16)
        self.block5 = conv_block(16, 16)
        self.block6 = conv_block(16, 16)
        self.pool2 = nn.MaxPool2d(2)
        self.block7 = conv_block(16, 20, padding=0)
        self.head = nn.Conv2d(20, 10, 3)
        self.gap = nn.AvgPool2d(3)

    def forward(self, x: Tensor) -> Tensor:
        """Return the log-probabilities, batch × 10, of images, batch × 1 × 28 × 28."""
        x = self.block1(x)
        x = self.block2(x)
        x = self.block3(x)
        x = self.pool1(x)
        x = self.block4(x)
        x = self.block5(x)
        x = self.block6(x)
        x = self.pool2(x)
        x = self.block7(x)
        x = self.head(x)
        x = self.gap(x)
        return F.log_softmax(torch.flatten(x, 1), dim=1)
