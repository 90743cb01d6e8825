# finds: Net (definitions) — the constant comes from argparse; the file ends itself before the network is used
import argparse
import sys

import torch.nn as nn

parser = argparse.ArgumentParser()
parser.add_argument("--width", type=int, default=16)
args = parser.parse_args()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(784, args.width), nn.ReLU(), nn.Linear(args.width, 10))

    def forward(self, x):
        return self.fc(x.flatten(1))


sys.exit(0)
