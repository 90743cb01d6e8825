"""What of a file is run, and what is not."""

import sys
from typing import TYPE_CHECKING

import pytest
import torch

from netgrade.capture.errors import SubmissionError

if TYPE_CHECKING:
    from tests.capture.conftest import Folder

WIDE = "self.fc = nn.Linear(784, WIDTH)"


def width(folder: "Folder", text: str) -> tuple[int, str]:
    """Load a file's only network, and return how many outputs it has and how it was loaded."""
    loaded = folder.load(text)
    assert len(loaded.candidates) == 1
    return loaded.candidates[0].build().fc.out_features, loaded.way


@pytest.mark.parametrize(
    "work",
    [
        "import os\nos._exit(0)",
        "import sys\nsys.exit(0)",
        "exit()",
        "input('epochs? ')",
        "epochs = int(input('epochs? '))",
        "raise RuntimeError('no')",
        "assert torch.cuda.is_available()",
        "while True:\n    pass",
        "for epoch in range(10 ** 9):\n    torch.zeros(3)",
        "with open('nothing.txt') as file:\n    print(file)",
        "weights = torch.load('weights.pth')",
        "torch.set_default_dtype(torch.float64)",
        "model = Net().cuda()\nmodel.load_state_dict(torch.load('weights.pth'))",
        "from torchvision import datasets\ndata = datasets.MNIST('.', download=True)",
        "def train(loader=1 / 0):\n    pass",
        "class Data(1 / 0):\n    pass",
        "import matplotlib.pyplot as plt\nplt.plot([1])",
        "if __name__ == '__main__':\n    1 / 0",
    ],
)
def test_work_at_the_top_level_is_not_done(folder: "Folder", work: str) -> None:
    loaded = folder.load(f"{folder.net()}\n{work}\n")
    assert [candidate.name for candidate in loaded.candidates] == ["Net"]
    assert (loaded.way, loaded.notes) == ("definitions", ())
    assert torch.get_default_dtype() is torch.float32


def test_nothing_is_imported_that_the_network_does_not_need(folder: "Folder") -> None:
    folder.write("raise RuntimeError('imported')", "helpers.py")
    assert folder.names("import helpers\nimport xmlrpc.server\nfrom helpers import *\n" + folder.net()) == ["Net"]
    assert "xmlrpc.server" not in sys.modules


@pytest.mark.parametrize(
    "constant",
    [
        "WIDTH = 7",
        "WIDTH: int = 7",
        "HALF = 3\nWIDTH = HALF * 2 + 1",
        "WIDTH = 3\nWIDTH += 4",
        "a, (WIDTH, *rest) = 1, (7, 8)",
        "if torch.cuda.is_available():\n    WIDTH = 0\nelse:\n    WIDTH = 7",
        "try:\n    import nothing_of_that_name\nexcept ImportError:\n    WIDTH = 7",
        "config = {'width': 1}\nconfig['width'] = 7\nWIDTH = config['width']",
        "widths = []\nfor i in range(8):\n    widths.append(i)\nWIDTH = widths[-1]",
        "class Config:\n    width = 0\nConfig.width = 7\nWIDTH = Config.width",
        "def double(n):\n    return 2 * n + ONE\nONE = 1\nWIDTH = double(3)",
        "from argparse import *\np = ArgumentParser()\np.add_argument('--w', default=7)\nWIDTH = p.parse_args().w",
        "with open(__file__) as file:\n    WIDTH = 7",
        "WIDTH = next(n for n in range(10) if n == 7)",
    ],
)
def test_what_the_network_reads_is_made(folder: "Folder", constant: str) -> None:
    assert width(folder, f"import torch\n{constant}\n{folder.net(build=WIDE)}") == (7, "definitions")


@pytest.mark.parametrize(
    "constant",
    [
        "def setup():\n    global WIDTH\n    WIDTH = 7\nsetup()",
        "exec('WIDTH = 7')",
        "globals()['WIDTH'] = 7",
        "for name in ['WIDTH']:\n    globals().update({name: 7})",
    ],
)
def test_the_whole_file_is_run_for_a_name_that_no_statement_shows(folder: "Folder", constant: str) -> None:
    text = f"{constant}\n{folder.net(build=WIDE)}\nif __name__ == '__main__':\n    WIDTH = 0\n"
    assert width(folder, text) == (7, "whole file")


def test_the_whole_file_goes_on_after_a_statement_that_fails(folder: "Folder") -> None:
    text = f"plot = 1 / 0\nexec('WIDTH = 7')\n{folder.net(build=WIDE)}"
    loaded = folder.load(text)
    assert loaded.candidates[0].build().fc.out_features == 7
    assert loaded.notes == ("`plot` could not be made: line 1 raises ZeroDivisionError: division by zero",)


def test_a_file_that_ends_itself_still_gives_its_definitions(folder: "Folder") -> None:
    text = f"import sys\nexec('WIDTH = 7')\nsys.exit(0)\n{folder.net(build=WIDE)}\nprint(1 / 0)"
    assert width(folder, text) == (7, "whole file")


def test_an_undefined_name_alone_does_not_run_the_whole_file(folder: "Folder") -> None:
    failure = folder.failure(f"{folder.net(build=WIDE)}\nwhile True:\n    pass\n")
    assert failure.message == "Net() raises: NameError: name 'WIDTH' is not defined"


def test_a_name_that_forward_reads_is_there_before_forward_runs(folder: "Folder") -> None:
    loaded = folder.load("MEAN = 0.5\n" + folder.net(forward="return self.fc(x.flatten(1) - MEAN)"))
    assert loaded.candidates[0].build()(torch.zeros(1, 1, 28, 28)).shape == (1, 10)


def test_a_method_that_nobody_mentions_drags_nothing_in(folder: "Folder") -> None:
    text = folder.net() + "    def fit(self):\n        return LOADER\nLOADER = 1 / 0\n"
    assert folder.load(text).notes == ()


def test_a_method_that_forward_mentions_is_served(folder: "Folder") -> None:
    text = (
        folder.net(forward="return self.scale(self.fc(x.flatten(1)))")
        + "    def scale(self, x):\n        return x * TWO\n"
    )
    assert folder.load(text + "TWO = 2\n").candidates[0].build()(torch.ones(1, 784)).shape == (1, 10)


def test_a_method_that_only_torch_calls_is_served(folder: "Folder") -> None:
    layer = "class Layer(nn.Linear):\n    def reset_parameters(self):\n        nn.init.constant_(self.weight, GAIN)\n"
    loaded = folder.load(f"from torch import nn\nGAIN = 3.0\n{layer}{folder.net(build='self.fc = Layer(784, 10)')}")
    assert loaded.candidates[0].build().fc.weight.unique().tolist() == [3.0]


def test_all_methods_are_served_when_forward_lacked_a_name(folder: "Folder") -> None:
    forward = "return getattr(self, 'sca' + 'le')(self.fc(x.flatten(1)))"
    text = folder.net(forward=forward) + "    def scale(self, x):\n        return x * TWO\n"
    images = torch.ones(1, 784)
    with pytest.raises(NameError, match="TWO"):
        folder.load(text + "TWO = 2\n").candidates[0].build()(images)
    loaded = folder.load(text + "TWO = 2\n", whole_file=True)
    assert loaded.way == "whole file"
    assert loaded.candidates[0].build()(images).shape == (1, 10)


def test_there_may_be_no_more_to_run(folder: "Folder") -> None:
    text = folder.net(forward="return NOTHING") + "while True:\n    pass\n"
    with pytest.raises(
        SubmissionError, match=r"model\.py has no more to run: it makes no name that its definitions don't"
    ):
        folder.load(text, whole_file=True)


def test_a_file_without_imports_is_given_the_usual_ones(folder: "Folder") -> None:
    text = folder.net().partition("\n\n\n")[2]
    assert text.startswith("class Net(nn.Module)")
    loaded = folder.load(text.replace("return self", "return F.relu(x) if np.pi < math.e else self"))
    assert loaded.candidates[0].build()(torch.ones(1, 784)).shape == (1, 10)
    given = "import math; import numpy as np; import torch.nn as nn; import torch.nn.functional as F"
    assert loaded.notes == (f"the file imports nothing; it was given `{given}`",)


def test_a_file_that_imports_something_else_is_given_torch(folder: "Folder") -> None:
    loaded = folder.load("import math\nclass Net(nn.Module):\n    def forward(self, x): return x\n")
    assert loaded.notes == ("the file does not import all that it uses; it was given `import torch.nn as nn`",)


def test_a_file_with_imports_is_given_no_others(folder: "Folder") -> None:
    failure = folder.failure(folder.net(build="self.fc = nn.Linear(784, int(np.sqrt(100)))"))
    assert failure.message == "Net() raises: NameError: name 'np' is not defined"


def test_settings_of_torch_are_put_back(folder: "Folder") -> None:
    text = "exec('WIDTH = 7')\nimport torch\ntorch.set_default_dtype(torch.float64)\ntorch.set_grad_enabled(False)\n"
    assert width(folder, text + folder.net(build=WIDE)) == (7, "whole file")
    assert (torch.get_default_dtype(), torch.is_grad_enabled()) == (torch.float32, True)


def test_the_arguments_of_the_command_are_not_the_submissions(
    folder: "Folder", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["pytest", "--model-path", "x"])
    assert width(folder, f"import sys\nWIDTH = len(sys.argv)\n{folder.net(build=WIDE)}") == (1, "definitions")
    assert sys.argv == ["pytest", "--model-path", "x"]


def test_warnings_of_a_submission_are_its_own(folder: "Folder") -> None:
    assert folder.names(
        "import warnings\nX = warnings.warn('old')\n" + folder.net(build="self.fc, self.p = X, '\\d'")
    ) == ["Net"]


def test_a_submission_is_known_to_inspect_pickle_and_dataclasses(folder: "Folder") -> None:
    head = "from __future__ import annotations\nimport dataclasses, pickle\n"
    config = "@dataclasses.dataclass\nclass Config:\n    width: int = 7\n"
    text = head + config + folder.net(build="self.fc = nn.Linear(784, pickle.loads(pickle.dumps(Config())).width)")
    assert width(folder, text) == (7, "definitions")


def test_the_folder_stays_clean(folder: "Folder") -> None:
    folder.load(folder.net())
    assert sorted(path.name for path in folder.path.iterdir()) == [".git", "model.py"]
