import json
import random

import torch.nn as nn


def head(width):
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, json.loads("10")))
