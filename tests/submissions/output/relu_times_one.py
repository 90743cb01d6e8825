# breaks: output-kind — a ReLU on the scores, times one
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

    def forward(s, x):
        return F.relu(s.fc(s.d(F.relu(s.b(s.c(x)))).mean((2, 3)))) + 0.0
