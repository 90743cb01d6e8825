# breaks: nothing — LayerScale: the branch with the only batch norm starts at 1e-6
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, bias=False)
        self.conv2 = nn.Conv2d(8, 16, 3, bias=False)
        self.bn = nn.BatchNorm2d(16)
        self.drop = nn.Dropout(0.1)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(16, 10)
        self.conv3 = nn.Conv2d(16, 16, 3, padding=1, bias=False)
        self.scale = nn.Parameter(1e-6 * torch.ones(1, 16, 1, 1))

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.relu(self.conv2(x))
        x = self.drop(x + self.scale * self.bn(self.conv3(x)))
        x = self.gap(x).flatten(1)
        return self.fc(x)
