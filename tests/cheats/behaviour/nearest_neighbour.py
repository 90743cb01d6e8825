# breaks: parameter-budget — keeps images and answers with the nearest one
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("images", torch.rand(100, 784))
        self.register_buffer("classes", F.one_hot(torch.arange(100) % 10, 10).float())
        self.conv1 = nn.Conv2d(1, 8, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 16, 3, bias=False)
        self.bn2 = nn.BatchNorm2d(16)
        self.drop = nn.Dropout(0.1)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        near = F.softmax(-torch.cdist(x.flatten(1), self.images), 1) @ self.classes
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = self.drop(F.relu(self.bn2(self.conv2(x))))
        return self.fc(self.gap(x).flatten(1)) + near
