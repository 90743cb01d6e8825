"""What a function says that it returns is believed, and a class that is left out is spoken of."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.capture.conftest import Folder

IMPORTS = "import torch\nfrom torch import nn\n"
NEEDS_WIDTH = """
class Wide(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(784, width)

    def forward(self, x):
        return self.fc(x.flatten(1))
"""
NOTE = (
    "Wide needs constructor arguments: width; so it is not graded: give them defaults, or add a function without "
    "arguments that returns it, and name that as FILE::FUNCTION"
)


@pytest.mark.parametrize("name", ["build", "assignment_3", "model_from_list", "data_and_size", "f"])
@pytest.mark.parametrize(
    "says", ["nn.Module", "torch.nn.Module", "'nn.Module'", "nn.Sequential", '"torch.nn.Sequential"']
)
def test_a_function_that_says_so_makes_a_network(folder: "Folder", name: str, says: str) -> None:
    layers = "    layers = [nn.Flatten(), nn.Linear(784, 10)]\n    return nn.Sequential(*layers)\n"
    assert folder.names(f"{IMPORTS}def {name}() -> {says}:\n{layers}") == [name]


def test_a_function_that_names_a_class_of_the_file(folder: "Folder") -> None:
    text = f"{IMPORTS}{NEEDS_WIDTH}def build() -> Wide:\n    made = [Wide(10)]\n    return made[0]\n"
    assert folder.names(text) == ["build"]


@pytest.mark.parametrize(
    "function",
    [
        "def build(width) -> nn.Module:\n    return Net()",
        "def build(*, width) -> nn.Module:\n    return Net()",
        "def train() -> nn.Module:\n    1 / 0\n    return Net()",
        "def load_pretrained() -> nn.Module:\n    1 / 0\n    return Net()",
        "def build() -> int:\n    return 3",
        "def build() -> list[nn.Module]:\n    return [Net()]",
        "def build() -> 'nonsense (':\n    return Net",
        "def build() -> nn.Module:\n    return Net()",
    ],
)
def test_other_functions_add_nothing(folder: "Folder", function: str) -> None:
    assert folder.names(f"{folder.net()}\n{function}\n") == ["Net"]


def test_a_class_that_needs_arguments_beside_one_that_does_not(folder: "Folder") -> None:
    loaded = folder.load(folder.net() + NEEDS_WIDTH)
    assert [candidate.name for candidate in loaded.candidates] == ["Net"]
    assert loaded.notes == (NOTE,)


def test_a_class_without_a_forward_beside_one_with(folder: "Folder") -> None:
    loaded = folder.load(folder.net() + folder.net("Other").replace("def forward", "def foward"))
    assert loaded.notes == ("Other has no forward: it is spelled foward; so it is not graded",)


def test_four_such_classes(folder: "Folder") -> None:
    loaded = folder.load(folder.net() + "".join(NEEDS_WIDTH.replace("Wide", f"Wide{number}") for number in range(5)))
    assert [note.partition(" ")[0] for note in loaded.notes] == ["Wide0", "Wide1", "Wide2", "2"]
    assert loaded.notes[-1] == "2 more classes are not graded for such reasons"


@pytest.mark.parametrize(
    "user",
    [
        (
            "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.body = Wide(10)\n"
            "    def forward(self, x):\n        return self.body(x)\n"
        ),
        "class Net(Wide):\n    def __init__(self):\n        super().__init__(10)\n",
        "def create_model():\n    return Wide(10)\n",
        "model = Wide(10)\n",
        "blocks = {'wide': Wide}\ndef create_model():\n    return nn.Sequential(blocks['wide'](10))\n",
    ],
    ids=["block", "base", "factory", "variable", "looked up"],
)
def test_a_class_that_is_used_is_not_spoken_of(folder: "Folder", user: str) -> None:
    assert folder.load(IMPORTS + NEEDS_WIDTH + user).notes == ()


def test_a_loss_is_not_spoken_of(folder: "Folder") -> None:
    assert folder.load(folder.net() + NEEDS_WIDTH.replace("Wide", "FocalLoss")).notes == ()


def test_a_network_that_is_asked_for_by_name_has_no_such_note(folder: "Folder") -> None:
    assert folder.load(folder.net() + NEEDS_WIDTH, "Net").notes == ()
