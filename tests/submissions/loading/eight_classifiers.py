# finds: Model_1, Model_2, Model_3, Model_4, Model_5, Model_6, Model_7, Model_8 (definitions) — a file of eight networks
import torch.nn as nn


class Model_1(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return self.fc(x.flatten(1))


class Model_2(Model_1):
    pass


class Model_3(Model_2):
    pass


class Model_4(Model_1):
    pass


class Model_5(Model_1):
    pass


class Model_6(Model_1):
    pass


class Model_7(Model_1):
    pass


class Model_8(Model_1):
    pass
