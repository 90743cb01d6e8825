"""What an instructor would write without netgrade: five asserts, to compare the time of a whole run with."""

import pytest
import torch
from models.netv3 import NetV3
from torch import nn


@pytest.fixture(scope="module")
def network() -> nn.Module:
    return NetV3()


def test_parameters(network: nn.Module) -> None:
    assert sum(parameter.numel() for parameter in network.parameters()) < 20_000


def test_batch_norm(network: nn.Module) -> None:
    assert any(isinstance(module, nn.BatchNorm2d) for module in network.modules())


def test_dropout(network: nn.Module) -> None:
    assert any(isinstance(module, nn.Dropout) for module in network.modules())


def test_pool(network: nn.Module) -> None:
    assert any(isinstance(module, (nn.AdaptiveAvgPool2d, nn.AvgPool2d)) for module in network.modules())


def test_scores(network: nn.Module) -> None:
    assert network(torch.randn(4, 1, 28, 28)).shape == (4, 10)
