# breaks: parameter-budget — a hashed table that depends on the images in form only
import torch, math
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3)
        self.bn = nn.BatchNorm2d(16)
        self.drop = nn.Dropout(0.1)
        self.fc = nn.Linear(16 + 64, 10)

    def forward(self, x):
        k = torch.cumsum(torch.ones_like(x[:1]).expand(64, 1, 28, 28).reshape(-1), 0)
        w = torch.frac(torch.sin(k * 12.9898) * 43758.5453).view(64, 784)
        f = torch.relu(x.flatten(1) @ w.t() / 28)
        y = self.drop(self.bn(F.relu(self.conv(x)))).mean((2, 3))
        return self.fc(torch.cat([y, f], 1))
