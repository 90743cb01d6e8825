# breaks: nothing — a convolution of two small factors
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.left = nn.Parameter(torch.randn(16, 4) / 4)
        self.right = nn.Parameter(torch.randn(4, 72) / 4)
        self.bn2 = nn.BatchNorm2d(16)
        self.drop = nn.Dropout(0.1)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = self.drop(F.relu(self.bn2(F.conv2d(x, (self.left @ self.right).view(16, 8, 3, 3)))))
        x = self.gap(x).flatten(1)
        return self.fc(x)
