"""What a beginner is told of a slip: each text, whole."""

from typing import TYPE_CHECKING

import pytest

from netgrade.capture.submission import capture
from netgrade.messages import Captured, Failure, Found, Task

if TYPE_CHECKING:
    from tests.capture.conftest import Folder

FC = "self.fc = nn.Linear(784, 10)"
CONV = "self.conv = nn.Conv2d(1, 8, 3)"


def told(folder: "Folder", text: str) -> Failure:
    """Return why the only network of a file is not captured."""
    sent: list[Found | Captured | Failure] = []
    capture(Task(path=str(folder.write(text))), sent.append)
    failure = sent[-1]
    assert isinstance(failure, Failure), sent
    return failure


@pytest.mark.filterwarnings("ignore")  # the student's warnings are none of ours
@pytest.mark.parametrize(
    ("build", "forward", "hint"),
    [
        (
            "self.fc = nn.Linear(320, 10)",
            "return self.fc(x.flatten(1))",
            "784 values arrive at a linear layer made for 320: make it nn.Linear(784, …)",
        ),
        (
            FC,
            "return self.fc(x)",
            "a map of 1×28×28 arrives at a linear layer; flatten it first, with x.flatten(1)",
        ),
        (
            f"{CONV}; self.fc = nn.Linear(100, 10)",
            "return self.fc(self.conv(x).view(-1, 100))",
            "the map has 8 × 26 × 26 values an image here; flatten with x.flatten(1)",
        ),
        (
            FC,
            "return self.fc(x.view(64, 784))",
            "the batch size is written as 64 there; use -1 or x.size(0), for it is not the same every time",
        ),
        (
            "self.conv = nn.Conv2d(3, 8, 3)",
            "return self.conv(x).mean((2, 3))",
            "the images have 1 channel, the first convolution takes 3: nn.Conv2d(1, …)",
        ),
        (
            "self.one = nn.Conv2d(1, 8, 3); self.two = nn.Conv2d(16, 10, 3)",
            "return self.two(self.one(x)).mean((2, 3))",
            "this convolution takes 16 channels, the map before it has 8: make it nn.Conv2d(8, …)",
        ),
        (
            f"{CONV}; self.bn = nn.BatchNorm2d(16)",
            "return self.bn(self.conv(x)).mean((2, 3))",
            "batch norm is made for 16 channels, the map has 8: use BatchNorm2d(8)",
        ),
        (
            CONV,
            "return F.max_pool2d(self.conv(x), 30)",
            "the map has become smaller than the window (26×26): pool less, or pad",
        ),
        (
            CONV,
            "return x + self.conv(x)",
            (
                "1×28×28 and 8×26×26 meet there; where a block's input is added to its output, take it through a 1×1 "
                "convolution of the block's channels and stride first"
            ),
        ),
        (
            CONV,
            "return self.conv(x.flatten(1))",
            "a convolution takes maps, and here come vectors of 784 values: flatten after the convolutions",
        ),
        (
            FC,
            "return F.log_softmax(self.fc(x.flatten(1)), dim=2)",
            (
                "the tensor has 2 dimensions there, the batch included; count dimensions from 0, and the classes of a "
                "batch of scores are dimension 1"
            ),
        ),
        (
            f"{CONV}; self.bn = nn.BatchNorm1d(8)",
            "return self.bn(self.conv(x))",
            "BatchNorm1d is for vectors; a map takes BatchNorm2d",
        ),
        (
            f"{FC}; self.bn = nn.BatchNorm2d(10)",
            "return self.bn(self.fc(x.flatten(1)))",
            "BatchNorm2d is for maps; a vector takes BatchNorm1d",
        ),
        (
            FC,
            "return self.fc(x.transpose(2, 3).view(x.size(0), 784))",
            "use x.reshape(…) or x.flatten(1) in place of x.view(…)",
        ),
        (
            FC,
            "return self.fc(x.flatten(1).double())",
            "keep everything in float32: no .double(), .half() or .long() on images or weights",
        ),
        (
            "self.rnn = nn.LSTM(28, 8); self.fc = nn.Linear(8, 10)",
            "return self.fc(self.rnn(x.squeeze(1)))",
            "a tuple arrives there, as an LSTM or a GRU gives it: unpack it, out, _ = self.lstm(x)",
        ),
        (
            "self.rnn = nn.LSTM(28, 8); self.fc = nn.Linear(8, 10)",
            "return self.fc(self.rnn(x.squeeze(1)).mean(1))",
            "a tuple arrives there, as an LSTM or a GRU gives it: unpack it, out, _ = self.lstm(x)",
        ),
        (
            "self.rnn = nn.LSTM(28, 8); self.fc = nn.Linear(8, 10)",
            "return self.fc(self.rnn(x.squeeze(1))[:, -1])",
            "a tuple arrives there, as an LSTM or a GRU gives it: unpack it, out, _ = self.lstm(x)",
        ),
        (
            FC,
            "import urllib.error; raise urllib.error.URLError('no network')",
            "a network must load without downloads: leave pretrained weights out",
        ),
        (
            FC,
            "return self.fc(print())",
            "None arrives there: some function before gives nothing; end it with `return x`",
        ),
        (
            FC,
            "return self.fc(print().flatten(1))",
            "None arrives there: some function before gives nothing; end it with `return x`",
        ),
        (
            FC,
            "return self.fc(nn.ReLU(x).flatten(1))",
            "nn.ReLU is made there where it should be called: make it in __init__, or write nn.ReLU(…)(x)",
        ),
        (
            CONV,
            "return self.conv(nn.MaxPool2d(x, 2))",
            "nn.MaxPool2d is made there where it should be called: make it in __init__, or write nn.MaxPool2d(…)(x)",
        ),
        (
            FC,
            "return nn.Softmax(self.fc(x.flatten(1)), dim=1)",
            "nn.Softmax is made there where it should be called: make it in __init__, or write nn.Softmax(…)(x)",
        ),
        (
            "self.conv_1 = nn.Conv2d(1, 8, 3); self.fc1 = nn.Linear(8, 10)",
            "return self.conv1(x)",
            "`self.conv1` is used, but never made in __init__ of Net: it makes `conv_1`, `fc1`; did you mean `conv_1`?",
        ),
        (
            "conv1 = nn.Conv2d(1, 8, 3)",
            "return self.conv1(x)",
            "`self.conv1` is used, but never made in __init__ of Net: it makes none",
        ),
        (FC, "return self.fc(images.flatten(1))", "define `images` before this line"),
        (FC, "image = x; return self.fc(imag.flatten(1))", "define `imag` before this line; did you mean `image`?"),
        (
            FC,
            "return self.forward(x)",
            "it calls itself without end: look for a method that calls itself, or a class that makes itself",
        ),
        (FC, "sys.exit(1)", "remove what ends the program here, sys.exit() or exit()"),
        (FC, "raise KeyboardInterrupt", "remove what raises KeyboardInterrupt here; nobody has pressed a key"),
        (FC, "raise EOFError", "remove input(): nobody is there to answer"),
        (FC, "open('weights.pt')", "a network must load without data or weights: build it from code alone"),
    ],
)
def test_a_slip_in_forward(folder: "Folder", build: str, forward: str, hint: str) -> None:
    text = "import sys\n" + folder.net(build=build, forward=forward)
    failure = told(folder, text)
    assert failure.hint == hint, failure.message
    assert (failure.stage, failure.frames[-1].line) == ("forward", 13)


@pytest.mark.parametrize(
    ("build", "message", "hint"),
    [
        (
            "self.fc = nn.Linear(784)",
            "Net() raises: TypeError: Linear.__init__() missing 1 required positional argument: 'out_features'",
            "nn.Linear takes in_features, out_features, bias, device, dtype: give at least in_features, out_features",
        ),
        (
            "self.conv = nn.Conv2d(1, 8, kernel=3)",
            "Net() raises: TypeError: Conv2d.__init__() got an unexpected keyword argument 'kernel'",
            (
                "nn.Conv2d takes in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, "
                "padding_mode, device, dtype; did you mean `kernel_size`?"
            ),
        ),
        (
            "super(Other, self).__init__()",
            "Net() raises: TypeError: super(type, obj): obj must be an instance or subtype of type",
            "super(…) names another class there: write super().__init__(), without arguments",
        ),
        (
            "self.net = Net()",
            "Net() raises: RecursionError: maximum recursion depth exceeded",
            "it calls itself without end: look for a method that calls itself, or a class that makes itself",
        ),
        (
            "self.fc = nn.Linear(self.size, 10)",
            "Net() raises: AttributeError: 'Net' object has no attribute 'size'",
            "`self.size` is used, but never made in __init__ of Net: it makes none",
        ),
        (
            "self.conv = nn.Conv2D(1, 8, 3)",
            "Net() raises: AttributeError: module 'torch.nn' has no attribute 'Conv2D'",
            "did you mean `Conv2d`?",
        ),
    ],
)
def test_a_slip_in_the_constructor(folder: "Folder", build: str, message: str, hint: str) -> None:
    failure = told(folder, "class Other: pass\n" + folder.net(build=build))
    assert failure.message.split(". Did you mean")[0].startswith(message)  # later Pythons guess as well
    assert failure.hint == hint
    assert failure.frames[0].line == 10


@pytest.mark.parametrize("build", ["self.fc = nn.Linear(784, 10)", "self.w = nn.Parameter(torch.ones(784, 10))"])
def test_a_forgotten_super(folder: "Folder", build: str) -> None:
    failure = told(folder, folder.net(build=build).replace("super().__init__()", "self.classes = 10"))
    assert failure.hint == "call super().__init__() first in __init__"
    assert failure.frames[-1].line == 9


def test_a_forgotten_super_that_forward_meets(folder: "Folder") -> None:
    failure = told(folder, folder.net(build="self.classes = 10").replace("super().__init__()", "pass"))
    assert failure.hint == "call super().__init__() first in __init__"


def test_a_forward_without_an_input(folder: "Folder") -> None:
    failure = told(folder, folder.net().replace("forward(self, x)", "forward(self)"))
    assert failure.hint == "let forward take the images: def forward(self, x)"


def test_a_forward_without_self(folder: "Folder") -> None:
    failure = told(folder, folder.net().replace("forward(self, x)", "forward(x)"))
    assert failure.hint == "let forward take the images: def forward(self, x)"


@pytest.mark.parametrize(
    ("forward", "message", "hint"),
    [
        ("return x, x", "forward returns a tuple of 2 values, not a tensor of scores", "one tensor"),
        ("x = self.fc(x.flatten(1))", "forward returns None, not a tensor of scores", "end forward with `return x`"),
        ("return self.fc(x.flatten(1)).argmax(1)", "forward returns a tensor of int64", "not the classes"),
        ("return {'scores': x}", "forward returns a dict, not a tensor of scores", "one tensor"),
    ],
)
def test_what_forward_returns(folder: "Folder", forward: str, message: str, hint: str) -> None:
    failure = told(folder, folder.net(forward=forward))
    assert failure.message.startswith(message)
    assert hint in failure.hint
    assert [(frame.line, frame.code) for frame in failure.frames] == [(12, forward)]


@pytest.mark.parametrize(
    ("kept", "kind", "proper"),
    [
        ("[nn.Linear(784, 10)]", "list", "nn.ModuleList"),
        ("(nn.Linear(784, 10),)", "tuple", "nn.ModuleList"),
        ("{0: nn.Linear(784, 10)}", "dict", "nn.ModuleDict"),
    ],
)
def test_layers_in_a_plain_list(folder: "Folder", kept: str, kind: str, proper: str) -> None:
    loaded = folder.load(folder.net(build=f"self.layers = {kept}", forward="return self.layers[0](x.flatten(1))"))
    (note,) = loaded.notes
    assert note == (
        f"`self.layers` of Net is a plain {kind} of layers: their 7,850 weights are no parameters of the network, and "
        f"no training changes them; put them into {proper}"
    )


def test_a_list_of_layers_that_are_known_is_no_mistake(folder: "Folder") -> None:
    build = "self.fc = nn.Linear(784, 10); self.layers = [self.fc, nn.ReLU(), 3]"
    assert folder.load(folder.net(build=build)).notes == ()
