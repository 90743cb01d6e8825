"""Data sets in small files of their own formats; nothing is fetched."""

import gzip
import hashlib
import importlib.util
import os
import pickle
import socket
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest
import torch
from torchvision import datasets  # type: ignore[import-untyped]

from netgrade.training.data import DataError, DataSet, check_shape, load
from netgrade.training.datasets import KNOWN, NAMES, find, torchvision_name

IMAGES = np.random.default_rng(0).integers(0, 256, (40, 28, 28), np.uint8)
LABELS = np.arange(40, dtype=np.uint8) % 10
TRAIN, TEST = slice(0, 30), slice(30, 40)
REMEDY = (
    "delete this file, and it is fetched again, or put a sound one in its place, or give another folder by --data-root"
)


def idx(array: np.ndarray) -> bytes:
    kind = {"uint8": 8, "int32": 12}[array.dtype.name]
    lengths = b"".join(length.to_bytes(4, "big") for length in array.shape)
    return bytes([0, 0, kind, array.ndim]) + lengths + array.astype(array.dtype.newbyteorder(">")).tobytes()


def lay(root: Path, name: str) -> Path:
    """Lay 30 training and 10 test images where torchvision has them."""
    folder = root / name / "raw"
    folder.mkdir(parents=True)
    for part, chosen in [("train", TRAIN), ("t10k", TEST)]:
        (folder / f"{part}-images-idx3-ubyte").write_bytes(idx(IMAGES[chosen]))
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(idx(LABELS[chosen]))
    return folder


def given(root: Path | None, name: str = "MNIST", **environ: str) -> DataSet:
    return load(name, None if root is None else str(root), environ={"HOME": str(Path("/nowhere")), **environ})


def refused(root: Path | None, name: str = "MNIST", **environ: str) -> str:
    with pytest.raises(DataError) as caught:
        given(root, name, **environ)
    return str(caught.value)


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand in for torchvision's fetching: it notes where it was asked to, and finds no network."""
    asked: list[str] = []

    def fail(data: datasets.MNIST) -> None:
        asked.append(str(data.root))
        raise URLError("no network")

    for name in ("MNIST", "QMNIST", "CIFAR10", "SVHN"):
        monkeypatch.setattr(getattr(datasets, name), "download", fail)
    return asked


@pytest.mark.parametrize("name", ["MNIST", "FashionMNIST", "KMNIST", "mnist", "fashion-mnist", "kmnist"])
def test_files_in_mnists_format_become_tensors(name: str, tmp_path: Path) -> None:
    lay(tmp_path, torchvision_name(name))
    data = given(tmp_path, name)
    assert data.name == torchvision_name(name)
    assert data.train.images.dtype == torch.uint8
    assert data.train.labels.dtype == torch.int64
    assert np.array_equal(data.train.images[:, 0].numpy(), IMAGES[TRAIN])
    assert np.array_equal(data.test.images[:, 0].numpy(), IMAGES[TEST])
    assert data.train.labels.tolist() == LABELS[TRAIN].tolist()
    assert data.test.labels.tolist() == LABELS[TEST].tolist()
    assert not data.full


def test_torchvision_reads_the_same(tmp_path: Path) -> None:
    lay(tmp_path, "KMNIST")
    theirs = datasets.KMNIST(tmp_path, train=False)
    ours = given(tmp_path, "KMNIST").test
    assert torch.equal(ours.images[:, 0], theirs.data)
    assert torch.equal(ours.labels, theirs.targets)


def test_qmnist_has_its_class_first_of_eight_numbers(tmp_path: Path) -> None:
    folder = tmp_path / "QMNIST" / "raw"
    folder.mkdir(parents=True)
    for part, chosen in [("train", TRAIN), ("test", TEST)]:
        labels = np.full((len(LABELS[chosen]), 8), 70_000, np.int32)
        labels[:, 0] = LABELS[chosen]
        (folder / f"qmnist-{part}-images-idx3-ubyte").write_bytes(idx(IMAGES[chosen]))
        (folder / f"qmnist-{part}-labels-idx2-int").write_bytes(idx(labels))
    data = given(tmp_path, "qmnist")
    assert data.train.labels.tolist() == LABELS[TRAIN].tolist()
    assert data.test.labels.tolist() == datasets.QMNIST(tmp_path, what="test").targets[:, 0].tolist()


@pytest.fixture
def cifar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Lay six batches of five images, and let torchvision's sums be theirs."""
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    pixels = np.random.default_rng(1).integers(0, 256, (30, 3072), np.uint8)
    listed = []
    for number, name in enumerate([*(f"data_batch_{n}" for n in range(1, 6)), "test_batch"]):
        chosen = slice(5 * number, 5 * number + 5)
        content = pickle.dumps({"data": pixels[chosen], "labels": LABELS[chosen].tolist()})
        (folder / name).write_bytes(content)
        listed.append([name, hashlib.md5(content, usedforsecurity=False).hexdigest()])
    monkeypatch.setattr(datasets.CIFAR10, "train_list", listed[:5])
    monkeypatch.setattr(datasets.CIFAR10, "test_list", listed[5:])
    return folder


@pytest.mark.parametrize("name", ["cifar10", "CIFAR10"])
def test_cifars_batches_become_tensors(name: str, cifar: Path) -> None:
    data = given(cifar.parent, name)
    pixels = np.random.default_rng(1).integers(0, 256, (30, 3, 32, 32), np.uint8)
    assert np.array_equal(data.train.images.numpy(), pixels[:25])
    assert np.array_equal(data.test.images.numpy(), pixels[25:])
    assert data.train.labels.tolist() == LABELS[:25].tolist()
    assert data.test.labels.tolist() == LABELS[25:30].tolist()
    assert data.train.images.shape[1:] == KNOWN["cifar10"].shape


class Trap:
    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return os.mkdir, ("sprung",)


def test_a_batch_with_another_sum_is_never_unpickled(
    cifar: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    batch = cifar / "data_batch_3"
    published = datasets.CIFAR10.train_list[2][1]
    batch.write_bytes(pickle.dumps(Trap()))
    found = hashlib.md5(batch.read_bytes(), usedforsecurity=False).hexdigest()
    assert refused(tmp_path, "cifar10").startswith(
        f"{batch} can't be used: its MD5 sum is {found}, the published one is {published}; CIFAR10 was looked for in "
    )
    assert not Path("sprung").exists()
    pickle.loads(batch.read_bytes())  # noqa: S301 - it would have sprung
    assert Path("sprung").exists()


def test_a_batch_cut_short_is_refused(cifar: Path) -> None:
    batch = cifar / "test_batch"
    batch.write_bytes(batch.read_bytes()[:-9])
    assert f"{batch} can't be used: its MD5 sum is" in refused(cifar.parent, "cifar10")


def test_svhn_with_another_sum_is_refused(tmp_path: Path) -> None:
    for part in ("train", "test"):
        (tmp_path / f"{part}_32x32.mat").write_bytes(b"MATLAB")
    assert refused(tmp_path, "svhn").startswith(
        f"{tmp_path / 'train_32x32.mat'} can't be used: its MD5 sum is 8f6823abd383a341f0d78ef38829bbbb, the published"
        " one is e26dedcc434d2e4c54c9b2d4a06d8373; "
    )


@pytest.mark.skipif(importlib.util.find_spec("scipy") is not None, reason="scipy is here, so SVHN's files can be read")
def test_svhn_says_that_it_takes_scipy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = {}
    for part in ("train", "test"):
        (tmp_path / f"{part}_32x32.mat").write_bytes(b"MATLAB")
        sum_ = hashlib.md5(b"MATLAB", usedforsecurity=False).hexdigest()
        listed[part] = ["", f"{part}_32x32.mat", sum_]
    monkeypatch.setattr(datasets.SVHN, "split_list", listed)
    assert "it is a MATLAB file, which takes scipy to read: pip install scipy; " in refused(tmp_path, "svhn")


def test_the_first_folder_that_has_it_wins(tmp_path: Path, offline: list[str]) -> None:
    lay(tmp_path / "variable", "MNIST")
    lay(tmp_path / "cache" / "netgrade", "MNIST")
    places = {"NETGRADE_DATA": str(tmp_path / "variable"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    (tmp_path / "variable" / "MNIST" / "raw" / "t10k-labels-idx1-ubyte").write_bytes(idx(np.zeros(10, np.uint8)))
    assert given(tmp_path / "root", **places).test.labels.tolist() == [0] * 10
    lay(tmp_path / "root", "MNIST")
    assert given(tmp_path / "root", **places).test.labels.tolist() == LABELS[TEST].tolist()
    assert given(None, XDG_CACHE_HOME=places["XDG_CACHE_HOME"]).test.labels.tolist() == LABELS[TEST].tolist()
    assert offline == []


@pytest.mark.skipif(os.uname().sysname == "Darwin", reason="the cache is elsewhere on macOS")
def test_the_cache_is_in_the_users_folder(tmp_path: Path) -> None:
    lay(tmp_path / ".cache" / "netgrade", "MNIST")
    assert len(given(None, HOME=str(tmp_path)).test.labels) == 10
    # As the standard asks, a relative XDG_CACHE_HOME and an empty NETGRADE_DATA are as good as none.
    assert len(given(None, HOME=str(tmp_path), XDG_CACHE_HOME="relative", NETGRADE_DATA="").test.labels) == 10


def test_offline_it_says_where_it_looked_and_what_to_do(tmp_path: Path, offline: list[str]) -> None:
    root, variable, cache = tmp_path / "root", tmp_path / "variable", tmp_path / "cache"
    lay(variable, "FashionMNIST").joinpath("t10k-images-idx3-ubyte").unlink()
    message = refused(root, "fashion-mnist", NETGRADE_DATA=str(variable), XDG_CACHE_HOME=str(cache))
    first = "FashionMNIST/raw/train-images-idx3-ubyte"
    assert message == (
        f"FashionMNIST was not found: {root} (--data-root) has no {first}; {variable} (NETGRADE_DATA) has no "
        f"FashionMNIST/raw/t10k-images-idx3-ubyte; {cache}/netgrade (the cache) has no {first}; and it can't be "
        f"fetched into {root}: <urlopen error no network>; fetch it where there is a network, or give the folder that "
        "holds its files by --data-root or NETGRADE_DATA"
    )
    assert offline == [str(root)]


def test_it_is_fetched_into_the_first_folder_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = []

    def fetch(data: datasets.MNIST) -> None:
        limits.append(socket.getdefaulttimeout())
        if len(limits) == 1:
            lay(Path(data.root), "KMNIST")

    monkeypatch.setattr(datasets.MNIST, "download", fetch)
    places = {"NETGRADE_DATA": str(tmp_path / "variable"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    before = socket.getdefaulttimeout()
    assert len(given(None, "kmnist", **places).train.labels) == 30
    assert (tmp_path / "variable" / "KMNIST").is_dir()
    assert not (tmp_path / "cache").exists()
    assert limits[0] == 30.0
    assert socket.getdefaulttimeout() == before


@pytest.mark.parametrize("below", ["MNIST/raw", "MNIST"])
@pytest.mark.parametrize("variable", [False, True])
def test_a_folder_that_lies_too_deep_is_understood(
    tmp_path: Path, offline: list[str], below: str, *, variable: bool
) -> None:
    lay(tmp_path, "MNIST")
    folder = tmp_path / below
    data = given(None, NETGRADE_DATA=str(folder)) if variable else given(folder)
    assert len(data.train.labels) == 30
    assert not offline


def test_nothing_is_looked_for_around_the_cache(tmp_path: Path, offline: list[str]) -> None:
    lay(tmp_path, "MNIST")
    assert "MNIST was not found" in refused(None, XDG_CACHE_HOME=str(tmp_path))
    assert offline


def test_the_training_files_in_the_place_of_the_test_files(tmp_path: Path) -> None:
    folder = lay(tmp_path, "KMNIST")
    for kind in ("images-idx3-ubyte", "labels-idx1-ubyte"):
        (folder / f"train-{kind}").write_bytes((folder / f"t10k-{kind}").read_bytes())
    assert refused(tmp_path, "kmnist").startswith(
        f"the files of KMNIST in {folder} can't be used: the training images and the test images are the same; KMNIST"
    )


def test_both_parts_put_for_each_other(tmp_path: Path) -> None:
    folder = lay(tmp_path, "KMNIST")
    for part, count in (("train", 10_000), ("t10k", 60_000)):
        (folder / f"{part}-images-idx3-ubyte").write_bytes(idx(np.zeros((count, 28, 28), np.uint8)))
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(idx(np.arange(count, dtype=np.int32).astype(np.uint8) % 10))
    assert ("the training part has 10,000 images and the test part 60,000: one was put for the other") in refused(
        tmp_path, "kmnist"
    )


@pytest.mark.parametrize(
    ("file", "content", "fault"),
    [
        (
            "train-images-idx3-ubyte",
            idx(IMAGES[TRAIN])[:-100],
            "it has 23,436 bytes where its header asks for 23,536",
        ),
        ("train-labels-idx1-ubyte", idx(LABELS[TRAIN]) + b"\0", "it has 39 bytes where its header asks for 38"),
        ("t10k-images-idx3-ubyte", b"", "it is no IDX file of bytes or of 32-bit integers"),
        ("t10k-images-idx3-ubyte", b"<html>not found", "it is no IDX file of bytes or of 32-bit integers"),
        ("t10k-images-idx3-ubyte", b"\0\0\x08\x03\0\0", "it has 6 bytes where its header alone has 16"),
        ("t10k-images-idx3-ubyte", b"\0\0\x08\xff" + b"\xff" * 1020, "its header gives 255 axes, not 1 to 3"),
        ("t10k-images-idx3-ubyte", idx(IMAGES[TEST, :20]), "it holds 10×1×20×28 of uint8, not images of 1×28×28 bytes"),
        ("t10k-images-idx3-ubyte", idx(IMAGES[:0]), "it holds 0×1×28×28 of uint8, not images of 1×28×28 bytes"),
        ("t10k-labels-idx1-ubyte", b"\0\0\x08\0\0", "its header gives 0 axes, not 1 to 3"),
        ("t10k-labels-idx1-ubyte", idx(IMAGES[TEST, 0, :9]), "it holds 10×9 labels for 10 images"),
        ("t10k-labels-idx1-ubyte", idx(LABELS[:7]), "it holds 7 labels for 10 images"),
        ("t10k-labels-idx1-ubyte", idx(LABELS[TEST] + 1), "it holds labels from 1 to 10, not from 0 to 9"),
    ],
)
def test_a_damaged_file_is_named(file: str, content: bytes, fault: str, tmp_path: Path) -> None:
    path = lay(tmp_path, "MNIST") / file
    path.write_bytes(content)
    cache = tmp_path / "cache"
    assert refused(tmp_path, XDG_CACHE_HOME=str(cache)) == (
        f"{path} can't be used: {fault}; MNIST was looked for in {tmp_path} (--data-root), "
        f"{cache}/netgrade (the cache); {REMEDY}"
    )


def test_what_torchvision_unpacked_is_held_against_what_it_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lay(tmp_path, "KMNIST") / "train-images-idx3-ubyte"
    packed = path.with_name("train-images-idx3-ubyte.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    listed = [(packed.name, hashlib.md5(packed.read_bytes(), usedforsecurity=False).hexdigest())]
    monkeypatch.setattr(datasets.KMNIST, "resources", listed)
    assert len(given(tmp_path, "kmnist").train.labels) == 30
    path.write_bytes(path.read_bytes()[:-1] + b"\x01")
    assert f"{path} can't be used: its content is not that of {packed.name} beside it; " in refused(tmp_path, "kmnist")
    packed.write_bytes(b"something else")
    assert len(given(tmp_path, "kmnist").train.labels) == 30


def test_an_unknown_name_lists_those_known() -> None:
    assert refused(None, "mnits") == (
        "unknown data set `mnits`; did you mean `mnist`? "
        "(data sets: mnist, fashion-mnist, kmnist, qmnist, cifar10, svhn, digits)"
    )


def test_every_name_is_torchvisions() -> None:
    for name in NAMES:
        assert find(name) is find(torchvision_name(name))
        assert name == "digits" or isinstance(getattr(datasets, torchvision_name(name)), type)
    with pytest.raises(KeyError, match="emnist"):
        torchvision_name("emnist")


def test_the_files_known_are_torchvisions() -> None:
    for known in KNOWN.values():
        source = getattr(datasets, known.name)
        if known.form == "cifar":
            assert tuple(file for file, _ in source.train_list + source.test_list) == known.files
        elif known.form == "svhn":
            assert tuple(source.split_list[part][1] for part in ("train", "test")) == known.files
        else:
            parts = source.resources
            pairs = parts if isinstance(parts, list) else [*parts["train"], *parts["test"]]
            assert tuple(Path(address).stem for address, _ in pairs) == known.files


def test_digits_come_with_netgrade(offline: list[str]) -> None:
    data = given(None, "digits")
    assert data.name == "digits"
    assert not data.full
    assert data.train.images.shape == (2000, 1, 28, 28)
    assert data.train.labels.bincount().tolist() == [200] * 10
    assert data.test.images.shape == (1000, 1, 28, 28)
    assert data.test.labels.bincount().tolist() == [100] * 10
    assert offline == []


def test_digits_are_small_and_name_their_makers_and_licence() -> None:
    folder = resources.files("netgrade.training").joinpath("digits")
    assert sum(len(entry.read_bytes()) for entry in folder.iterdir()) < 1_000_000
    note = folder.joinpath("README.md").read_text(encoding="utf-8")
    assert "CC BY-SA 3.0" in note
    assert "LeCun" in note


def test_a_data_set_of_another_shape_is_refused() -> None:
    data = given(None, "digits")
    check_shape(data, (1, 28, 28), 10)
    with pytest.raises(DataError) as caught:
        check_shape(data, (3, 32, 32), 10)
    assert str(caught.value) == (
        "digits has images of 1×28×28, the assignment's networks take 3×32×32; "
        "change the assignment's `data-set` or its `input-shape`"
    )
    with pytest.raises(DataError) as caught:
        check_shape(data, (1, 28, 28), 26)
    assert str(caught.value) == (
        "digits has 10 classes, the assignment's networks tell 26 apart; "
        "change the assignment's `data-set` or its `classes`"
    )
