"""Files whose networks can't be found or made: what the student reads."""

from typing import TYPE_CHECKING

import pytest

from netgrade.capture.errors import SubmissionError
from netgrade.messages import Frame

if TYPE_CHECKING:
    from tests.capture.conftest import Folder

DEFAULTS = "give them defaults, or add def create_model() that returns the network"
NEEDS = "needs constructor arguments:"
IMPORTS = "import torch\nfrom torch import nn\n"


def cls(name: str, constructor: str = "", forward: str = "def forward(self, x): return x") -> str:
    return (
        f"class {name}(nn.Module):\n    def __init__(self{constructor}):\n        super().__init__()\n    {forward}\n"
    )


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("x = 1", "model.py defines no nn.Module", "define the network as a class that inherits from nn.Module"),
        (
            "class Net:\n    def forward(self, x): return x",
            "model.py defines no nn.Module",
            "Net has a forward: write class Net(nn.Module)",
        ),
        (
            "from tensorflow import keras\nclass Net(keras.Model): pass",
            "model.py defines no nn.Module; it imports tensorflow, and only networks in PyTorch are graded",
            "define the network as a class that inherits from nn.Module",
        ),
        (cls("Net", ", n_classes"), "Net needs constructor arguments: n_classes", DEFAULTS),
        (cls("Net", ", a, b=1, *c, d, **e"), "Net needs constructor arguments: a, d", DEFAULTS),
        (
            cls("FocalLoss") + cls("Block", ", channels"),
            "model.py has no network to grade: FocalLoss is a loss; Block needs constructor arguments: channels",
            DEFAULTS,
        ),
        (
            cls("Block", ", channels") + cls("Net", ", classes") + "Net.block = lambda self: Block(3)\n",
            f"model.py has no network to grade: Block {NEEDS} channels; Net {NEEDS} classes",
            DEFAULTS,
        ),
        (
            cls("Block", ", channels") + cls("Net", ", classes", "def forward(self, x): return Block(3)(x)"),
            "Net needs constructor arguments: classes",
            DEFAULTS,
        ),
        (
            cls("Pair", forward="def forward(self, one, other): return one"),
            "Pair.forward needs 2 inputs: one, other",
            "forward takes one batch of images, and nothing else that has no default",
        ),
        (
            cls("Net", forward="pass"),
            "Net has no forward",
            "define forward(self, x) in the class itself, beside __init__",
        ),
        (
            cls("Net", forward="def foward(self, x): return x"),
            "Net has no forward: it is spelled foward",
            "define forward(self, x) in the class itself, beside __init__",
        ),
        (
            cls("Net", forward="    def forward(self, x): return x"),
            "Net has no forward: it is indented into __init__",
            "define forward(self, x) in the class itself, beside __init__",
        ),
    ],
)
def test_a_file_without_a_network(folder: "Folder", text: str, message: str, hint: str) -> None:
    failure = folder.failure(IMPORTS + text)
    assert (failure.stage, failure.message, failure.hint) == ("find", message, hint)


@pytest.mark.parametrize(
    ("text", "helper"),
    [
        ("def accuracy(scores, labels):\n    return (scores.argmax(1) == labels).float().mean()\n", True),
        (cls("FocalLoss"), True),
        (cls("Net", forward="pass"), False),
        (cls("FocalLoss") + cls("Net", forward="pass"), False),
        ("import keras\n", False),
        ("class Net:\n    def forward(self, x): return x\n", False),
        (cls("Net").replace("nn.Module", "nn.Modul"), False),
    ],
)
def test_a_file_that_was_not_meant_to_have_a_network(folder: "Folder", text: str, *, helper: bool) -> None:
    assert folder.failure(IMPORTS + text).helper == helper


def test_a_constructor_that_raises_shows_the_students_own_lines(folder: "Folder") -> None:
    failure = folder.failure(folder.net(build="self.fc = nn.Conv2d(3, 4, 3, groups=2)"))
    assert failure.stage == "construct"
    assert failure.network == "Net"
    assert failure.message == "Net() raises: ValueError: in_channels must be divisible by groups"
    assert failure.error == "ValueError"
    assert failure.frames == (Frame(file="model.py", line=9, code="self.fc = nn.Conv2d(3, 4, 3, groups=2)"),)


def test_frames_lead_through_siblings(folder: "Folder") -> None:
    folder.write("def head():\n    raise KeyError('no\\n  head')\n", "parts/heads.py")
    failure = folder.failure("from parts.heads import head\n" + folder.net(build="self.fc = head()"))
    assert failure.message == "Net() raises: KeyError: 'no\\n head'"
    assert failure.frames == (
        Frame(file="model.py", line=10, code="self.fc = head()"),
        Frame(file="parts/heads.py", line=2, code="raise KeyError('no\\n  head')"),
    )


def test_a_recursion_is_shown_in_six_lines(folder: "Folder") -> None:
    failure = folder.failure(folder.net(build="Net()"))
    assert failure.error == "RecursionError"
    assert failure.frames[:5] == (Frame(file="model.py", line=9, code="Net()"),) * 5
    assert len(failure.frames) == 6


@pytest.mark.parametrize(
    ("constructor", "words", "hint"),
    [
        ("self.fc = nn.Linear(784, width)", "NameError: name 'width' is not defined", "define `width` in the file"),
        ("self.fc = self.width", "AttributeError: 'Net' object has no attribute 'width'", "`self.width` is used"),
        ("torch.load('weights.pth')", "FileNotFoundError: ", "a network must load without data or weights"),
        ("raise EOFError('EOF when reading a line')", "EOFError: EOF when reading a line", "remove input()"),
        ("raise SystemExit(0)", "SystemExit: 0", "remove what ends the program here"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", "remove what raises KeyboardInterrupt"),
        ("raise KeyError('width')", "KeyError: 'width'", ""),
        ("torch.cuda.synchronize()", "", "networks are checked on the CPU"),
    ],
)
def test_what_a_constructor_raises_comes_with_advice(folder: "Folder", constructor: str, words: str, hint: str) -> None:
    failure = folder.failure(folder.net(build=constructor))
    assert failure.message.startswith(f"Net() raises: {words}")
    assert failure.hint.startswith(hint)
    assert bool(failure.hint) == bool(hint)


def test_a_name_whose_definition_failed(folder: "Folder") -> None:
    failure = folder.failure("import torch\nW = torch.load('w.pth')\n" + folder.net(build="self.fc = W"))
    assert failure.message == "Net() raises: NameError: name 'W' is not defined"
    assert failure.hint.startswith("`W` is missing because line 2 raises FileNotFoundError: ")


def test_a_name_that_only_the_program_makes(folder: "Folder") -> None:
    text = folder.net(build="self.fc = nn.Linear(784, WIDTH)") + "if __name__ == '__main__':\n    WIDTH = 10\n"
    assert folder.failure(text).hint == (
        '`WIDTH` is only made in a part that does not run here, as under `if __name__ == "__main__"`; move it out'
    )


def test_a_class_whose_definition_fails(folder: "Folder") -> None:
    failure = folder.failure(IMPORTS + "class Net(nn.Module):\n    width = WIDTH\n    def forward(self, x): return x\n")
    assert failure.stage == "load"
    assert failure.message == "the definition of Net raises: NameError: name 'WIDTH' is not defined"
    assert failure.frames == (
        Frame(file="model.py", line=3, code="class Net(nn.Module):"),
        Frame(file="model.py", line=4, code="width = WIDTH"),
    )


def test_a_network_whose_base_is_misspelt(folder: "Folder") -> None:
    failure = folder.failure("import math\nclass Net(nm.Module):\n    def forward(self, x): return x\n")
    assert failure.message == "the definition of Net raises: NameError: name 'nm' is not defined"


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("def create_model():\n    return {'width': 3}", "create_model() returns a dict, not an nn.Module"),
        ("def create_model():\n    return None", "create_model() returns None, not an nn.Module"),
        ("def create_model():\n    return torch, 3", "create_model() returns a tuple, not an nn.Module"),
        ("def create_model():\n    return 3", "create_model() returns an int, not an nn.Module"),
    ],
)
def test_a_factory_that_returns_something_else(folder: "Folder", function: str, message: str) -> None:
    failure = folder.failure(IMPORTS + function)
    assert (failure.stage, failure.message, failure.hint) == ("construct", message, "return the network alone")


def test_what_is_asked_for_by_name_needs_arguments(folder: "Folder") -> None:
    text = folder.net() + cls("Block", ", channels") + "def create_model(width): return Net()\n"
    assert folder.failure(text, "Block").message == "Block needs constructor arguments: channels"
    assert folder.failure(text, "create_model").message == "create_model needs arguments: width"


def test_one_of_several_fails_with_its_own_frame(folder: "Folder") -> None:
    loaded = folder.load(folder.net() + folder.net("Other", build="self.fc = nope"))
    with pytest.raises(SubmissionError) as caught:
        loaded.candidates[1].build()
    failure = caught.value.failure
    assert failure.network == "Other"
    assert failure.message == "Other() raises: NameError: name 'nope' is not defined"
    assert failure.frames == (Frame(file="model.py", line=21, code="self.fc = nope"),)


def test_long_and_unprintable_errors(folder: "Folder") -> None:
    bad = "class Bad(Exception):\n    def __str__(self): raise ValueError\n"
    assert folder.failure(bad + folder.net(build="raise Bad")).message == "Net() raises: Bad"
    message = folder.failure(folder.net(build="raise ValueError('x' * 10 ** 6)")).message
    assert message.startswith("Net() raises: ValueError: xxx")
    assert len(message) < 500
