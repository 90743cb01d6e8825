# breaks: loads (construct) — groups don't divide the channels
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 10, 3, groups=2)

    def forward(self, x):
        return self.conv(x)
