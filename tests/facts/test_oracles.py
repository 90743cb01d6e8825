"""Random networks, and what torch, torchinfo and experiments say of them."""

from collections.abc import Callable

import pytest
import torch
import torchinfo
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode
from torchvision.models.resnet import BasicBlock, ResNet

from netgrade.facts.examine import facts
from netgrade.program.module import module
from netgrade.program.program import Program

SIDE = 28


class Residual(nn.Module):
    """Adds what its body makes to its input."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


@st.composite
def layers(draw: st.DrawFn) -> list[nn.Module]:
    """Draw convolutions, pools, norms, activations and residual blocks that fit on each other."""
    channels, side = 1, SIDE
    made: list[nn.Module] = []
    for _ in range(draw(st.integers(1, 6))):
        kind = draw(st.sampled_from(["conv", "conv", "conv", "norm", "act", "drop", "pool", "residual", "depthwise"]))
        if kind == "conv":
            kernel, stride = draw(st.integers(1, 4)), draw(st.integers(1, 2))
            dilation, padding = draw(st.integers(1, 2)), draw(st.integers(0, 1))
            reach = (kernel - 1) * dilation
            if side + 2 * padding - reach < 1:
                continue
            following = draw(st.integers(1, 6))
            made.append(
                nn.Conv2d(
                    channels, following, kernel, stride, padding, dilation, bias=draw(st.booleans()),
                )
            )  # fmt: skip
            channels, side = following, (side + 2 * padding - reach - 1) // stride + 1
        elif kind == "depthwise":
            made.append(nn.Conv2d(channels, channels * 2, 3, padding=1, groups=channels))
            channels *= 2
        elif kind == "pool" and side >= 2:
            made.append(draw(st.sampled_from([nn.MaxPool2d(2), nn.AvgPool2d(2)])))
            side //= 2
        elif kind == "residual":
            made.append(Residual(nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU())))
        elif kind != "pool":
            made.append({"norm": nn.BatchNorm2d(channels), "act": nn.LeakyReLU(0.3), "drop": nn.Dropout(0.1)}[kind])
    if draw(st.booleans()):
        made += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10)]
    else:
        made += [nn.Flatten(), nn.Linear(channels * side * side, 10)]
    return made


def drawn_network(made: list[nn.Module]) -> Callable[[], nn.Module]:
    class Drawn(nn.Sequential):
        def __init__(self) -> None:
            super().__init__(*made)

    return Drawn


@pytest.fixture
def rebuild(program_of: Callable[..., Program]) -> Callable[[list[nn.Module]], tuple[nn.Module, Program]]:
    def rebuilt(made: list[nn.Module]) -> tuple[nn.Module, Program]:
        construct = drawn_network(made)
        network = construct()
        state = {name: value.clone() for name, value in network.state_dict().items()}
        program = program_of(construct)
        network.load_state_dict(state)  # the fidelity probe trains the layers, which both share
        return network.eval(), program

    return rebuilt


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=layers())
def test_random_networks(
    made: list[nn.Module], rebuild: Callable[[list[nn.Module]], tuple[nn.Module, Program]]
) -> None:
    network, program = rebuild(made)
    found = facts(program)
    images = torch.randn(2, 1, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    summary = torchinfo.summary(network, input_data=images, verbose=0)
    assert found.total == summary.total_params == sum(p.numel() for p in network.parameters())
    assert found.trainable == summary.trainable_params
    rebuilt = torchinfo.summary(module(program, "eval"), input_data=images, verbose=0)
    assert (rebuilt.total_params, rebuilt.trainable_params) == (summary.total_params, summary.trainable_params)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        scores = network(images)
    assert found.macs == counter.get_total_flops() // 2 // len(images)
    assert torch.equal(program.scores("eval", images, program.fresh_tensors()), scores)
    assert found.scores.shapes == {1: (1, 10), 5: (5, 10), 8: (8, 10)}
    outputs = _outputs(network, images)
    assert {name: [o.output for o in found.eval.operators if o.module == name] for name in outputs} == outputs


def _outputs(network: nn.Module, images: Tensor) -> dict[str, list[tuple[int, ...]]]:
    """Return what the eager network's own layers give, by hooks."""
    found: dict[str, list[tuple[int, ...]]] = {}

    def note(module: nn.Module, _: object, output: Tensor) -> None:
        found.setdefault(type(module).__name__, []).append(tuple(output.shape[1:]))

    kinds = (nn.Conv2d, nn.BatchNorm2d, nn.MaxPool2d, nn.AvgPool2d, nn.Linear, nn.AdaptiveAvgPool2d)
    hooks = [module.register_forward_hook(note) for module in network.modules() if isinstance(module, kinds)]
    network(images)
    for hook in hooks:
        hook.remove()
    return found


@st.composite
def towers(draw: st.DrawFn) -> list[nn.Module]:
    """Draw convolutions and pools small enough that the field stays within the image."""
    made: list[nn.Module] = []
    side = SIDE
    for _ in range(draw(st.integers(1, 3))):
        kernel, dilation = draw(st.sampled_from([(1, 1), (2, 1), (3, 1), (3, 2)]))
        stride = draw(st.integers(1, 2))
        if (kernel - 1) * dilation >= side:
            continue
        made.append(nn.Conv2d(1, 1, kernel, stride, 0, dilation))
        side = (side - (kernel - 1) * dilation - 1) // stride + 1
    if side >= 4 and draw(st.booleans()):
        made.append(nn.AvgPool2d(2))
    return made or [nn.Conv2d(1, 1, 3)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tower=towers())
def test_the_receptive_field_against_gradients(
    tower: list[nn.Module], rebuild: Callable[[list[nn.Module]], tuple[nn.Module, Program]]
) -> None:
    """The pixels whose change changes one position in the middle of the last map, counted along one side."""
    for layer in tower:
        for parameter in layer.parameters():
            nn.init.uniform_(parameter, 0.5, 1.0)
    body = nn.Sequential(*tower)
    images = torch.rand(1, 1, SIDE, SIDE, requires_grad=True)
    last = body(images)
    if min(last.shape[2:]) < 2:
        return
    last[0, 0, last.shape[2] // 2, last.shape[3] // 2].backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
    assert images.grad is not None
    touched = images.grad[0, 0].abs().sum(1).nonzero().flatten()
    span = int(touched.max() - touched.min() + 1)
    _, program = rebuild([body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1, 10)])
    assert facts(program).field == span


def test_the_receptive_field_of_resnet_18_is_the_published_one(program_of: Callable[..., Program]) -> None:
    """435 pixels: Araujo, Norris and Sim, "Computing Receptive Fields of …", Distill, 2019."""

    class ResNet18(ResNet):
        def __init__(self) -> None:
            super().__init__(BasicBlock, [2, 2, 2, 2], num_classes=10)

    assert facts(program_of(ResNet18, (3, 32, 32))).field == 435
