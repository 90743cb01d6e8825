# breaks: nothing — a real batch norm in a class of another name
import torch.nn.functional as F
from torch import nn


class Calm(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.inner = nn.BatchNorm2d(channels)

    def forward(self, x):
        return self.inner(x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, bias=False)
        self.conv2 = nn.Conv2d(8, 16, 3, bias=False)
        self.calm = Calm(16)
        self.drop = nn.Dropout(0.1)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = self.drop(F.relu(self.calm(self.conv2(x))))
        x = self.gap(x).flatten(1)
        return self.fc(x)
