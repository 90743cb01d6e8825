import json
import math
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from netgrade.facts.training import Epoch, Trial
from netgrade.training.recipe import Recipe
from netgrade.training.record import Record, RecordError, folder, read, stem, write


def epoch(number: int, test_correct: int = 9900, loss: float = 0.25) -> Epoch:
    return Epoch(
        number=number, loss=loss, train_correct=58_000, train_images=60_000, test_correct=test_correct, seconds=1.5
    )


@pytest.fixture
def record() -> Record:
    return Record(
        path="models/netv3.py",
        network="NetV3",
        assignment="mnist-20k",
        data_set="MNIST",
        full=True,
        test_images=10_000,
        parameters=13_808,
        needed=9_940,
        accuracy_at="best",
        recipe=Recipe(),
        planned=3,
        device="cpu",
        details=("float32",),
        versions={"python": "3.11.2", "torch": "2.6.0"},
        captured="0" * 64,
        started="2026-01-02T03:04:05+00:00",
        seconds=2.5,
        trial=Trial(seed=0, start=980, ending="interrupted"),
    )


def test_what_is_written_is_read(record: Record, tmp_path: Path) -> None:
    path = tmp_path / "out" / "of" / "netv3-seed0.json"
    write(record, path)
    assert read(path) == record
    assert list(path.parent.iterdir()) == [path]


def test_a_record_is_whole_after_every_epoch_and_says_interrupted_until_the_end(record: Record, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    for number in (1, 2, 3):
        record = record.after(epoch(number), 2.5 + 1.5 * number)
        write(record, path)
        shown = json.loads(path.read_text(encoding="utf-8"))
        assert [each["number"] for each in shown["trial"]["epochs"]] == list(range(1, number + 1))
        assert shown["trial"]["ending"] == "interrupted"
    record = record.ended(replace(record.trial, ending="finished", digest="ab"), 8.0)
    write(record, path)
    assert read(path).trial == Trial(seed=0, start=980, epochs=tuple(map(epoch, (1, 2, 3))), digest="ab")
    assert read(path).seconds == 8.0


def test_the_record_says_its_format_and_the_recipe_as_an_assignment_spells_it(record: Record, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    write(record, path)
    shown = json.loads(path.read_text(encoding="utf-8"))
    assert shown["format"] == 1
    assert shown["recipe"]["learning-rate"] == 0.01


def test_a_loss_that_is_no_number_is_kept(record: Record, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    write(record.after(epoch(1, loss=math.nan), 1.0), path)
    json.loads(path.read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert math.isnan(read(path).trial.epochs[0].loss)


def test_an_interrupted_write_leaves_the_older_record(
    record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "record.json"
    write(record, path)

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(record.after(epoch(1), 1.0), path)
    assert read(path) == record
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_a_file(record: Record, tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    path = tmp_path / "out" / "record.json"
    with pytest.raises(RecordError) as caught:
        write(record, path)
    assert str(caught.value) in (
        f"{path}: the record can't be written: {why}; name another folder with --train-output"
        for why in ("File exists", "Not a directory")
    )


def test_no_such_record(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    with pytest.raises(RecordError) as caught:
        read(path)
    assert str(caught.value) == f"{path}: the record can't be read: No such file or directory; check the path"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Input data was truncated"),
        ('{"format": 1', "Input data was truncated"),
        ("[1, 2]", "Expected `object`, got `array`"),
        ('{"format": 1}', "Object missing required field `path`"),
        ('{"format": "1"}', "Expected `int`, got `str` - at `$.format`"),
        ('{"trial": {"epochs": 7}}', "Expected `array`, got `int`"),
        ("[" * 100_000, "maximum recursion depth exceeded"),
    ],
)
def test_what_is_no_record(text: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecordError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: no record of a training: {why}")
    assert str(caught.value).endswith("; train again, or remove the file")


def test_a_record_of_a_newer_netgrade(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_text('{"format": 2, "all": "different"}', encoding="utf-8")
    with pytest.raises(RecordError, match=r"a record of format 2, and this netgrade reads format 1; update it"):
        read(path)


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    with path.open("wb") as file:
        file.truncate(16 * 2**20 + 1)
    with pytest.raises(RecordError, match=r"more than 16,777,216 bytes, so no record of a training"):
        read(path)


def test_a_folder_of_records(record: Record, tmp_path: Path) -> None:
    other = replace(record, network="Other")
    write(other, tmp_path / "b.json")
    write(record, tmp_path / "a.json")
    (tmp_path / "curve.svg").touch()
    assert list(folder(tmp_path)) == [record, other]


def test_a_folder_without_a_record(tmp_path: Path) -> None:
    with pytest.raises(RecordError) as caught:
        list(folder(tmp_path))
    assert str(caught.value) == f"{tmp_path}: no record in this folder; name the one that --train-output named"


@pytest.mark.parametrize(
    ("path", "network", "shown"),
    [
        ("netv3.py", "NetV3", "netv3-seed0"),
        ("netv3.py", "", "netv3-seed0"),
        ("./models/netv3.py", "NetV3", "models-netv3-seed0"),
        ("net_8k.py", "Net8K", "net_8k-seed0"),
        ("work/alice/model.py", "Model", "work-alice-model-seed0"),
    ],
)
def test_a_plain_path_names_the_files(path: str, network: str, shown: str) -> None:
    assert stem(path, network, 0) == shown


@pytest.mark.parametrize(
    ("path", "network", "words"),
    [
        ("model.py", "Net2", "model-Net2"),
        ("netv3.py", "netv3", "netv3-netv3"),
        ("student 01/model.py", "Model", "student_01-model-Model"),
        ("../../etc/passwd", "", "etc-passwd"),
        ("/home/alice/model.py", "", "home-alice-model"),
        ("nets.ipynb", "", "nets_ipynb"),
        ("C:\\nets\\model.py", "", "C_nets_model"),
        ("ä/\n\0\udc80.py", "", ""),
        ("", "", ""),
    ],
)
def test_a_digest_stands_beside_what_the_name_does_not_say(path: str, network: str, words: str) -> None:
    assert re.fullmatch(rf"{words}{'-' if words else ''}[0-9a-f]{{8}}-seed7", stem(path, network, 7))


def test_forty_files_called_model_have_forty_names() -> None:
    names = {stem(f"students/{number:02}/model.py", "Model", seed) for number in range(40) for seed in range(5)}
    assert len(names) == 200
    assert "students-07-model-seed3" in names


_DIGESTED = stem("x y.py", "", 0).removesuffix("-seed0")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a/b.py", ""), ("a-b.py", "")),
        (("a/b.py", ""), ("a_b.py", "")),
        (("a/b.py", "Net"), ("a/b/Net.py", "")),
        (("a.py", ""), ("a.ipynb", "")),
        (("a/b.py", ""), ("a\\b.py", "")),
        (("_a.py", ""), ("a.py", "")),
        (("a b.py", ""), ("a_b.py", "")),
        (("../a.py", ""), ("a.py", "")),
        (("/a.py", ""), ("a.py", "")),
        (("x y.py", ""), (f"{_DIGESTED}.py", "")),
        (("x y.py", ""), (f"{_DIGESTED.replace('-', '/')}.py", "")),
        (("x" * 100 + ".py", ""), ("x" * 101 + ".py", "")),
    ],
)
def test_two_paths_have_two_names(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert stem(*one, 0) != stem(*other, 0)


@given(path=st.text(max_size=300), network=st.text(max_size=100), seed=st.integers(0, 2**63 - 1))
def test_no_name_leads_out_of_its_folder(path: str, network: str, seed: int) -> None:
    name = stem(path, network, seed)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*-seed\d+", name)
    assert len(name) < 120
