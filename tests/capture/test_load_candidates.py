"""Which of the things in a file are networks."""

from typing import TYPE_CHECKING

import pytest
import torch

if TYPE_CHECKING:
    from tests.capture.conftest import Folder

BLOCK = """
class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(1, channels, 3)

    def forward(self, x):
        return self.conv(x)
"""
ARGUMENTS = """
class Net(nn.Module):
    def __init__(self, width, classes, *, bias):
        super().__init__()
        self.fc = nn.Linear(width, classes, bias)

    def forward(self, x):
        return self.fc(x.flatten(1))
"""
IMPORTS = "import torch\nfrom functools import partial\nfrom torch import nn\n"


def test_several_networks_in_the_order_of_definition(folder: "Folder") -> None:
    text = "".join(folder.net(f"Model_{number}") for number in (3, 1, 2))
    assert folder.names(text) == ["Model_3", "Model_1", "Model_2"]


@pytest.mark.parametrize("suffix", ["Loss", "_loss", "Criterion"])
def test_a_loss_by_its_name(folder: "Folder", suffix: str) -> None:
    assert folder.names(folder.net(f"Focal{suffix}") + folder.net()) == ["Net"]


def test_a_loss_by_its_base_and_by_its_second_input(folder: "Folder") -> None:
    other = "class Smooth(nn.CrossEntropyLoss):\n    pass\n"
    third = "class Cost(nn.Module):\n    def forward(self, scores, target):\n        return scores\n"
    assert folder.names(folder.net() + other + third) == ["Net"]


def test_layers_of_another_network_are_no_networks(folder: "Folder") -> None:
    text = folder.net("Head") + folder.net("Net", build="self.fc = nn.Sequential(Head())") + folder.net("Alone")
    assert folder.names(text) == ["Net", "Alone"]


def test_a_layer_without_parameters_is_no_network_beside_one_with(folder: "Folder") -> None:
    flatten = folder.net("Flatten", build="pass", forward="return x.flatten(1)")
    assert folder.names(flatten + folder.net()) == ["Net"]
    assert folder.names(flatten) == ["Flatten"]


def test_a_base_class_with_a_forward_is_a_network_and_one_without_is_not(folder: "Folder") -> None:
    abstract = IMPORTS + "class Base(nn.Module):\n    def start(self):\n        self.fc = 1\n"
    assert folder.names(abstract + folder.net().replace("nn.Module", "Base")) == ["Net"]
    assert folder.names(folder.net("One") + "class Two(One):\n    pass\n") == ["One", "Two"]


def test_blocks_that_need_arguments_are_no_networks(folder: "Folder") -> None:
    assert folder.names(IMPORTS + BLOCK + folder.net(build="self.fc = nn.Sequential(Block(3))")) == ["Net"]


@pytest.mark.parametrize(
    "name", ["create_model", "get_net", "build_cnn", "ResNet18", "model", "make_it", "initialize_model"]
)
def test_a_factory_gives_the_arguments(folder: "Folder", name: str) -> None:
    factory = f"def {name}(width=784):\n    return Net(width, 10, bias=False)\n"
    loaded = folder.load(IMPORTS + ARGUMENTS + factory)
    assert [candidate.name for candidate in loaded.candidates] == [name]
    assert loaded.candidates[0].build().fc.bias is None


def test_factories_that_call_each_other(folder: "Folder") -> None:
    private = "def _vgg(width):\n    made = Net(784, width, bias=True).to('cpu')\n    return made\n"
    public = "def vgg11():\n    return _vgg(3)\ndef vgg13():\n    return _vgg(4)\ndef width():\n    return 3\n"
    assert folder.names(IMPORTS + ARGUMENTS + private + public) == ["vgg11", "vgg13"]
    assert folder.names(IMPORTS + ARGUMENTS + private + "chosen = _vgg(5)\n") == ["chosen"]


def test_a_network_whose_text_cant_be_made(folder: "Folder") -> None:
    assert folder.names(folder.net() + "    def extra_repr(self):\n        return self.nothing\n") == ["Net"]


@pytest.mark.parametrize(
    "function",
    [
        "def train_model():\n    while True:\n        pass\n    return Net()",
        "def load_model():\n    raise RuntimeError",
        "def create_model(width):\n    return Net()",
        "def create_model(*, width):\n    return Net()",
        "def create_model():\n    Net()",
        "def get_model_and_data():\n    return Net(), 3",
        "def model_error():\n    return 1 / 0",
        "def count_parameters(model=None):\n    return model.x",
        "def create_model():\n    return Net()",
        "def create_model():\n    model = Net().to('cpu')\n    return model",
    ],
)
def test_other_functions_add_nothing(folder: "Folder", function: str) -> None:
    assert folder.names(f"{folder.net()}\n{function}\n") == ["Net"]


def test_a_factory_that_builds_otherwise_than_the_class_alone_is_a_network_too(folder: "Folder") -> None:
    text = folder.net().replace("__init__(self)", "__init__(self, width=10)").replace("784, 10", "784, width")
    factories = "".join(
        f"def {name}_net():\n    return Net({width})\n" for name, width in (("small", 5), ("tiny", 5), ("usual", 10))
    )
    assert folder.names(text + factories) == ["Net", "small_net"]


def test_a_variable_counts_where_its_class_needs_arguments(folder: "Folder") -> None:
    loaded = folder.load(IMPORTS + ARGUMENTS + "width = 784\nmodel = Net(width, 10, bias=True).to('cpu')\n")
    assert [candidate.name for candidate in loaded.candidates] == ["model"]


def test_a_variable_of_a_class_that_needs_no_arguments_adds_nothing(folder: "Folder") -> None:
    assert folder.names(folder.net() + "model = Net()\nnetwork = Net().to('cpu')\n") == ["Net"]


BY_STEPS = """
layers = []
for width in (784, 32):
    layers.append(nn.Linear(width, 32))
body = nn.Sequential(*layers)
model = nn.Sequential(nn.Flatten(), body)
model.add_module('head', nn.Linear(32, 10))
model.train()
criterion = nn.CrossEntropyLoss()
model.load_state_dict(torch.load('weights.pth'))
"""


def test_a_sequential_network_is_built_with_all_that_is_added_to_it(folder: "Folder") -> None:
    loaded = folder.load(IMPORTS + BY_STEPS)
    assert [candidate.name for candidate in loaded.candidates] == ["model"]
    network = loaded.candidates[0].build()
    assert [type(layer).__name__ for layer in network] == ["Flatten", "Sequential", "Linear"]
    assert len(network[1]) == 2


def test_every_build_draws_anew(folder: "Folder") -> None:
    texts = (folder.net(), f"{IMPORTS}model = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))\n")
    for text in texts:
        build = folder.load(text).candidates[0].build
        weights = []
        for seed in (0, 0, 1):
            torch.manual_seed(seed)
            weights.append(next(build().parameters()).detach())
        assert torch.equal(weights[0], weights[1])
        assert not torch.equal(weights[0], weights[2])
        assert weights[0] is not weights[1]


MAKER = """
def with_width(width):
    class Inner(Net):
        def __init__(self):
            super().__init__(width, 10, bias=True)
    return Inner
"""


@pytest.mark.parametrize(
    ("text", "name"),
    [("Model = partial(Net, 784, 10, bias=True)", "Model"), (MAKER + "Wide = with_width(784)", "Wide")],
)
def test_classes_that_are_made_by_a_call(folder: "Folder", text: str, name: str) -> None:
    loaded = folder.load(f"{IMPORTS}{ARGUMENTS}{text}\n")
    assert [candidate.name for candidate in loaded.candidates] == [name]
    assert loaded.candidates[0].build().fc.in_features == 784


def test_a_class_by_two_names_is_one_network(folder: "Folder") -> None:
    assert folder.names(folder.net() + "Model = Net\nMyNet = Net\n") == ["Net"]


def test_a_class_within_a_condition(folder: "Folder") -> None:
    text = folder.net().replace("class Net", "if True:\n  class Net").replace("\n    ", "\n      ")
    assert folder.names(text) == ["Net"]


def test_a_network_that_cant_be_made_stands_beside_one_that_can(folder: "Folder") -> None:
    loaded = folder.load(folder.net("Good") + folder.net("Bad", build="self.fc = nn.Linear('a', 1)"))
    assert [candidate.name for candidate in loaded.candidates] == ["Good", "Bad"]
    with pytest.raises(Exception, match=r"Bad\(\) raises: TypeError"):
        loaded.candidates[1].build()


def test_a_block_that_cant_be_made_is_still_a_block(folder: "Folder") -> None:
    text = folder.net("Head", build="1 / 0") + folder.net(build="self.fc = Head()")
    assert folder.failure(text).network == "Net"


@pytest.mark.parametrize("name", ["Block", "FocalLoss", "Net", "create_thing", "body"])
def test_whatever_is_asked_for_by_name_is_given(folder: "Folder", name: str) -> None:
    block = BLOCK.replace("(self, channels)", "(self, channels=3)")
    loss = folder.net("FocalLoss")
    rest = "def create_thing():\n    return Block(2)\nbody = nn.Sequential(Block(1))\n"
    text = IMPORTS + block + loss + folder.net(build="self.fc = Block()") + rest
    assert folder.names(text, name) == [name]


def test_names_that_do_not_exist_are_met_with_those_that_do(folder: "Folder") -> None:
    failure = folder.failure(folder.net("Model_1") + folder.net("Model_2"), "Model2")
    assert failure.stage == "find"
    assert failure.message == "model.py has no network called Model2; did you mean Model_2?"
    assert failure.hint == "it has Model_1, Model_2"
    assert failure.candidates == ("Model_1", "Model_2")


def test_a_name_unlike_any(folder: "Folder") -> None:
    failure = folder.failure("x = 1\nimport torch\n", "Net")
    assert failure.message == "model.py has no network called Net"
    assert failure.hint == "it defines no nn.Module"


@pytest.mark.parametrize("name", ["WIDTH", "torch", "Trainer"])
def test_what_is_no_network_is_not_found_under_its_name(folder: "Folder", name: str) -> None:
    failure = folder.failure(folder.net() + "WIDTH = 3\nclass Trainer:\n    pass\n", name)
    assert failure.message.startswith(f"model.py has no network called {name}")
