"""Tests of the usual form, as courses write them by hand, for the rules that can be asked for so.

Each is one expression. None is made weaker than what it stands for.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import torch
from torch import nn

Check = Callable[[nn.Module, str], bool]
"""Of a network, and of the text of its file."""


def _has(kind: type[nn.Module] | tuple[type[nn.Module], ...]) -> Check:
    return lambda network, _text: any(isinstance(module, kind) for module in network.modules())


def _says(words: str) -> Check:
    return lambda _network, text: words in text


def _calls(word: str) -> Check:
    return lambda network, _text: any(word in name for name, _ in network.named_modules())


def _is_small(network: nn.Module, _text: str) -> bool:
    return sum(parameter.numel() for parameter in network.parameters()) < 20_000


def _has_ten_scores(network: nn.Module, _text: str) -> bool:
    return network(torch.randn(4, 1, 28, 28)).shape == (4, 10)


SUITES: Mapping[str, Mapping[str, Check]] = MappingProxyType(
    {
        "parameter-budget": {"sum(p.numel() for p in model.parameters()) < 20_000": _is_small},
        "batch-norm": {
            "any(isinstance(m, nn.BatchNorm2d) for m in model.modules())": _has(nn.BatchNorm2d),
            '"nn.BatchNorm2d" in source': _says("nn.BatchNorm2d"),
            'any("bn" in name for name, _ in model.named_modules())': _calls("bn"),
        },
        "dropout": {
            "any(isinstance(m, nn.Dropout) for m in model.modules())": _has(nn.Dropout),
            '"nn.Dropout" in source': _says("nn.Dropout"),
            'any("drop" in name for name, _ in model.named_modules())': _calls("drop"),
        },
        "global-average-pooling": {
            "any(isinstance(m, (nn.AdaptiveAvgPool2d, nn.AvgPool2d)) for m in model.modules())": _has(
                (nn.AdaptiveAvgPool2d, nn.AvgPool2d)
            ),
            '"AvgPool2d" in source': _says("AvgPool2d"),
            'hasattr(model, "gap")': lambda network, _text: hasattr(network, "gap"),
        },
        "output-shape": {"model(torch.randn(4, 1, 28, 28)).shape == (4, 10)": _has_ten_scores},
    }
)
"""For each rule of netgrade, the forms of a test for the same, by their text."""
