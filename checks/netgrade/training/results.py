"""What the records in a folder have shown, as a page of Markdown. No torch.

    $ python -m netgrade.training.results DIR > models/RESULTS.md

DIR is what `--train-output` named. Every figure comes from a record; what no record shows is "not measured". Beside
them stand the figures of `documented.toml`. Only trials that finished on the whole data set count towards a mean; the
others are listed below it, with what kept them from counting.
"""

import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from itertools import chain
from math import fsum
from pathlib import Path, PurePath
from statistics import stdev
from typing import NamedTuple

import msgspec

from netgrade.rules.accuracy import deciding
from netgrade.training.record import Record, RecordError, folder

_CPU = "cpu"
_MISSING = "not measured"
_HEAD = (
    "Network",
    "Parameters",
    "Epochs",
    "Device",
    "Seeds",
    "Last epoch",
    "Best epoch",
    "Lowest of the last three",
    "Seconds",
    "Its document, %",
)
_SEEDS_HEAD = ("Network", "Device", "Seed", "Last", "Best", "Lowest of the last three", "Decides", "Seconds", "Ending")


class Documented(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the document of a reference submission says."""

    epochs: int
    accuracy: str
    """Per cent, with the document's own words for the epoch."""


class _Group(NamedTuple):
    """What the trials of one row have in common."""

    name: str
    data_set: str
    images: int
    parameters: int
    planned: int
    device: str


def documented() -> dict[str, Documented]:
    """Return the documented figures by the file names of the reference submissions, without `.py`."""
    text = resources.files("netgrade.training").joinpath("documented.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Documented])


def markdown(records: Sequence[Record]) -> str:
    """Return the page.

    Raises:
        RecordError: Two records are of the same network, device and seed.
    """
    groups = _groups(records)
    return "\n".join(
        chain(
            _preface(),
            _means("On the CPU", {group: each for group, each in groups.items() if group.device == _CPU}),
            _means("On a GPU", {group: each for group, each in groups.items() if group.device != _CPU}),
            _seeds(groups),
            _conditions(records),
        )
    )


def main(arguments: Sequence[str]) -> int:
    """Print the page of the folder that is the only argument; return the exit status."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.stderr.write("usage: python -m netgrade.training.results DIR > models/RESULTS.md\n")
        return 2
    try:
        sys.stdout.write(markdown(list(folder(Path(arguments[0])))))
    except RecordError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _preface() -> Iterator[str]:
    yield "# Results"
    yield ""
    yield "Written by `python -m netgrade.training.results DIR` from the records of real trainings."
    yield ""
    yield "Counts are of test images that were right. A mean over several seeds stands with the standard deviation from"
    yield "seed to seed; no mean is rounded up. Seconds are those of all epochs of a trial, with the look at the test"
    yield "images after each. The last column is what the document that a network comes from says of it."


def _groups(records: Iterable[Record]) -> dict[_Group, list[Record]]:
    groups: dict[_Group, list[Record]] = {}
    for record in records:
        group = _Group(
            PurePath(record.path).stem,
            record.data_set,
            record.test_images,
            record.parameters,
            record.planned,
            record.device,
        )
        groups.setdefault(group, []).append(record)
    for group, each in groups.items():
        each.sort(key=lambda record: record.trial.seed)
        seeds = [record.trial.seed for record in each]
        twice = next((seed for seed in seeds if seeds.count(seed) > 1), None)
        if twice is not None:
            raise RecordError(
                f"{group.name}: two records of seed {twice} over {group.planned} epochs on {group.device}; remove one"
            )
    order = [*documented()]
    return dict(sorted(groups.items(), key=lambda each: (_position(each[0].name, order), each[0])))


def _position(name: str, order: list[str]) -> int:
    return order.index(name) if name in order else len(order)


def _means(title: str, groups: dict[_Group, list[Record]]) -> Iterator[str]:
    """Yield a table with a row for each group, and for each documented network without one."""
    yield from ("", f"## {title}", "", _row(_HEAD), _row("---" for _ in _HEAD))
    others = dict(groups)
    for name, document in documented().items():
        own = [group for group in groups if (group.name, group.planned, _name(group)) == (name, document.epochs, name)]
        missing = (name, _MISSING, f"{document.epochs}", *[_MISSING] * 6)
        for row in [_mean(group, others.pop(group)) for group in own] or [missing]:
            yield _row((*row, document.accuracy))
    for group, each in others.items():
        yield _row((*_mean(group, each), "–"))


def _mean(group: _Group, records: Sequence[Record]) -> tuple[str, ...]:
    counted = [record.trial for record in records if _counts(record)]
    head = (_name(group), f"{group.parameters:,}", f"{group.planned}", group.device, f"{len(counted)}")
    if not counted:
        return (*head, *[_MISSING] * 4)
    return (
        *head,
        _average([trial.last for trial in counted], group.images),
        _average([trial.best for trial in counted], group.images),
        _average([trial.lowest_of_last_three for trial in counted], group.images),
        f"{fsum(_seconds(record) for record in records if _counts(record)) / len(counted):,.1f}",
    )


def _seeds(groups: dict[_Group, list[Record]]) -> Iterator[str]:
    yield from ("", "## Each seed", "", _row(_SEEDS_HEAD), _row("---" for _ in _SEEDS_HEAD))
    for group, records in groups.items():
        for record in records:
            trial = record.trial
            count = deciding(trial, record.accuracy_at)
            sign = "≥" if count >= record.needed else "<"
            yield _row(
                (
                    _name(group),
                    group.device,
                    f"{trial.seed}",
                    f"{trial.last:,}",
                    f"{trial.best:,}",
                    f"{trial.lowest_of_last_three:,}",
                    f"{record.accuracy_at}: {count:,} {sign} {record.needed:,}",
                    f"{_seconds(record):,.1f}",
                    _ending(record),
                )
            )


def _conditions(records: Iterable[Record]) -> Iterator[str]:
    """Yield each combination of device and versions, and each recipe, once."""
    records = list(records)
    yield from ("", "## Devices, versions and recipes", "")
    yield from sorted(
        {
            f"- {', '.join([record.device, *record.details])}: "
            + ", ".join(f"{name} {version}" for name, version in sorted(record.versions.items()))
            for record in records
        }
    )
    recipes: dict[str, set[str]] = {}
    for record in records:
        settings = ", ".join(f"{key} {value}" for key, value in msgspec.to_builtins(record.recipe).items())
        recipes.setdefault(settings, set()).add(PurePath(record.path).stem)
    yield ""
    for settings, names in sorted(recipes.items()):
        yield f"- {', '.join(sorted(names))}: {settings}"
    yield ""


def _counts(record: Record) -> bool:
    return record.full and record.trial.ending == "finished" and len(record.trial.epochs) == record.planned


def _ending(record: Record) -> str:
    done = f"{record.trial.ending}, {len(record.trial.epochs)} of {record.planned} epochs"
    return done if record.full else f"{done}, on a part of the data"


def _name(group: _Group) -> str:
    return group.name if group.data_set == "MNIST" else f"{group.name} ({group.data_set})"


def _seconds(record: Record) -> float:
    return fsum(epoch.seconds for epoch in record.trial.epochs)


def _average(counts: Sequence[int], images: int) -> str:
    """Return `9,953 (99.53 %)` for one count, `9,951.5 ± 2.1 (99.515 %)` for several; no mean is rounded up."""
    total, number = sum(counts), len(counts)
    if number == 1:
        hundredths = 10_000 * total // images
        return f"{total:,} ({hundredths // 100}.{hundredths % 100:02} %)"
    tenths, thousandths = 10 * total // number, 100_000 * total // (number * images)
    return f"{tenths // 10:,}.{tenths % 10} ± {stdev(counts):.1f} ({thousandths // 1000}.{thousandths % 1000:03} %)"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
