# breaks: nothing — a squeezed hidden layer before the scores
import torch, math
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(s):
        super().__init__()
        s.c = nn.Conv2d(1, 16, 3)
        s.b = nn.BatchNorm2d(16)
        s.c2 = nn.Conv2d(16, 16, 3)
        s.b2 = nn.BatchNorm2d(16)
        s.d = nn.Dropout(0.1)
        s.f1 = nn.Linear(16, 32)
        s.f2 = nn.Linear(32, 32)
        s.fc = nn.Linear(32, 10)

    def forward(s, x):
        x = torch.sigmoid(s.b(s.c(x)))
        x = torch.sigmoid(s.b2(s.c2(x)))
        x = s.d(x).mean((2, 3))
        return s.fc(torch.sigmoid(s.f2(torch.sigmoid(s.f1(x)))))
