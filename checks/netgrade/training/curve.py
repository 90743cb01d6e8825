"""The accuracy of trials by epoch, drawn as PNG and SVG. No torch; matplotlib is imported when a curve is drawn.

Drawn through the object interface alone: no backend is chosen and no state of pyplot is touched. The same records give
the same SVG to the byte.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netgrade.placing import place
from netgrade.rules.accuracy import wilson
from netgrade.training.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
"""Okabe and Ito's, which colour-blind readers tell apart; they return after six trials."""
_GREY = "#555555"
_INCHES = (7.0, 4.2)
_DOTS = 144
"""Of the PNG, an inch."""
_STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib, so that a machine's own fonts don't matter
    "font.size": 9.5,
    "svg.fonttype": "none",  # text stays text: small, and found by a search
    "svg.hashsalt": "netgrade",
}
_LEAST = 0.2
"""Per cent: what is shown above and below the accuracies at least."""
_CAP = 0.012
"""Of all planned epochs: the length of an error bar's ends."""
_APART = 0.004
"""Of all planned epochs: between the error bars of two trials, so that none hides another."""


class NoMatplotlibError(Exception):
    """A curve was asked for, and matplotlib is not installed."""


def draw(records: Sequence[Record], path_png: Path, path_svg: Path) -> None:
    """Draw the trials of one network: test and training accuracy by epoch, and the accuracy that is needed.

    A trial that finished has an error bar at its last epoch: Wilson's 95 % interval, which an epoch that was not chosen
    beforehand doesn't have.

    Args:
        records: One a trial; a trial without an epoch leaves no line.
        path_png: Its folder is made where there is none.
        path_svg: The same.

    Raises:
        NoMatplotlibError: matplotlib is not installed.
        OSError: A file can't be written.
        ValueError: There is no record.
    """
    if not records:
        raise ValueError("a curve is drawn of one record or more, not of none")
    try:
        import matplotlib as mpl  # noqa: PLC0415 - takes 0.2 s, and is an extra
        from matplotlib.figure import Figure  # noqa: PLC0415 - the same
    except ImportError as error:
        raise NoMatplotlibError(
            f"no curve is drawn without matplotlib ({error}); pip install 'netgrade[train]'"
        ) from None
    for path in (path_png, path_svg):
        path.parent.mkdir(parents=True, exist_ok=True)
    with mpl.rc_context():
        mpl.rcdefaults()  # a user's own matplotlibrc could ask for TeX
        mpl.rcParams.update(_STYLE)
        figure = Figure(figsize=_INCHES, layout="constrained")
        _draw(figure, records)
        svg, png = BytesIO(), BytesIO()
        figure.savefig(svg, format="svg", metadata={"Date": None})
        figure.savefig(png, format="png", metadata={"Software": None}, dpi=_DOTS)
    place(path_svg, svg.getvalue())
    place(path_png, png.getvalue())


def _draw(figure: "Figure", records: Sequence[Record]) -> None:
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415 - as in draw

    axes = figure.add_subplot()
    for number, record in enumerate(records):
        if record.trial.epochs:
            shift = (number - (len(records) - 1) / 2) * _APART
            _trial(axes, record, _COLOURS[number % len(_COLOURS)], shift, alone=len(records) == 1)
    if len(records) > 1:
        axes.plot([], [], color=_GREY, linewidth=1, alpha=0.45, label="pale: training images")
    first = records[0]
    needed = 100 * first.needed / first.test_images
    axes.axhline(needed, color=_GREY, linewidth=1, linestyle=(0, (4, 3)), label=f"needed: {needed:.2f} %")
    axes.set_title(_title(first), loc="left", fontsize="medium", parse_math=False)
    axes.set_xlabel("epoch")
    axes.set_ylabel("accuracy (%)")
    planned = max(record.planned for record in records)
    axes.set_xlim(0.5, planned + 0.5)
    axes.set_ylim(*_limits(records, needed))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.grid(visible=True, color="#e5e5e5", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower right", frameon=True, edgecolor="none", framealpha=0.85, fontsize="small")


def _trial(axes: "Axes", record: Record, colour: str, shift: float, *, alone: bool) -> None:
    epochs = record.trial.epochs
    numbers = [epoch.number for epoch in epochs]
    test = [100 * epoch.test_correct / record.test_images for epoch in epochs]
    train = [100 * epoch.train_correct / epoch.train_images for epoch in epochs]
    best = max(test)
    at = numbers[test.index(best)]
    found = f"best: {best:.2f} % (epoch {at})"
    axes.plot(
        numbers,
        train,
        color=colour,
        linewidth=1,
        marker=".",
        markersize=3,
        alpha=0.45,
        label="training images" if alone else None,
    )
    axes.plot(
        numbers,
        test,
        color=colour,
        linewidth=1.6,
        marker="o",
        markersize=3,
        label="test images" if alone else f"seed {record.trial.seed}, {found}",
    )
    axes.plot([at], [best], color=colour, linestyle="none", marker="*", markersize=11, label=found if alone else None)
    if interval := _interval(record):
        end, cap = numbers[-1] + shift * record.planned, _CAP * record.planned
        label = "95 % interval of the last epoch" if alone else ""
        axes.vlines(end, *interval, color=colour, linewidth=1.2, label=label)
        axes.hlines(interval, end - cap / 2, end + cap / 2, color=colour, linewidth=1.2)


def _interval(record: Record) -> tuple[float, float] | tuple[()]:
    """Return the bounds in per cent for the last epoch of a finished trial."""
    whole = record.trial.epochs and record.trial.ending == "finished"
    return wilson(record.trial.last, record.test_images) if whole else ()


def _limits(records: Sequence[Record], needed: float) -> tuple[float, float]:
    """Return where the accuracies begin and end.

    The first epochs of a training lie so far below the others that they would press these into one line: what is shown
    for certain are the test images but for a first quarter, and the later half of the training images.
    """
    shown = [needed, *(bound for record in records for bound in _interval(record))]
    for record in records:
        epochs = record.trial.epochs
        shown += [100 * epoch.test_correct / record.test_images for epoch in epochs[len(epochs) // 4 :]]
        shown += [100 * epoch.train_correct / epoch.train_images for epoch in epochs[len(epochs) // 2 :]]
    low, high = min(shown), max(shown)
    margin = max(_LEAST, 0.08 * (high - low))
    return max(0.0, low - margin), min(100.0 + margin / 4, high + margin)


def _title(record: Record) -> str:
    text = (
        f"{record.network} · {record.parameters:,} parameters · {record.data_set}{'' if record.full else ' (a part)'}"
    )
    return text.encode("latin-1", "replace").decode("latin-1")  # matplotlib warns of what its font doesn't have
