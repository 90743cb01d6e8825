# breaks: nothing — fixed edge filters of eighteen numbers
import torch
import torch.nn.functional as F
from torch import nn

SOBEL = [1.0, 0.0, -1.0, 2.0, 0.0, -2.0, 1.0, 0.0, -1.0, 1.0, 2.0, 1.0, 0.0, 0.0, 0.0, -1.0, -2.0, -1.0]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("edges", torch.tensor(SOBEL).view(2, 1, 3, 3))
        self.conv1 = nn.Conv2d(3, 8, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 16, 3, bias=False)
        self.bn2 = nn.BatchNorm2d(16)
        self.drop = nn.Dropout(0.1)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = torch.cat([x, F.conv2d(x, self.edges, padding=1)], dim=1)
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = self.drop(F.relu(self.bn2(self.conv2(x))))
        x = self.gap(x).flatten(1)
        return self.fc(x)
