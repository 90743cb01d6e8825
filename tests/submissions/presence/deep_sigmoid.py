# breaks: nothing — ten layers that saturate with fresh statistics
import torch, math
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(s):
        super().__init__()
        L = []
        c = 1
        for i in range(10):
            L += [nn.Conv2d(c, 8, 3, padding=1), nn.BatchNorm2d(8), nn.Sigmoid()]
            c = 8
        s.f = nn.Sequential(*L, nn.Dropout(0.1), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10))

    def forward(s, x):
        return s.f(x)
