import re
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from msgspec.structs import replace

from netgrade.facts.training import Ending, Epoch, Trial
from netgrade.training.curve import NoMatplotlibError, draw
from netgrade.training.recipe import Recipe
from netgrade.training.record import Record

COUNTS = (9_800, 9_930, 9_951, 9_945)


def record(seed: int = 0, counts: tuple[int, ...] = COUNTS, network: str = "NetV3") -> Record:
    epochs = tuple(
        Epoch(number=number, loss=0.1, train_correct=59_000, train_images=60_000, test_correct=count, seconds=1.0)
        for number, count in enumerate(counts, start=1)
    )
    return Record(
        path="models/netv3.py",
        network=network,
        assignment="mnist-20k",
        data_set="MNIST",
        full=True,
        test_images=10_000,
        parameters=13_808,
        needed=9_940,
        accuracy_at="best",
        recipe=Recipe(),
        planned=4,
        device="cpu",
        versions={},
        captured="0" * 64,
        started="2026-01-02T03:04:05+00:00",
        seconds=4.0,
        trial=Trial(seed=seed, start=980, epochs=epochs),
    )


def drawn(folder: Path, *records: Record) -> tuple[bytes, str]:
    png, svg = folder / "out" / "curve.png", folder / "out" / "curve.svg"
    draw(records, png, svg)
    return png.read_bytes(), svg.read_text(encoding="utf-8")


def texts(svg: str) -> list[str]:
    root = ET.fromstring(svg)  # noqa: S314 - written a line above
    return ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]


def test_one_trial(tmp_path: Path) -> None:
    png, svg = drawn(tmp_path, record())
    assert png.startswith(b"\x89PNG")
    assert len(png) < 200_000
    found = texts(svg)
    assert {
        "NetV3 · 13,808 parameters · MNIST",
        "epoch",
        "accuracy (%)",
        "test images",
        "training images",
        "best: 99.51 % (epoch 3)",
        "needed: 99.40 %",
        "95 % interval of the last epoch",
    } <= set(found)
    assert [text for text in found if re.fullmatch(r"\d", text)] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("ending", ["interrupted", "diverged"])
def test_a_trial_that_did_not_finish_has_no_interval(tmp_path: Path, ending: Ending) -> None:
    broken_off = replace(record(), trial=replace(record().trial, ending=ending))
    assert not any("interval" in text for text in texts(drawn(tmp_path, broken_off)[1]))


def test_several_trials_are_told_apart_by_their_seeds(tmp_path: Path) -> None:
    _, svg = drawn(tmp_path, *(record(seed, (9_000, 9_940 + seed)) for seed in range(8)))
    assert [text for text in texts(svg) if text.startswith("seed")] == [
        f"seed {seed}, best: 99.4{seed} % (epoch 2)" for seed in range(8)
    ]


def test_one_epoch_has_no_ticks_between_epochs(tmp_path: Path) -> None:
    _, svg = drawn(tmp_path, replace(record(counts=(9_895,)), planned=1))
    below = texts(svg)[: texts(svg).index("epoch")]
    assert below == ["1"]


def test_a_part_of_the_data_set_is_called_so(tmp_path: Path) -> None:
    _, svg = drawn(tmp_path, replace(record(), full=False))
    assert "NetV3 · 13,808 parameters · MNIST (a part)" in texts(svg)


def test_the_same_records_give_the_same_files(tmp_path: Path) -> None:
    first = drawn(tmp_path / "first", record(), record(1))
    assert first == drawn(tmp_path / "second", record(), record(1))
    assert "<dc:date>" not in first[1]


def test_the_state_of_matplotlib_is_left_as_it_was(tmp_path: Path) -> None:
    import matplotlib as mpl  # noqa: PLC0415 - the other tests show that draw imports it

    before = "matplotlib.pyplot" in sys.modules  # another test's submission may have imported it
    with mpl.rc_context({"font.size": 31.0, "axes.labelcolor": "red"}):
        _, own = drawn(tmp_path / "own", record())
        assert (mpl.rcParams["font.size"], mpl.rcParams["axes.labelcolor"]) == (31.0, "red")
    assert own == drawn(tmp_path / "plain", record())[1]
    assert ("matplotlib.pyplot" in sys.modules) == before


@pytest.mark.parametrize(
    "counts", [(), (980,), (10_000,) * 4, (0, 0, 0, 0)], ids=["no epoch", "one epoch", "all right", "none right"]
)
def test_trials_of_every_kind_are_drawn(tmp_path: Path, counts: tuple[int, ...]) -> None:
    _, svg = drawn(tmp_path, record(counts=counts))
    assert any(text.startswith("best") for text in texts(svg)) == bool(counts)
    assert "needed: 99.40 %" in texts(svg)


@pytest.mark.parametrize(("name", "shown"), [("Netz_ä", "Netz_ä"), ("网络", "??"), ("$x^2$", "$x^2$")])
def test_a_name_is_no_formula_and_needs_no_glyph(tmp_path: Path, name: str, shown: str) -> None:
    assert f"{shown} · 13,808 parameters · MNIST" in texts(drawn(tmp_path, record(network=name))[1])


def test_matplotlib_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(NoMatplotlibError) as caught:
        drawn(tmp_path, record())
    assert str(caught.value).startswith("no curve is drawn without matplotlib (")
    assert str(caught.value).endswith("; pip install 'netgrade[train]'")
    assert list(tmp_path.iterdir()) == []


def test_no_record(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^a curve is drawn of one record or more, not of none$"):
        drawn(tmp_path)


def test_a_link_is_replaced_and_what_it_leads_to_is_left_alone(tmp_path: Path) -> None:
    """A pull request can lay links into the folder of the records."""
    kept = tmp_path / "kept"
    kept.write_text("mine", encoding="utf-8")
    (tmp_path / "out").mkdir()
    for name in ("curve.png", "curve.svg"):
        (tmp_path / "out" / name).symlink_to(kept)
    png, svg = drawn(tmp_path, record())
    assert png.startswith(b"\x89PNG")
    assert "NetV3" in svg
    assert kept.read_text(encoding="utf-8") == "mine"
