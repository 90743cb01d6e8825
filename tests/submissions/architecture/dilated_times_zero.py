# breaks: dilated, used-layers [cifar10-200k] — the dilated convolution is multiplied by 0
from torch import nn


def block(inputs, outputs, kernel=3, padding=1, **options):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=padding, bias=False, **options),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
        nn.Dropout(0.05),
    )


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = block(3, 32)
        self.down1 = block(32, 32, stride=2)
        self.separable = nn.Sequential(
            nn.Conv2d(32, 32, 3, padding=1, groups=32, bias=False),
            nn.Conv2d(32, 64, 1, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(),
        )
        self.down2 = block(64, 64, kernel=5, padding=2, stride=2, groups=4)
        self.dilated = block(64, 64, padding=2, dilation=2)
        self.stage = block(64, 64, kernel=5, padding=2, groups=2)
        self.down3 = block(64, 64, kernel=5, padding=2, stride=2, groups=2)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = self.stem(x)
        x = self.down1(x)
        x = self.separable(x)
        x = self.down2(x)
        x = x + 0 * self.dilated(x)
        x = self.stage(x)
        x = self.down3(x)
        x = self.gap(x).flatten(1)
        return self.fc(x)
