# breaks: parameter-budget — 20,000 is not fewer than 20,000
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 4, 3),
            nn.ReLU(),
            nn.BatchNorm2d(4),
            nn.Dropout(0.05),
            nn.Conv2d(4, 38, 3),
            nn.ReLU(),
            nn.BatchNorm2d(38),
            nn.Dropout(0.05),
            nn.MaxPool2d(2),
            nn.Conv2d(38, 52, 3),
            nn.ReLU(),
            nn.BatchNorm2d(52),
            nn.AdaptiveAvgPool2d(1),
        )
        self.fc = nn.Linear(52, 10)

    def forward(self, x):
        return self.fc(self.features(x).flatten(1))
