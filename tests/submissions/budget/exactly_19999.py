# breaks: nothing — 19,999 is one fewer than 20,000
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, 3),
            nn.ReLU(),
            nn.BatchNorm2d(6),
            nn.Dropout(0.05),
            nn.Conv2d(6, 24, 3),
            nn.ReLU(),
            nn.BatchNorm2d(24),
            nn.Dropout(0.05),
            nn.MaxPool2d(2),
            nn.Conv2d(24, 81, 3),
            nn.ReLU(),
            nn.BatchNorm2d(81),
            nn.AdaptiveAvgPool2d(1),
        )
        self.fc = nn.Linear(81, 10)

    def forward(self, x):
        return self.fc(self.features(x).flatten(1))
