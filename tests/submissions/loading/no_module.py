# breaks: loads (find) — the class inherits from nothing
import torch.nn as nn


class Net:
    def __init__(self):
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return self.fc(x)
