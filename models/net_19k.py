"""Net19K: 18,962 parameters, receptive field 32 before the average pool."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def conv_block(in_channels: int, out_channels: int) -> nn.Sequential:
    """Return a 3×3 convolution that keeps the map's size, then ReLU and batch norm."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 3, padding=1),
        nn.ReLU(),
        nn.BatchNorm2d(out_channels),
    )


class Net19K(nn.Module):
    """A network for MNIST that ends in an average pool and two fully connected layers.

    ========  ==========  ==========  ===============
    layer     output      parameters  receptive field
    ========  ==========  ==========  ===============
    block1    8×28×28             96                3
    block2    8×28×28            600                5
    pool1     8×14×14              –                6
    block3    16×14×14         1,200               10
    block4    16×14×14         2,352               14
    pool2     16×7×7               –               16
    block5    32×7×7           4,704               24
    block6    32×7×7           9,312               32
    gap       32×1×1               –  the whole image
    fc1       16                 528  the whole image
    fc2       10                 170  the whole image
    total                     18,962
    ========  ==========  ==========  ===============

    Dropout follows each of the three pools.
    """

    def __init__(self) -> None:
        super().__init__()
        self.block1 = conv_block(1, 8)
        self.block2 = conv_block(8, 8)
        self.pool1 = nn.MaxPool2d(2)
        self.dropout1 = nn.Dropout(0.1)
        self.block3 = conv_block(8, 16)
        self.block4 = conv_block(16, 16)
        self.pool2 = nn.MaxPool2d(2)
        self.dropout2 = nn.Dropout(0.1)
        self.block5 = conv_block(16, 32)
        self.block6 = conv_block(32, 32)
        self.gap = nn.AvgPool2d(7)
        self.dropout3 = nn.Dropout(0.1)
        self.fc1 = nn.Linear(32, 16)
        self.fc2 = nn.Linear(16, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Return the log-probabilities, batch × 10, of images, batch × 1 × 28 × 28."""
        x = self.block1(x)
        x = self.block2(x)
        x = self.dropout1(self.pool1(x))
        x = self.block3(x)
        x = self.block4(x)
        x = self.dropout2(self.pool2(x))
        x = self.block5(x)
        x = self.block6(x)
        x = self.dropout3(self.gap(x))
        x = torch.flatten(x, 1)
        x = self.fc1(x)
        x = self.fc2(x)
        return F.log_softmax(x, dim=1)
