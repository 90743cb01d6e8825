# breaks: parameter-budget — a table concatenated to a parameter of its size
import torch, math
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3)
        self.bn = nn.BatchNorm2d(16)
        self.drop = nn.Dropout(0.1)
        self.fc = nn.Linear(16 + 40, 10)
        self.p = nn.Parameter(torch.randn(20, 784) / 28)
        self.t = torch.randn(20, 784, generator=torch.Generator().manual_seed(0)) / 28

    def forward(self, x):
        f = torch.relu(x.flatten(1) @ torch.cat([self.p, self.t]).t())
        y = self.drop(self.bn(F.relu(self.conv(x)))).mean((2, 3))
        return self.fc(torch.cat([y, f], 1))
