"""Multiply-accumulates of the rarer operators, against torch's own counter where it knows them."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from netgrade.facts.examine import facts
from netgrade.program.program import Program


class Around(nn.Module):
    """Four sequences of seven numbers an image, changed in some way, then a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(7, 7))
        self.bias = nn.Parameter(torch.randn(7))
        self.stem = nn.Conv2d(1, 4, 22, bias=False)
        self.head = nn.Linear(28, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.mix(self.stem(x)[:, :, 0]).flatten(1))

    def mix(self, x: Tensor) -> Tensor:
        return x


class Matmul(Around):
    def mix(self, x: Tensor) -> Tensor:
        return x @ self.weight


class Addmm(Around):
    def mix(self, x: Tensor) -> Tensor:
        return torch.addmm(self.bias, x.reshape(-1, 7), self.weight).view_as(x)


class Bmm(Around):
    def mix(self, x: Tensor) -> Tensor:
        return torch.bmm(torch.bmm(x, x.transpose(1, 2)), x)


class Baddbmm(Around):
    def mix(self, x: Tensor) -> Tensor:
        return torch.baddbmm(x, torch.bmm(x, x.transpose(1, 2)), x)


class Einsum(Around):
    def mix(self, x: Tensor) -> Tensor:
        return torch.einsum("ncl,lk->nck", x, self.weight)


class EinsumWithDots(Around):
    def mix(self, x: Tensor) -> Tensor:
        return torch.einsum("...l,lk->...k", x, self.weight)


class Attention(Around):
    def mix(self, x: Tensor) -> Tensor:
        return nn.functional.scaled_dot_product_attention(x, x, x)


class Transposed(Around):
    def __init__(self) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(4, 4, 3, padding=1, groups=2)

    def mix(self, x: Tensor) -> Tensor:
        return self.up(x.unsqueeze(2)).squeeze(2)


class Conv1d(Around):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(4, 4, 3, padding=1)

    def mix(self, x: Tensor) -> Tensor:
        return self.conv(x)


@pytest.mark.parametrize(
    "construct",
    [Around, Matmul, Addmm, Bmm, Baddbmm, Einsum, EinsumWithDots, Attention, Transposed, Conv1d],
)
def test_against_torchs_counter(construct: type[nn.Module], program_of: Callable[..., Program]) -> None:
    # Some versions of torch have no formula for a fused attention; taken apart it is two products, which all count.
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter, torch.no_grad():
        construct()(torch.randn(4, 1, 28, 28))
    assert facts(program_of(construct)).macs == counter.get_total_flops() // 2 // 4


class Recurrent(Around):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(7, 7, batch_first=True)

    def mix(self, x: Tensor) -> Tensor:
        return self.lstm(x)[0]


def test_an_operator_without_a_formula_is_named(program_of: Callable[..., Program]) -> None:
    found = facts(program_of(Recurrent))
    assert found.macs is None
    assert found.unknown == ("lstm",)
