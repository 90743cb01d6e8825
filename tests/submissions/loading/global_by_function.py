# finds: Net (whole file) — a function that is called at the top level makes the constant
import torch.nn as nn


def configure():
    global WIDTH
    WIDTH = 16


configure()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(784, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 10))

    def forward(self, x):
        return self.fc(x.flatten(1))
