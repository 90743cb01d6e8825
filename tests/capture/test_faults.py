"""Whatever one network of a file raises is told as the student's own fault, and the others are captured.

Asking for a GPU puts code of netgrade's own between the student's line and torch, so each fault is tried under each way
of asking.
"""

from typing import TYPE_CHECKING, NamedTuple

import pytest

from netgrade.capture.submission import capture
from netgrade.messages import Captured, Failure, Found, Task

if TYPE_CHECKING:
    from tests.capture.conftest import Folder


class _Device(NamedTuple):
    """How a file asks for a GPU."""

    top: str = ""
    forward: str = ""
    end: str = ""


_DEVICES = {
    "not at all": _Device(),
    "model.cuda()": _Device(end="model = Good().cuda()"),
    "model.to('cuda')": _Device(end="model = Good().to('cuda')"),
    "torch.device('cuda')": _Device(top="device = torch.device('cuda')", end="model = Good().to(device)"),
    "torch.device('cuda', 0)": _Device(top="device = torch.device('cuda', 0)", end="model = Good().to(device)"),
    "cuda if there is one": _Device(
        top="device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')", end="model = Good().to(device)"
    ),
    "set_default_device": _Device(top="torch.set_default_device('cuda')"),
    "x.cuda()": _Device(forward="x = x.cuda()"),
    "x.to('cuda:0')": _Device(forward="x = x.to('cuda:0')"),
}


class _Fault(NamedTuple):
    """What a network does wrong: its constructor's line, its forward's, and what the student must be told."""

    forward: str = "return self.fc(x.flatten(1))"
    build: str = "self.fc = nn.Linear(784, 10)"
    error: str = "RuntimeError"
    hint: str = ""


_FAULTS = {
    "wrong in_features": _Fault(build="self.fc = nn.Linear(100, 10)", hint="make it nn.Linear(784, …)"),
    "wrong view": _Fault(forward="return self.fc(x.view(-1, 785))", hint="flatten with x.flatten(1)"),
    "wrong channels": _Fault(build="self.fc = nn.Conv2d(3, 10, 3)", forward="return self.fc(x)", hint="1 channel"),
    "wrong type": _Fault(forward="return self.fc(x.flatten(1).double())"),
    "unlike sizes": _Fault(forward="return torch.cat([x, self.fc(x.flatten(1))])"),
    "undefined name": _Fault(forward="return self.fc(y.flatten(1))", error="NameError"),
    "missing layer": _Fault(forward="return self.head(x.flatten(1))", error="AttributeError"),
    "arguments of a function": _Fault(forward="return F.relu(x, 1, 2, 3)", error="TypeError"),
    "arguments of a layer": _Fault(build="self.fc = nn.Linear(784)", error="TypeError"),
    "text that raises": _Fault(forward="raise Mute()", error="Mute"),
    "text that ends the program": _Fault(forward="raise Deadly()", error="Deadly"),
    "constructor of its own": _Fault(forward="raise Odd(1, 2, c=3)", error="Odd"),
    "sys.exit": _Fault(forward="sys.exit(3)", error="SystemExit", hint="remove what ends the program"),
    "KeyboardInterrupt": _Fault(forward="raise KeyboardInterrupt", error="KeyboardInterrupt"),
    "KeyboardInterrupt in the constructor": _Fault(build="raise KeyboardInterrupt", error="KeyboardInterrupt"),
    "MemoryError": _Fault(forward="raise MemoryError", error="MemoryError"),
    "endless recursion": _Fault(forward="return self.forward(x)", error="RecursionError", hint="calls itself"),
    "warnings as errors": _Fault(
        forward="warnings.simplefilter('error'); return F.softmax(self.fc(x.flatten(1)))", error="UserWarning"
    ),
    "broken sibling": _Fault(build="from blocks import Block; self.fc = Block()", error="ZeroDivisionError"),
    "missing sibling": _Fault(build="from nowhere import Block; self.fc = Block()", error="ModuleNotFoundError"),
}

_EXCEPTIONS = """
class Mute(Exception):
    def __str__(self):
        raise ValueError("no words")


class Deadly(Exception):
    def __str__(self):
        raise SystemExit(0)


class Odd(Exception):
    def __init__(self, a, b, *, c):
        pass
"""


def _text(device: _Device, fault: _Fault) -> str:
    broken = (fault.build, [device.forward, fault.forward])
    good = ("self.fc = nn.Linear(784, 10)", [device.forward, "return self.fc(x.flatten(1))"])
    classes = [
        f"class {name}(nn.Module):\n    def __init__(self):\n        super().__init__()\n        {build}\n\n"
        f"    def forward(self, x):\n        {'; '.join(filter(None, forward))}\n"
        for name, (build, forward) in {"Broken": broken, "Good": good}.items()
    ]
    imports = "import sys\nimport warnings\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
    return "\n".join([imports, device.top, _EXCEPTIONS, *classes, device.end])


@pytest.mark.filterwarnings("ignore")  # the student's warnings are none of ours
@pytest.mark.parametrize("fault", _FAULTS)
@pytest.mark.parametrize("device", _DEVICES)
def test_a_fault_is_the_students_and_the_other_network_is_captured(folder: "Folder", device: str, fault: str) -> None:
    folder.write("1 / 0\n", "blocks.py")
    text = _text(_DEVICES[device], _FAULTS[fault])
    sent: list[Found | Captured | Failure] = []
    capture(Task(path=str(folder.write(text))), sent.append)
    found, failure, captured = sent
    assert isinstance(found, Found)
    assert found.candidates == ("Broken", "Good")
    assert isinstance(failure, Failure)
    assert (failure.network, failure.error) == ("Broken", _FAULTS[fault].error)
    assert failure.message.startswith(("forward raises on a batch of five 1×28×28 images: ", "Broken() raises: ")), (
        failure.message
    )
    expected = _FAULTS[fault].build if "Broken()" in failure.message else _FAULTS[fault].forward
    assert expected in {frame.code.rpartition(".cuda(); ")[2].rpartition("'cuda:0'); ")[2] for frame in failure.frames}
    assert {frame.file for frame in failure.frames} <= {"model.py", "blocks.py"}
    assert _FAULTS[fault].hint in failure.hint
    assert isinstance(captured, Captured), captured
    assert captured.network == "Good"
