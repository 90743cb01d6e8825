"""A submission stays on the CPU, whatever device it asks for."""

from typing import TYPE_CHECKING

import pytest
import torch

from netgrade.capture.device import keep_on_cpu

if TYPE_CHECKING:
    from tests.capture.conftest import Folder

NOTE = "the file asks for a GPU; the network was kept on the CPU"


@pytest.mark.parametrize(
    "build",
    [
        "self.fc = nn.Linear(784, 10).cuda()",
        "self.fc = nn.Linear(784, 10).cuda(0)",
        "self.fc = nn.Linear(784, 10).to('cuda')",
        "self.fc = nn.Linear(784, 10).to(torch.device('cuda:0'))",
        "self.fc = nn.Linear(784, 10, device='cuda')",
        "self.fc = nn.Linear(784, 10); self.t = torch.zeros(3, device='mps').to('cuda', torch.float64)",
        "self.fc = nn.Linear(784, 10); self.register_buffer('t', torch.ones(3).cuda(non_blocking=True))",
    ],
)
def test_a_constructor_that_asks_for_a_gpu(folder: "Folder", build: str) -> None:
    loaded = folder.load(folder.net(build=build))
    network = loaded.candidates[0].build()
    assert {tensor.device.type for tensor in (*network.parameters(), *network.buffers())} == {"cpu"}
    assert loaded.notes == (NOTE,)


@pytest.mark.parametrize("forward", ["return self.fc(x.cuda().flatten(1))", "return self.fc(x.to('cuda').flatten(1))"])
def test_a_forward_that_asks_for_a_gpu(folder: "Folder", forward: str) -> None:
    network = folder.load(folder.net(forward=forward)).candidates[0].build()
    with torch.inference_mode():
        assert network(torch.ones(2, 1, 28, 28)).device.type == "cpu"


def test_a_variable_that_asks_for_a_gpu(folder: "Folder") -> None:
    loaded = folder.load("from torch import nn\nmodel = nn.Sequential(nn.Linear(784, 10)).to('cuda:0')\n")
    assert next(loaded.candidates[0].build().parameters()).device.type == "cpu"
    assert loaded.notes == (NOTE,)


def test_a_sibling_that_asks_for_a_gpu(folder: "Folder") -> None:
    folder.write("from torch import nn\ndef head():\n    return nn.Linear(784, 10).cuda()\n", "blocks.py")
    loaded = folder.load("from blocks import head\n" + folder.net(build="self.fc = head()"))
    assert loaded.candidates[0].build().fc.weight.device.type == "cpu"
    assert loaded.notes == (NOTE,)


@pytest.mark.parametrize(
    "device",
    [
        "torch.device('cuda' if torch.cuda.is_available() else 'cpu')",
        "'cuda' if torch.cuda.is_available() else 'cpu'",
        "torch.device('cpu')",
    ],
)
def test_a_file_that_asks_first_is_left_alone(folder: "Folder", device: str) -> None:
    text = f"import torch\nDEVICE = {device}\n{folder.net(build='self.fc = nn.Linear(784, 10).to(DEVICE)')}"
    assert folder.load(text).notes == ()
    assert keep_on_cpu(()) is None
