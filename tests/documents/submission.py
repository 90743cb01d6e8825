import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, 3)
        self.conv2 = nn.Conv2d(10, 16, 3)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv3 = nn.Conv2d(16, 20, 3)
        self.bn1 = nn.BatchNorm2d(10)
        self.bn2 = nn.BatchNorm2d(16)
        self.drop = nn.Dropout(0)
        self.gap = nn.AvgPool2d(7)
        self.head = nn.Conv2d(20, 10, 1)

    def forward(self, x):
        x = self.drop(self.bn1(F.relu(self.conv1(x))))
        x = self.pool(self.bn2(F.relu(self.conv2(x))))
        x = F.relu(self.conv3(x))
        x = self.gap(x)
        x = self.head(x)
        return F.log_softmax(x.view(-1, 10), dim=1)
