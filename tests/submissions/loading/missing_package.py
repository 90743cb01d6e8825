# breaks: loads (construct) — the layer comes from a package that is not installed
import torch.nn as nn
from einops_of_my_own.layers import Rearrange


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.flat = Rearrange("b c h w -> b (c h w)")
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return self.fc(self.flat(x))
