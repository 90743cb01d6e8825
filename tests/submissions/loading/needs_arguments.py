# breaks: loads (find) — the constructor needs the number of classes
import torch.nn as nn


class Net(nn.Module):
    def __init__(self, n_classes):
        super().__init__()
        self.fc = nn.Linear(784, n_classes)

    def forward(self, x):
        return self.fc(x.flatten(1))


if __name__ == "__main__":
    model = Net(10)
