# finds: Net (definitions) — nn is never imported, but other things are; it is lent
import math


class Net(nn.Module):
    def forward(self, x):
        return x * math.pi
