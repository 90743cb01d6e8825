import torch.nn as nn
from torchsummary import summary


class ConvBlock(nn.Module):
    def __init__(self, channels, width):
        super().__init__()
        self.block = nn.Sequential(nn.Conv2d(channels, width, 3), nn.ReLU(), nn.BatchNorm2d(width))

    def forward(self, x):
        return self.block(x)
