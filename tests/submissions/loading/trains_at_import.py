# finds: Net (definitions) — a whole training script: it downloads, trains, prints and plots at the top level
from __future__ import print_function

import argparse

import matplotlib.pyplot as plt
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
from torchsummary import summary
from torchvision import datasets, transforms
from tqdm import tqdm

dropout_value = 0.05


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.convblock1 = nn.Sequential(
            nn.Conv2d(in_channels=1, out_channels=10, kernel_size=(3, 3), padding=0, bias=False),
            nn.ReLU(),
            nn.BatchNorm2d(10),
            nn.Dropout(dropout_value),
        )
        self.gap = nn.Sequential(nn.AvgPool2d(kernel_size=26))
        self.convblock2 = nn.Sequential(nn.Conv2d(10, 10, (1, 1), bias=False))

    def forward(self, x):
        x = self.convblock1(x)
        x = self.gap(x)
        x = self.convblock2(x)
        x = x.view(-1, 10)
        return F.log_softmax(x, dim=-1)


use_cuda = torch.cuda.is_available()
device = torch.device("cuda" if use_cuda else "cpu")
print(device)
model = Net().to(device)
summary(model, input_size=(1, 28, 28))

SEED = 1
torch.manual_seed(SEED)
train_transforms = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
train = datasets.MNIST("./data", train=True, download=True, transform=train_transforms)
train_loader = torch.utils.data.DataLoader(train, shuffle=True, batch_size=128, num_workers=4)

train_losses = []


def train(model, device, train_loader, optimizer, epoch):
    model.train()
    pbar = tqdm(train_loader)
    for batch_idx, (data, target) in enumerate(pbar):
        optimizer.zero_grad()
        loss = F.nll_loss(model(data.to(device)), target.to(device))
        train_losses.append(loss)
        loss.backward()
        optimizer.step()


optimizer = optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
for epoch in range(15):
    train(model, device, train_loader, optimizer, epoch)

plt.plot(train_losses)
plt.show()
torch.save(model.state_dict(), "model.pth")
