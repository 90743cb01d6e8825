# breaks: loads (construct) — the constant is defined nowhere; the endless loop is never run
import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.drop = nn.Dropout(dropout_value)

    def forward(self, x):
        return self.drop(x)


while True:
    pass
