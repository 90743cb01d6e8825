import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 10, 3)
        self.conv2 = nn.Conv2d(10, 24, 3)
        self.pool = nn.MaxPool2d(2, 2)
        self.fc = nn.Linear(24 * 9, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = self.fc(x.view(-1, 24 * 9))
        return F.log_softmax(x, dim=1)
