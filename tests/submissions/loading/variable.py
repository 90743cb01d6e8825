# finds: model (definitions) — no class at all: a Sequential that is built step by step
import torch.nn as nn

layers = []
for channels, width in [(1, 8), (8, 16)]:
    layers += [nn.Conv2d(channels, width, 3), nn.ReLU(), nn.BatchNorm2d(width), nn.Dropout(0.05)]
layers.append(nn.AdaptiveAvgPool2d(1))
model = nn.Sequential(*layers, nn.Flatten())
model.add_module("head", nn.Linear(16, 10))
criterion = nn.CrossEntropyLoss()
