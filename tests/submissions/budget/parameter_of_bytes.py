# breaks: parameter-budget — a frozen int64 parameter that holds eight weights an element
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
        self.p = nn.Parameter(torch.randint(-(2**62), 2**62, (128, 98)), requires_grad=False)

    def forward(self, x):
        w = self.p.view(torch.int8).float() / 128
        f = torch.relu(x.flatten(1) @ w.t() / 28)
        y = self.drop(self.bn(F.relu(self.conv(x)))).mean((2, 3))
        return self.fc(torch.cat([y, f], 1))
