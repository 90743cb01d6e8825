# breaks: dropout — the only dropout is given zeros
import torch, math
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3)
        self.bn = nn.BatchNorm2d(16)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        y = self.bn(F.relu(self.conv(x)))
        return self.fc((y + self.drop(torch.zeros_like(y))).mean((2, 3)))
