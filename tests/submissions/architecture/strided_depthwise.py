# breaks: nothing [cifar10-200k] — a depthwise convolution with stride 2 and two outputs a channel
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
        self.down1 = nn.Sequential(
            nn.Conv2d(32, 64, 3, stride=2, padding=1, groups=32, bias=False),
            nn.Conv2d(64, 32, 1, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
        )
        self.separable = block(32, 64)
        self.down2 = block(64, 64, stride=2)
        self.dilated = block(64, 64, padding=2, dilation=2)
        self.stage = block(64, 64)
        self.down3 = block(64, 48, stride=2)
        self.gap = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(48, 10)

    def forward(self, x):
        x = self.stem(x)
        x = self.down1(x)
        x = self.separable(x)
        x = self.down2(x)
        x = self.dilated(x)
        x = self.stage(x)
        x = self.down3(x)
        x = self.gap(x).flatten(1)
        return self.fc(x)
