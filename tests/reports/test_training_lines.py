import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from netgrade.facts.training import Ending, Epoch, Trial
from netgrade.reports.terminal import Line, plain
from netgrade.reports.training import begin, duration, end, files, per_cent, row, seconds_left
from netgrade.training.messages import Began, Ready

if TYPE_CHECKING:
    from tests.conftest import Golden

COUNTS = (8_000, 9_200, 9_412, 9_570, 9_730, 9_824, 9_888, 9_915, 9_939, 9_940, 9_951, 9_946)


def epoch(number: int, test_correct: int, *, loss: float = 0.25, seconds: float = 13.0) -> Epoch:
    return Epoch(
        number=number,
        loss=loss,
        train_correct=59_000 + number,
        train_images=60_000,
        test_correct=test_correct,
        seconds=seconds,
    )


EPOCHS = tuple(epoch(number, count, loss=0.9 / number) for number, count in enumerate(COUNTS, start=1))


def began(*, full: bool = True, device: str = "cpu") -> Began:
    return Began(data_set="MNIST", device=device, test_images=10_000, full=full, versions={})


def ready(*details: str, resumed: tuple[Epoch, ...] = ()) -> Ready:
    return Ready(start=980, details=details, resumed=resumed)


def text(lines: Iterable[Line]) -> str:
    return "".join(f"{line.text}\n" for line in lines)


def shown(width: int = 80, *, full: bool = True, resumed: tuple[Epoch, ...] = ()) -> list[Line]:
    said = began(full=full), ready("float32", resumed=resumed)
    lines = begin("NetV3", *said, planned=len(EPOCHS), seed=0, needed=9_940, width=width)
    done = range(len(resumed) + 1, len(EPOCHS) + 1)
    rows = (row(EPOCHS[:number], planned=len(EPOCHS), needed=9_940, test_images=10_000) for number in done)
    return [*lines, *rows]


def test_a_whole_trial(golden: "Golden") -> None:
    out = Path("netgrade-out")
    lines = [*shown(), *files(out / "netv3-seed0.svg", out / "netv3-seed0.json")]
    golden.check("training.txt", text(lines))


def test_a_trial_that_goes_on_shows_the_earlier_epochs(golden: "Golden") -> None:
    golden.check("training-resumed.txt", text(shown(resumed=EPOCHS[:7])))


def test_the_lines_in_ascii(golden: "Golden") -> None:
    lines = plain(text(shown()))
    assert "?" not in lines
    golden.check("training-ascii.txt", lines)


def test_the_heading_says_how_it_is_trained() -> None:
    said = began(device="NVIDIA H200"), ready("float32", "CUDA graph")
    (heading, _) = begin("NetV3", *said, planned=20, seed=3, needed=9_940)
    assert heading == Line("NetV3 · MNIST · 20 epochs · seed 3 · NVIDIA H200, float32 · CUDA graph", "strong")


def test_the_heading_of_a_part_of_a_data_set_without_details() -> None:
    (heading, _) = begin("N", began(full=False), ready(), planned=1, seed=0, needed=9_940)
    assert heading.text == "N · MNIST (a part: 10,000 test images) · 1 epoch · seed 0 · cpu"


@pytest.mark.parametrize("width", [20, 60, 80])
def test_all_lines_are_of_one_length_and_the_heading_fits(width: int) -> None:
    lines = shown(width, full=False)
    assert [len(line.text) for line in lines if line.tone != "strong"] == [67] * (1 + len(EPOCHS))
    heading = [line for line in lines if line.tone == "strong"]
    assert max(len(line.text) for line in heading) <= max(width, 42)
    assert " ".join(line.text.strip() for line in heading).startswith("NetV3 · MNIST (a part: 10,000 test images) · 12")


def test_an_epoch_that_reaches_what_is_needed_is_full_and_good() -> None:
    lines = [line for line in shown() if line.tone != "strong"][1:]
    assert [line.tone for line in lines] == ["plain"] * 9 + ["good"] * 3
    assert "".join(line.text[35] for line in lines) == "▁▁▂▃▄▅▆▇▇███"


@pytest.mark.parametrize(("correct", "bar"), [(100, "█"), (99, "▇"), (98, "▆"), (0, "▁")])
def test_the_bars_where_every_image_is_needed(correct: int, bar: str) -> None:
    line = row([epoch(1, correct)], planned=2, needed=100, test_images=100)
    assert line.text[35] == bar


@pytest.mark.parametrize(
    ("loss", "said"),
    [(0.02134, "0.0213"), (12.0, "12.0000"), (123_456.0, "1.2e+05"), (math.nan, "nan"), (math.inf, "inf")],
)
def test_the_loss(loss: float, said: str) -> None:
    line = row([epoch(1, 9_000, loss=loss)], planned=2, needed=9_940, test_images=10_000)
    assert line.text.split()[1] == said


def test_the_best_of_equals_is_the_first() -> None:
    epochs = [epoch(1, 9_950), epoch(2, 9_950)]
    assert "best 99.50 (1)" in row(epochs, planned=2, needed=9_940, test_images=10_000).text


@pytest.mark.parametrize(
    ("correct", "images", "said"),
    [
        (9_940, 10_000, "99.40"),
        (9_939, 10_000, "99.39"),
        (59_999, 60_000, "99.99"),
        (10_000, 10_000, "100.00"),
        (0, 7, "0.00"),
        (1, 1_000, "0.10"),
    ],
)
def test_per_cent_are_never_rounded_up(correct: int, images: int, said: str) -> None:
    assert per_cent(correct, images) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0, "0.0 s"),
        (4.123, "4.1 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (200.0, "3 min 20 s"),
        (3_599.4, "59 min 59 s"),
        (3_599.6, "1 h 00 min"),
        (3_900.0, "1 h 05 min"),
        (360_000.0, "100 h 00 min"),
    ],
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_the_time_left_is_the_mean_of_the_epochs_done() -> None:
    assert seconds_left([epoch(1, 0, seconds=3.0), epoch(2, 0, seconds=1.0)], planned=20) == 36.0
    assert seconds_left([epoch(20, 0)], planned=20) == 0.0


@pytest.mark.parametrize(
    ("ending", "epochs", "message", "hint", "lines"),
    [
        ("finished", 12, "", "", []),
        ("interrupted", 7, "", "", ["  interrupted after epoch 7 of 12"]),
        (
            "diverged",
            1,
            "the loss is nan in step 12",
            "lower the learning rate",
            ["  diverged after epoch 1 of 12: the loss is nan in step 12", "  → lower the learning rate"],
        ),
        ("frozen", 0, "no parameter to train", "", ["  frozen before the first epoch: no parameter to train"]),
    ],
)
def test_how_a_trial_ended(ending: Ending, epochs: int, message: str, hint: str, lines: list[str]) -> None:
    trial = Trial(seed=0, start=980, epochs=EPOCHS[:epochs], ending=ending, message=message, hint=hint)
    assert text(end(trial, planned=12)).splitlines() == lines


def test_remarks_are_notes() -> None:
    trial = Trial(seed=0, start=980, epochs=EPOCHS, remarks=("no CUDA graph: " + "an operator " * 9,))
    lines = text(end(trial, planned=12)).splitlines()
    assert lines[0].startswith("  note: no CUDA graph: an operator")
    assert lines[1].startswith("        operator an")
    assert max(map(len, lines)) <= 80


def test_why_there_is_no_curve() -> None:
    lines = files(None, Path("out/a.json"), why="no curve is drawn without matplotlib")
    assert text(lines) == "  curve: none, no curve is drawn without matplotlib\n  record: out/a.json\n"
    assert text(files(None, Path("a.json"))) == "  curve: none\n  record: a.json\n"
