"""The real MNIST, where NETGRADE_DATA gives the folder that holds it."""

import importlib.util
import os
import shutil
from pathlib import Path
from types import ModuleType

import pytest
import torch

from netgrade.training.data import DataError, DataSet, load

ROOT = os.environ.get("NETGRADE_DATA", "")

pytestmark = pytest.mark.skipif(
    not Path(ROOT, "MNIST", "raw", "train-images-idx3-ubyte").is_file() or not ROOT,
    reason="NETGRADE_DATA gives no folder that holds MNIST",
)


@pytest.fixture(scope="module")
def mnist() -> DataSet:
    return load("mnist", ROOT, environ={"HOME": "/nowhere"})


def test_mnist_is_whole(mnist: DataSet) -> None:
    assert mnist.full
    assert mnist.train.images.shape == (60_000, 1, 28, 28)
    assert mnist.test.labels.bincount().tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert mnist.train.labels[:5].tolist() == [5, 0, 4, 1, 9]


def test_one_label_changed_is_noticed(tmp_path: Path) -> None:
    shutil.copytree(Path(ROOT, "MNIST"), tmp_path / "MNIST")
    path = tmp_path / "MNIST" / "raw" / "t10k-labels-idx1-ubyte"
    path.chmod(0o600)
    content = bytearray(path.read_bytes())
    content[-1] = 9 - content[-1]
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        load("mnist", str(tmp_path), environ={"HOME": "/nowhere"})
    assert str(caught.value).startswith(f"{path} can't be used: its MD5 sum is ")
    assert "that of the published file is 27ae3e4e09519cfbb04c329615203637; " in str(caught.value)


def drawing() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_digits", Path(__file__).with_name("draw_digits.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_small_part_is_drawn_as_its_script_says(mnist: DataSet) -> None:
    small, script = load("digits", None, environ={}), drawing()
    for part, all_of_it, ours in [("train", mnist.train, small.train), ("t10k", mnist.test, small.test)]:
        drawn = script.draw(part, all_of_it, {"train": 200, "t10k": 100}[part])
        assert torch.equal(drawn.images, ours.images)
        assert torch.equal(drawn.labels, ours.labels)
