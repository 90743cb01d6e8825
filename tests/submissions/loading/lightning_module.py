# finds: LitMNIST (definitions) — written for Lightning, which need not be installed; its data are never touched
import pytorch_lightning as pl
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchmetrics import Accuracy
from torchvision.datasets import MNIST


class LitMNIST(pl.LightningModule):
    def __init__(self, hidden_size=64, learning_rate=2e-4):
        super().__init__()
        self.save_hyperparameters()
        self.model = nn.Sequential(nn.Flatten(), nn.Linear(784, hidden_size), nn.ReLU(), nn.Linear(hidden_size, 10))
        self.val_accuracy = Accuracy(task="multiclass", num_classes=10)

    def forward(self, x):
        return F.log_softmax(self.model(x), dim=1)

    def training_step(self, batch, batch_idx):
        x, y = batch
        return F.nll_loss(self(x), y)

    def train_dataloader(self):
        return DataLoader(mnist, batch_size=64)


mnist = MNIST("data", download=True)
trainer = pl.Trainer(max_epochs=3)
trainer.fit(LitMNIST())
