from pathlib import Path

import pytest
from msgspec.structs import replace

from netgrade.facts.training import Ending, Epoch, Trial
from netgrade.training.recipe import Recipe
from netgrade.training.record import Record, RecordError, write
from netgrade.training.results import documented, main, markdown

NETWORKS = {
    "netv3": (13_808, 20),
    "net_6k": (6_456, 10),
    "net_8k": (7_544, 15),
    "net_12k": (11_950, 20),
    "net_19k": (18_962, 20),
}


def record(  # noqa: PLR0913 - each is one thing in which records differ
    name: str = "netv3",
    last: int = 9_953,
    *,
    seed: int = 0,
    device: str = "cpu",
    epochs: int | None = None,
    ending: Ending = "finished",
    versions: dict[str, str] | None = None,
) -> Record:
    parameters, planned = NETWORKS.get(name, (1_000, 3))
    counts = [9_900] * (planned - 3) + [last + 3, last - 4, last]
    trial = Trial(
        seed=seed,
        start=980,
        epochs=tuple(
            Epoch(number=number, loss=0.1, train_correct=59_000, train_images=60_000, test_correct=count, seconds=2.5)
            for number, count in enumerate(counts[:epochs], start=1)
        ),
        ending=ending,
    )
    return Record(
        path=f"models/{name}.py",
        network="Net",
        assignment="mnist-20k",
        data_set="MNIST",
        full=True,
        test_images=10_000,
        parameters=parameters,
        needed=9_940,
        accuracy_at="best",
        recipe=Recipe(),
        planned=planned,
        device=device,
        details=("float32",),
        versions=versions or {"torch": "2.6.0", "python": "3.11.2"},
        captured="0" * 64,
        started="2026-01-02T03:04:05+00:00",
        seconds=60.0,
        trial=trial,
    )


def table(page: str, title: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    section = page.partition(f"## {title}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    assert len({len(row) for row in rows}) == 1
    return rows[2:]


def test_the_documented_figures_are_those_of_the_reference_submissions() -> None:
    assert {name: each.epochs for name, each in documented().items()} == {
        name: epochs for name, (_, epochs) in NETWORKS.items()
    }
    folder = Path(__file__).parents[2] / "models"
    assert {path.stem for path in folder.glob("*.py")} == set(documented())
    assert [each.accuracy for each in documented().values()] == [
        "99.41 best, 99.36 last",
        "99.45 within 10 epochs",
        "99.41",
        "99.62",
        "99.45",
    ]


def test_what_was_not_measured_is_called_so() -> None:
    page = markdown([record()])
    missing = ["not measured"]
    gpu = table(page, "On a GPU")
    assert [row[0] for row in gpu] == list(NETWORKS)
    assert all(row[1:2] + row[3:-1] == missing * 7 for row in gpu)
    assert [row[0] for row in table(page, "On the CPU") if "not measured" in row] == list(NETWORKS)[1:]


def test_one_seed() -> None:
    (row,) = (row for row in table(markdown([record()]), "On the CPU") if row[0] == "netv3")
    assert row == [
        "netv3",
        "13,808",
        "20",
        "cpu",
        "1",
        "9,953 (99.53 %)",
        "9,956 (99.56 %)",
        "9,949 (99.49 %)",
        "50.0",
        "99.41 best, 99.36 last",
    ]


def test_the_mean_of_several_seeds_and_their_standard_deviation() -> None:
    records = [record("net_6k", last, seed=seed) for seed, last in enumerate((9_950, 9_951, 9_954))]
    (row,) = (row for row in table(markdown(records), "On the CPU") if row[0] == "net_6k")
    assert row[4:6] == ["3", "9,951.6 ± 2.1 (99.516 %)"]


def test_a_mean_below_the_limit_does_not_read_as_the_limit() -> None:
    records = [record(last=last, seed=seed) for seed, last in enumerate([9_940] * 99 + [9_939])]
    (row,) = (row for row in table(markdown(records), "On the CPU") if row[0] == "netv3")
    assert row[5] == "9,939.9 ± 0.1 (99.399 %)"


def test_each_device_has_its_own_row() -> None:
    records = [record(device=device) for device in ("NVIDIA H200", "cpu", "NVIDIA H100")]
    page = markdown(records)
    gpu = [row[3] for row in table(page, "On a GPU") if row[0] == "netv3"]
    assert gpu == ["NVIDIA H100", "NVIDIA H200"]
    assert [row[3] for row in table(page, "On the CPU") if row[0] == "netv3"] == ["cpu"]


def test_each_seed_is_listed_with_the_count_that_decides() -> None:
    records = [replace(record(seed=1), accuracy_at="last-3", needed=9_950), record()]
    assert table(markdown(records), "Each seed") == [
        ["netv3", "cpu", "0", "9,953", "9,956", "9,949", "best: 9,956 ≥ 9,940", "50.0", "finished, 20 of 20 epochs"],
        ["netv3", "cpu", "1", "9,953", "9,956", "9,949", "last-3: 9,949 < 9,950", "50.0", "finished, 20 of 20 epochs"],
    ]


@pytest.mark.parametrize(
    ("other", "ending"),
    [
        (record(seed=1, epochs=7, ending="interrupted"), "interrupted, 7 of 20 epochs"),
        (record(seed=1, epochs=0, ending="diverged"), "diverged, 0 of 20 epochs"),
        (replace(record(seed=1), full=False), "finished, 20 of 20 epochs, on a part of the data"),
    ],
)
def test_what_is_not_whole_is_listed_and_does_not_count(other: Record, ending: str) -> None:
    page = markdown([record(), other])
    assert table(page, "On the CPU") == table(markdown([record()]), "On the CPU")
    assert table(page, "Each seed")[1][-1] == ending
    alone = next(row for row in table(markdown([other]), "On the CPU") if row[0] == "netv3")
    assert alone[3:9] == ["cpu", "0", *["not measured"] * 4]


def test_other_networks_epochs_and_data_sets_follow_without_a_documented_figure() -> None:
    short = record(seed=1)
    short = replace(short, planned=3, trial=replace(short.trial, epochs=short.trial.epochs[-3:]))
    fashion = replace(record(), data_set="FashionMNIST")
    rows = table(markdown([short, fashion, record("mine")]), "On the CPU")
    assert [(row[0], row[2], row[-1]) for row in rows[5:]] == [
        ("netv3 (FashionMNIST)", "20", "–"),
        ("netv3", "3", "–"),
        ("mine", "3", "–"),
    ]
    assert rows[0][3] == "not measured"


def test_devices_versions_and_recipes_are_told_once() -> None:
    gpu = {"torch": "2.6.0", "python": "3.11.2", "cuda": "12.4"}
    records = [
        record(),
        record(seed=1),
        record("net_6k"),
        record(device="NVIDIA H200", versions=gpu),
        replace(record("net_8k"), recipe=Recipe(batch=64)),
    ]
    lines = [line for line in markdown(records).splitlines() if line.startswith("- ")]
    assert lines[:2] == [
        "- NVIDIA H200, float32: cuda 12.4, python 3.11.2, torch 2.6.0",
        "- cpu, float32: python 3.11.2, torch 2.6.0",
    ]
    assert [line.partition(": optimizer adamw, learning-rate 0.01, ")[0] for line in lines[2:]] == [
        "- net_6k, netv3",
        "- net_8k",
    ]
    assert "batch 64" in lines[3]


def test_the_order_of_the_records_does_not_matter() -> None:
    records = [
        record(name, seed=seed, device=device) for name in NETWORKS for seed in (0, 1) for device in ("cpu", "G")
    ]
    page = markdown(records)
    assert markdown(records[::-1]) == page
    assert markdown([*records[1::2], *records[::2]]) == page


def test_two_records_of_one_seed() -> None:
    with pytest.raises(RecordError) as caught:
        markdown([record(seed=3), record(seed=3)])
    assert str(caught.value) == "netv3: two records of seed 3 over 20 epochs on cpu; remove one"


def test_the_command_prints_the_page_of_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(record(), tmp_path / "netv3-seed0.json")
    assert main([str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert said.out == markdown([record()])
    assert said.out.startswith("# Results\n")
    assert said.out.endswith("\n")
    assert not said.out.endswith("\n\n")
    assert said.err == ""


@pytest.mark.parametrize("arguments", [[], ["a", "b"], ["--help"]])
def test_the_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "usage: python -m netgrade.training.results DIR > models/RESULTS.md\n"


def test_a_folder_without_records(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"{tmp_path}: no record in this folder; name the one that --train-output named\n"
