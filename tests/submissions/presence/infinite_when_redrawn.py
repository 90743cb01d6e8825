# breaks: batch-norm, dropout, global-average-pooling, deterministic-eval, used-layers — scores that overflow with other weights only
import torch, math
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(s):
        super().__init__()
        s.c = nn.Conv2d(1, 8, 3, 2)
        s.b = nn.BatchNorm2d(8)
        s.d = nn.Dropout(0.5)
        s.f = nn.Linear(8, 10)
        s.fc = nn.Linear(8 * 169, 10)
        s.p = nn.Parameter(torch.zeros(10))

    def forward(s, x):
        y = F.relu(s.c(x))
        dead = s.f(s.d(s.b(y)).mean((2, 3))) * 1e-12
        z = s.fc(y.flatten(1))
        z = z - z.mean(0) + 0.1 * torch.randn_like(z)
        return z + dead + torch.exp(1e4 * s.p.detach())
