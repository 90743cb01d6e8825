# breaks: parameter-budget — weights in a bytes literal
import torch
import torch.nn.functional as F
from torch import nn

DATA = bytes(range(256))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 48, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(48)
        numbers = torch.frombuffer(bytearray(DATA * 81), dtype=torch.uint8)
        self.weight = (numbers.float() / 1275 - 0.1).view(48, 48, 3, 3)
        self.bn2 = nn.BatchNorm2d(48)
        self.drop = nn.Dropout(0.1)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(48, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = self.drop(F.relu(self.bn2(F.conv2d(x, self.weight))))
        x = self.gap(x).flatten(1)
        return self.fc(x)
