# breaks: global-average-pooling — the pool moves all scores alike, which softmax takes back
import torch, math
from torch import nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3, stride=2)
        self.bn = nn.BatchNorm2d(8)
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(8 * 169, 10)

    def forward(self, x):
        y = self.drop(self.bn(F.relu(self.conv(x))))
        return self.fc(y.flatten(1)) + y.mean((2, 3)).sum(1, keepdim=True)
