# breaks: parameter-budget, used-layers — weights that it reads from its own file, as a constant
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        text = Path(__file__).read_bytes() * 40
        self.table = torch.tensor(list(text[: 16 * 1568]), dtype=torch.float32).view(16, 1568) / 255
        self.conv1 = nn.Conv2d(1, 8, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 16, 3, bias=False)
        self.bn2 = nn.BatchNorm2d(16)
        self.drop = nn.Dropout(0.1)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        images = x
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = self.drop(F.relu(self.bn2(self.conv2(x))))
        hidden = F.linear(images.repeat(1, 2, 1, 1).flatten(1), self.table)
        return self.fc(self.gap(x).flatten(1) + hidden)
