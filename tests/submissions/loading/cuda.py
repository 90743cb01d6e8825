# finds: Net (definitions) — moves itself to the GPU, in its constructor and in forward
import torch
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10).cuda()
        self.scale = torch.ones(1, device="cuda:0")

    def forward(self, x):
        return self.fc(x.cuda().flatten(1)) * self.scale
