# breaks: used-layers — a parameter that train() takes away
import torch, math
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(s):
        super().__init__()
        s.c = nn.Conv2d(1, 16, 3)
        s.b = nn.BatchNorm2d(16)
        s.d = nn.Dropout(0.1)
        s.fc = nn.Linear(16, 10)
        s.big = [nn.Parameter(torch.randn(20, 784))]

    def train(s, mode=True):
        if mode:
            s._parameters.pop("w", None)
        else:
            s.w = s.big[0]
        return super().train(mode)

    def forward(s, x):
        y = s.fc(s.d(F.relu(s.b(s.c(x)))).mean((2, 3)))
        if not s.training:
            y = y + F.linear(x.flatten(1), s.w)[:, :10]
        return y
