# breaks: nothing [mnist-8k] — 7,999 is one fewer than 8,000
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 30, 3),
            nn.ReLU(),
            nn.BatchNorm2d(30),
            nn.Dropout(0.05),
            nn.Conv2d(30, 17, 3),
            nn.ReLU(),
            nn.BatchNorm2d(17),
            nn.Dropout(0.05),
            nn.MaxPool2d(2),
            nn.Conv2d(17, 18, 3),
            nn.ReLU(),
            nn.BatchNorm2d(18),
            nn.AdaptiveAvgPool2d(1),
        )
        self.fc = nn.Linear(18, 10)

    def forward(self, x):
        return self.fc(self.features(x).flatten(1))
