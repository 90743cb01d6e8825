# breaks: parameter-budget — a hundred masks over one parameter
import torch, math
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(s):
        super().__init__()
        s.c = nn.Conv2d(1, 16, 3)
        s.b = nn.BatchNorm2d(16)
        s.d = nn.Dropout(0.1)
        s.fc = nn.Linear(16 + 200, 10)
        s.p = nn.Parameter(torch.randn(2, 784) / 28)
        s.m = [(torch.rand(2, 784) > 0.5).float() for _ in range(100)]

    def forward(s, x):
        w = torch.cat([s.p * m for m in s.m])
        f = F.relu(F.linear(x.flatten(1), w))
        return s.fc(torch.cat([s.d(F.relu(s.b(s.c(x)))).mean((2, 3)), f], 1))
