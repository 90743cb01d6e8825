# breaks: loads (load) — nn is never imported, but other things are
import math


class Net(nn.Module):
    def forward(self, x):
        return x * math.pi
