"""Siblings, missing packages, and files named like modules."""

import json
import random
import sys
from typing import TYPE_CHECKING

import pytest
import torch

from netgrade.capture.load import load
from netgrade.facts.model import Place

if TYPE_CHECKING:
    from tests.capture.conftest import Folder

IMPORTS = "import torch\nfrom torch import nn\n"
BLOCK = IMPORTS + "class Block(nn.Linear):\n    def __init__(self):\n        super().__init__(784, 10)\n"
APPEND = "import os, sys\nHERE = os.path.dirname(__file__)\nsys.path.append(os.path.join(HERE, 'code'))"
USES = "self.fc = Block()"


@pytest.mark.parametrize(
    ("sibling", "submission", "imports"),
    [
        ("blocks.py", "model.py", "from blocks import Block"),
        ("blocks.py", "model.py", "from blocks import *"),
        ("blocks.py", "model.py", "import blocks\nBlock = blocks.Block"),
        ("blocks.py", "model.py", "from .blocks import Block"),
        ("blocks.py", "model.py", "from . import blocks\nBlock = blocks.Block"),
        ("models/blocks.py", "models/net.py", "from models.blocks import Block"),
        ("models/blocks.py", "models/net.py", "from .blocks import Block"),
        ("models/blocks.py", "models/net.py", "from blocks import Block"),
        ("parts/blocks.py", "models/net.py", "from ..parts.blocks import Block"),
        ("parts/blocks.py", "my models.v2/net.py", "from parts.blocks import Block"),
        ("my models.v2/blocks.py", "my models.v2/net.py", "from .blocks import Block"),
        ("parts/__init__.py", "models/net.py", "from parts import Block"),
        ("code/blocks.py", "model.py", f"{APPEND}\nfrom blocks import Block"),
        ("blocks.py", "model.py", "try:\n    from .b import Block\nexcept ImportError:\n    from blocks import Block"),
    ],
)
def test_siblings(folder: "Folder", sibling: str, submission: str, imports: str) -> None:
    folder.write(BLOCK, sibling)
    loaded = folder.load(f"{imports}\n{folder.net(build=USES)}", name=submission)
    network = loaded.candidates[0].build()
    assert isinstance(network.fc, torch.nn.Linear)
    code = type(network.fc).__init__.__code__
    assert loaded.files.place(code.co_filename, code.co_firstlineno) == Place(
        line=4, file=loaded_name(sibling, submission)
    )
    assert loaded.notes == ()


def loaded_name(sibling: str, submission: str) -> str:
    """Return what a sibling is called: by its place below the submission's folder, else below the repository's."""
    folder = submission.rpartition("/")[0]
    return sibling.removeprefix(f"{folder}/") if folder else sibling


def test_the_initialisation_of_a_package_is_not_run_for_a_relative_import(folder: "Folder") -> None:
    folder.write("raise RuntimeError", "models/__init__.py")
    folder.write(BLOCK, "models/blocks.py")
    loaded = folder.load("from .blocks import Block\n" + folder.net(build=USES), name="models/net.py")
    assert loaded.candidates[0].name == "Net"


def test_siblings_import_siblings(folder: "Folder") -> None:
    folder.write("from .base import Block", "blocks.py")
    folder.write(BLOCK, "base.py")
    assert folder.names("from .blocks import Block\n" + folder.net(build=USES)) == ["Net"]


def test_a_sibling_comes_before_a_stray_installed_package(folder: "Folder", monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write("Block = None", "site-packages/utils.py")
    monkeypatch.syspath_prepend(str(folder.path / "site-packages"))
    folder.write(BLOCK, "homework/utils.py")
    loaded = folder.load("from utils import Block\n" + folder.net(build=USES), name="homework/model.py")
    assert isinstance(loaded.candidates[0].build().fc, torch.nn.Linear)


def test_a_file_that_only_imports_its_network(folder: "Folder") -> None:
    folder.write(folder.net() + folder.net("NetLoss"), "net.py")
    assert folder.names("import torch\nfrom net import Net, NetLoss\nmodel = Net().to('cpu')\n") == ["Net"]
    assert folder.names("import net\nmodel = net.Net()\n") == ["model"]
    assert folder.names("from net import *\n") == ["Net"]


def test_torchs_own_classes_are_not_the_files_networks(folder: "Folder") -> None:
    failure = folder.failure("from torch.nn import Linear, Conv2d, Sequential, Module, Identity\n")
    assert failure.message == "model.py defines no nn.Module"


@pytest.mark.parametrize("name", ["json", "random", "torch", "types", "msgspec", "safetensors", "PIL"])
def test_a_sibling_named_like_a_module_breaks_nothing(folder: "Folder", name: str) -> None:
    folder.write("raise RuntimeError('the sibling')", f"{name}.py")
    text = f"import {name}\n" + folder.net(build=f"self.fc, self.module = nn.Linear(784, 10), {name}.__name__")
    network = folder.load(text).candidates[0].build()
    assert network.module == name
    assert json.loads("[1]") == [1]
    assert random.random() < 1  # noqa: S311 - it only has to be the real one


def test_a_sibling_hidden_by_a_module_is_said(folder: "Folder") -> None:
    folder.write(BLOCK, "types.py")
    failure = folder.failure("from types import Block\n" + folder.net(build=USES))
    assert failure.message == "Net() raises: NameError: name 'Block' is not defined"
    assert failure.hint.startswith(
        "`Block` is missing because line 1 raises ImportError: cannot import name 'Block' from 'types'"
    )
    assert failure.hint.endswith(
        "types.py beside the file is hidden by Python's own or an installed module of that name; rename it"
    )


def test_a_sibling_that_raises_is_shown(folder: "Folder") -> None:
    folder.write("import torch\n1 / 0\n", "net.py")
    failure = folder.failure("from net import Net\n")
    assert failure.message == "model.py defines no nn.Module, and line 1 raises: ZeroDivisionError: division by zero"
    assert [(frame.file, frame.line) for frame in failure.frames] == [("model.py", 1), ("net.py", 2)]


def test_a_syntax_error_in_a_sibling_is_its_innermost_frame(folder: "Folder") -> None:
    folder.write("x = 1\nprint 'hello'\n", "blocks.py")
    failure = folder.failure("from blocks import Net\n")
    assert [(frame.file, frame.line, frame.code) for frame in failure.frames] == [
        ("model.py", 1, "from blocks import Net"),
        ("blocks.py", 2, "print 'hello'"),
    ]


@pytest.mark.parametrize(
    ("imports", "package"),
    [
        ("from torchsummary import summary", "torchsummary"),
        (
            "import seaborn.pyplot as plt\nfrom seaborn import cm\nimport seaborn.patches as summary",
            "seaborn",
        ),
        ("from tqdm.notebook import tqdm as summary", "tqdm"),
        ("from google.colab import drive as summary", "google"),
        ("from torch.utils.tensorboard import SummaryWriter as summary", "tensorboard"),
        ("import wandb.sdk.internal as summary", "wandb"),
    ],
)
def test_a_needless_package_that_is_missing_fails_nothing(folder: "Folder", imports: str, package: str) -> None:
    assert package not in sys.modules
    plain = folder.load(f"{imports}\n{folder.net()}")
    assert plain.notes == ()
    used = folder.load(f"{imports}\n{folder.net(build='self.fc, self.s = nn.Linear(784, 10), summary')}")
    note = f"{package} is missing here; something that does nothing stands in its place"
    assert used.notes[0] == note
    assert used.candidates[0].build().fc.in_features == 784


def test_what_stands_in_does_nothing_gracefully(folder: "Folder") -> None:
    build = (
        "self.fc = nn.Linear(784, 10)\n"
        "        self.seen = [n for n in tqdm(range(3), desc='x')]\n"
        "        with tqdm(total=3) as bar: bar.update(1); bar.pbar[0].set_description('x')\n"
        "        self.rest = list(plt.subplots(2).axes), len(tqdm([1, 2])), bool(plt.x), helper(), Hook(1, a=2)"
    )
    head = (
        "from tqdm import tqdm\nimport seaborn.pyplot as plt\nimport wandb\n"
        "class Hook(wandb.Callback):\n    pass\n"
        "@wandb.watch\ndef helper():\n    return 7\n"
    )
    network = folder.load(head + folder.net(build=build)).candidates[0].build()
    assert network.seen == [0, 1, 2]
    assert network.rest[:4] == ([], 2, False, 7)


def test_a_lightning_module_is_an_ordinary_network(folder: "Folder") -> None:
    text = folder.net(
        build="self.save_hyperparameters(); self.log('a', 1); self.fc = nn.Linear(784, 10); self.acc = Accuracy()"
    )
    head = "import pytorch_lightning as pl\nfrom torchmetrics import Accuracy\n"
    loaded = folder.load(head + text.replace("nn.Module", "pl.LightningModule") + "pl.Trainer().fit(Net())\n")
    assert loaded.candidates[0].build()(torch.ones(1, 784)).shape == (1, 10)
    assert loaded.notes == (
        "pytorch_lightning is missing here; something that does nothing stands in its place",
        "torchmetrics is missing here; something that does nothing stands in its place",
    )


@pytest.mark.parametrize(
    "imports", ["import einops", "from einops import rearrange", "from einops.layers.torch import Rearrange"]
)
def test_any_other_missing_package_fails_when_it_is_used_and_not_before(folder: "Folder", imports: str) -> None:
    name = imports.rpartition(" ")[2]
    use = f"{name}.rearrange(x)" if name == "einops" else f"{name}(x)"
    loaded = folder.load(f"{imports}\n{folder.net(forward=f'return {use}')}")
    assert loaded.notes == ("einops is missing here; the network must not use it",)
    with pytest.raises(ModuleNotFoundError, match="No module named 'einops"):
        loaded.candidates[0].build()(torch.ones(1))
    failure = folder.failure(f"{imports}\n{folder.net(build=f'x = 1; {use}')}")
    assert failure.message.startswith("Net() raises: ModuleNotFoundError: No module named 'einops")
    assert failure.frames[0].line == 10
    absent = "there is no einops.py beside the file, and no package of that name is installed: do without it"
    assert failure.hint == absent


def test_a_missing_sibling_is_named(folder: "Folder") -> None:
    failure = folder.failure("from .blocks import Block\n" + folder.net(build=USES), name="models/net.py")
    assert failure.message == "Net() raises: ModuleNotFoundError: No module named '.blocks'"
    assert failure.hint == "there is no blocks.py beside the file"


def test_a_base_class_from_a_missing_module(folder: "Folder") -> None:
    failure = folder.failure("from basics import Module\n" + folder.net().replace("nn.Module", "Module"))
    assert failure.message == "the definition of Net raises: ModuleNotFoundError: No module named 'basics'"


def test_a_class_of_a_missing_module_is_only_spoken_of_beside_a_network(folder: "Folder") -> None:
    loaded = folder.load("from basics import Data\n" + folder.net() + "class Digits(Data):\n    pass\n")
    assert [candidate.name for candidate in loaded.candidates] == ["Net"]
    assert loaded.notes == (
        "basics is missing here; the network must not use it",
        "`Digits` could not be made: line 14 raises ModuleNotFoundError: No module named 'basics'",
    )


def test_a_name_that_a_missing_module_should_bring(folder: "Folder") -> None:
    failure = folder.failure("from utils import *\n" + folder.net(build=USES))
    assert failure.message == "Net() raises: NameError: name 'Block' is not defined"
    assert failure.hint == "define `Block` in the file; it may have come from utils, which is missing here"


def test_an_installed_module_without_the_name(folder: "Folder") -> None:
    failure = folder.failure("from torch import Blok\n" + folder.net(build="self.fc = Blok()"))
    assert failure.hint.startswith(
        "`Blok` is missing because line 1 raises ImportError: cannot import name 'Blok' from 'torch'"
    )
    assert failure.hint.endswith("the module torch that is installed here has no such name")


def test_loading_a_second_time_gives_the_same(folder: "Folder") -> None:
    path = folder.write("from tqdm import tqdm\n" + folder.net(build="self.fc, self.t = nn.Linear(784, 10), tqdm"))
    first, second = load(path), load(path)
    assert first.notes == second.notes != ()
    assert first.candidates[0].build().fc.in_features == second.candidates[0].build().fc.in_features
