"""Networks that are hard to record: the rebuilt program must train as the network does, to the last bit."""

import importlib.util
import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import Tensor, nn

from netgrade.capture.errors import SubmissionError
from netgrade.program.program import Program


def _module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"networks_{name}", Path(__file__).parent / "networks" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where inspect looks for a class's file
    spec.loader.exec_module(module)
    return module


FAITHFUL = _module("faithful").ALL
UNFAITHFUL = _module("unfaithful").ALL
STEPS = 4
"""More than the fidelity probe takes."""


def losses(forward: Callable[[Tensor, int], Tensor], trainable: list[Tensor]) -> list[float]:
    """Return the losses of a few steps of SGD with cross-entropy, on batches of 16."""
    optimizer = torch.optim.SGD(trainable, lr=0.1, momentum=0.9) if trainable else None
    found = []
    for step in range(1, STEPS + 1):
        generator = torch.Generator().manual_seed(step)
        images = torch.randn((16, 1, 28, 28), generator=generator)
        labels = torch.randint(10, (16,), generator=generator)
        torch.manual_seed(step)
        loss = nn.functional.cross_entropy(forward(images, step), labels)
        found.append(loss.item())
        if optimizer:
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            optimizer.step()
    return found


def twin(construct: Callable[[], nn.Module]) -> nn.Module:
    """Construct a network as the capture does, so that both start from the same numbers."""
    torch.manual_seed(0)
    network = construct()
    network(torch.randn(2, 1, 28, 28)) if any(map(nn.parameter.is_lazy, network.parameters())) else None
    return network


@pytest.mark.parametrize("construct", FAITHFUL, ids=lambda construct: construct.__name__)
def test_the_program_trains_to_the_same_bits(construct: type[nn.Module], program_of: Callable[..., Program]) -> None:
    program = program_of(construct)
    tensors = program.fresh_tensors()
    network = twin(construct)
    with torch.no_grad():
        by_name = dict(itertools.chain(network.named_parameters(), network.named_buffers()))
        for stored, tensor in zip(program.capture.stored, tensors, strict=True):
            if stored.name in by_name:
                by_name[stored.name].copy_(tensor)
    ours = losses(
        lambda images, step: program.scores("train", images, tensors, training_steps=step),
        [tensor for tensor in tensors if tensor.requires_grad],
    )
    network.train()
    theirs = losses(lambda images, _: network(images), [p for p in network.parameters() if p.requires_grad])
    assert ours == theirs
    network.eval()
    images = torch.randn((3, 1, 28, 28), generator=torch.Generator().manual_seed(9))
    with torch.no_grad():
        assert torch.equal(program.scores("eval", images, tensors, training_steps=STEPS), network(images))


@pytest.mark.parametrize("construct", UNFAITHFUL, ids=lambda construct: construct.__name__)
def test_what_no_graph_can_hold_is_refused_with_its_reason(
    construct: type[nn.Module], program_of: Callable[..., Program]
) -> None:
    with pytest.raises(SubmissionError) as raised:
        program_of(construct)
    failure = raised.value.failure
    assert construct.__doc__ in f"{failure.message} | {failure.hint}"
    assert failure.network == construct.__name__


def test_a_refusal_names_the_students_line(program_of: Callable[..., Program]) -> None:
    construct = next(network for network in UNFAITHFUL if network.__name__ == "ItemScale")
    with pytest.raises(SubmissionError) as raised:
        program_of(construct)
    (frame,) = raised.value.failure.frames
    assert frame.file == "unfaithful.py"
    assert frame.code == "return x * x.mean().item()"


def test_layers_in_a_plain_list_are_named_where_their_state_stops_the_recording(
    program_of: Callable[..., Program],
) -> None:
    class Listed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = [nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8), nn.Dropout(0.1)]
            self.classes = nn.Linear(8, 10)

        def forward(self, x: Tensor) -> Tensor:
            for layer in self.layers:
                x = layer(x)
            return self.classes(x.mean((2, 3)))  # type: ignore[no-any-return]  # a module returns anything

    with pytest.raises(SubmissionError) as raised:
        program_of(Listed)
    assert raised.value.failure.hint == (
        "`self.layers` of Listed is a plain list of layers: their 96 weights are no parameters of the network, and no "
        "training changes them; put them into nn.ModuleList"
    )


def test_each_operator_carries_its_layer_and_line(program_of: Callable[..., Program]) -> None:
    construct = next(network for network in FAITHFUL if network.__name__ == "InPlace")
    sites = {node.op: node.site for node in program_of(construct).capture.train.nodes}
    assert sites["batch_norm.default"].layer == "norm"
    assert sites["batch_norm.default"].module == "BatchNorm2d"
    source = Path(__file__).parent.joinpath("networks/faithful.py").read_text().splitlines()
    assert source[(sites["relu.default"].line or 0) - 1].strip() == "return F.relu(x, inplace=True)"


def test_what_scales_with_the_batch_is_marked(program_of: Callable[..., Program]) -> None:
    construct = next(network for network in FAITHFUL if network.__name__ == "WriteThroughView")
    program = program_of(construct)
    for batch in (1, 2, 7):
        assert program.scores("eval", torch.randn(batch, 1, 28, 28), program.fresh_tensors()).shape == (batch, 10)


def test_gradients_off_is_kept(program_of: Callable[..., Program]) -> None:
    construct = next(network for network in FAITHFUL if network.__name__ == "NoGradSection")
    off = {node.op for node in program_of(construct).capture.train.nodes if not node.grad}
    assert off == {"mean.dim"}


def test_frozen_parameters_stay_frozen(program_of: Callable[..., Program]) -> None:
    construct = next(network for network in FAITHFUL if network.__name__ == "Frozen")
    stored = {stored.name: stored.trainable for stored in program_of(construct).capture.stored}
    assert stored["mix.weight"] is False
    assert stored["mix.bias"] is True


def test_a_shared_tensor_is_stored_once(program_of: Callable[..., Program]) -> None:
    names = [network for network in FAITHFUL if network.__name__ in ("Tied", "SharedStorage")]
    for construct in names:
        stored = [stored.name for stored in program_of(construct).capture.stored if stored.kind == "parameter"]
        assert "one" in "".join(stored)
        assert "two" not in "".join(stored)
