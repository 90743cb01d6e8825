# breaks: parameter-budget — tables in running means that a frozen batch norm reads
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
        self.store = nn.BatchNorm1d(128 * 784, affine=False)
        self.store.running_mean.copy_(torch.randn(128 * 784))

    def forward(self, x):
        zero = (x[:1].sum() * 0).expand(1, 128 * 784)
        w = F.batch_norm(zero, self.store.running_mean, self.store.running_var, training=False).view(128, 784)
        f = torch.relu(x.flatten(1) @ w.t() / 28)
        y = self.drop(self.bn(F.relu(self.conv(x)))).mean((2, 3))
        return self.fc(torch.cat([y, f], 1))
