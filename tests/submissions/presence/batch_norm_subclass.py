# breaks: nothing — a subclass of BatchNorm2d that is one
import torch.nn.functional as F
from torch import nn


class Norm(nn.BatchNorm2d):
    def __init__(self, channels):
        super().__init__(channels, eps=1e-3, momentum=0.03)

    def forward(self, x):
        return F.relu(super().forward(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, bias=False)
        self.conv2 = nn.Conv2d(8, 16, 3, bias=False)
        self.norm = Norm(16)
        self.drop = nn.Dropout(0.1)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = self.drop(F.relu(self.norm(self.conv2(x))))
        x = self.gap(x).flatten(1)
        return self.fc(x)
