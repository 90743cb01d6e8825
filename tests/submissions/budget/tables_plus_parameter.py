# breaks: parameter-budget — tables that each meet a parameter of their size
import torch, math
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3)
        self.bn = nn.BatchNorm2d(16)
        self.drop = nn.Dropout(0.1)
        self.fc = nn.Linear(16 + 128, 10)
        self.p = nn.Parameter(torch.randn(8, 784))
        g = torch.Generator().manual_seed(0)
        self.tables = [torch.randn(8, 784, generator=g) for _ in range(16)]

    def forward(self, x):
        w = torch.cat([t + 0.01 * self.p for t in self.tables])
        f = torch.relu(x.flatten(1) @ w.t() / 28)
        y = self.drop(self.bn(F.relu(self.conv(x)))).mean((2, 3))
        return self.fc(torch.cat([y, f], 1))
