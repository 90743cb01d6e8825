"""How likely a network is to pass, by its true accuracy and by the rule: exact, without a single draw.

    python tests/rules/chances.py --plot docs/verdict.svg > docs/verdict.md

A model of the counts. A network has a true mean: that of its last epoch's count over all seeds. A seed has a mean of
its own around it, and in the last few epochs, where the learning rate is low, each epoch's count lies around the seed's
mean, independent of the other epochs'. Both are normal, and the count is rounded to whole images. `last` takes the last
of these epochs, `best` the highest, `last-3` the lowest of the last three. Where an epoch resembles its
neighbours, `best` and `last-3` are nearer to `last` than here.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, reduce
from math import sqrt
from pathlib import Path
from statistics import NormalDist
from typing import Literal, NamedTuple

from netgrade.rules.accuracy import AUTO, images_of, lowest_from, reached, trials_needed

IMAGES = 10_000
NEEDED = images_of(99.4, IMAGES)

Counts = Mapping[int, float]
"""The probability of each count, or of each sum of counts."""


class Noise(NamedTuple):
    """How counts vary, in images of 10,000."""

    deviation: float = 5.0
    """Standard deviation of the last epoch's count from seed to seed: of the seeds' means and the epochs together."""
    epochs_deviation: float = 3.0
    """Standard deviation of the epochs of one seed around that seed's mean; at most `deviation`."""
    plateau: int = 5
    """Number of last epochs that have that mean; the earlier ones are lower and never the best."""


class Gate(NamedTuple):
    """One rule for the verdict."""

    accuracy_at: str
    seeds: int | Literal["auto"]


GATES = tuple(Gate(at, seeds) for at in ("last", "best", "last-3") for seeds in (1, 3, 5, "auto"))
MEANS = tuple(range(9_930, 9_951))


@cache
def counts(mean: float, accuracy_at: str, noise: Noise) -> Counts:
    """Return the distribution of the deciding count of one seed."""
    own = sqrt(noise.deviation**2 - noise.epochs_deviation**2)
    lowest = lowest_from(accuracy_at)
    reach = round(6 * noise.deviation) + 1
    span = range(round(mean) - reach, round(mean) + reach + 1)
    found = dict.fromkeys(span, 0.0)
    for seed_mean, weight in _seed_means(mean, own):
        below = [_below(count, seed_mean, noise.epochs_deviation) for count in (span[0], *(each + 1 for each in span))]
        if lowest is None:
            chosen = [share**noise.plateau for share in below]
        else:
            chosen = [1 - (1 - share) ** lowest for share in below]
        for number, count in enumerate(span):
            found[count] += weight * (chosen[number + 1] - chosen[number])
    return found


def passes(mean: float, gate: Gate, noise: Noise) -> float:
    """Return the probability that a network of this true mean passes."""
    one = counts(mean, gate.accuracy_at, noise)
    most = AUTO if gate.seeds == "auto" else gate.seeds
    nothing: Counts = {0: 1.0}
    rest = reduce(_added, [one] * (most - 1), nothing)
    total = 0.0
    for first, probability in one.items():
        if trials_needed([first], seeds=gate.seeds, needed=NEEDED, images=IMAGES) == 1:
            total += probability * reached([first], NEEDED)
        else:
            total += probability * sum(share for others, share in rest.items() if first + others >= NEEDED * most)
    return total


def trials(mean: float, gate: Gate, noise: Noise) -> float:
    """Return how many seeds are trained on average."""
    one = counts(mean, gate.accuracy_at, noise)
    return sum(
        probability * trials_needed([first], seeds=gate.seeds, needed=NEEDED, images=IMAGES)
        for first, probability in one.items()
    )


def _seed_means(mean: float, deviation: float) -> Iterator[tuple[float, float]]:
    """Yield means of seeds in steps of a twentieth of their deviation, each with its probability."""
    if not deviation:
        yield mean, 1.0
        return
    normal, width = NormalDist(), 0.05
    for step in range(-120, 121):
        middle = step * width
        yield mean + middle * deviation, normal.cdf(middle + width / 2) - normal.cdf(middle - width / 2)


def _below(count: int, mean: float, deviation: float) -> float:
    """Return the probability that a rounded count is less than this one."""
    if not deviation:
        return float(mean < count - 0.5)
    return NormalDist(mean, deviation).cdf(count - 0.5)


def _added(some: Counts, others: Counts) -> Counts:
    """Return the distribution of the sum of two independent counts."""
    sums: dict[int, float] = {}
    for count, probability in some.items():
        for other, share in others.items():
            sums[count + other] = sums.get(count + other, 0.0) + probability * share
    return sums


def page(arguments: Sequence[str]) -> str:
    """Return the page of the documentation, for these arguments of the command."""
    noise, plot = _options(arguments)
    command = " ".join(["python tests/rules/chances.py", *arguments, "> docs/verdict.md"])
    picture = f"![Pass probability by true mean]({Path(plot).name})\n" if plot else ""
    return _PAGE.format(command=command, picture=picture, tables="\n".join(_tables(noise)), **noise._asdict())


def _tables(noise: Noise) -> Iterator[str]:
    for at in ("last", "best", "last-3"):
        gates = [gate for gate in GATES if gate.accuracy_at == at]
        yield f"### `{at}`\n"
        yield "| True mean, % | 1 seed | 3 seeds | 5 seeds | `auto` | seeds that `auto` trains |"
        yield "| ---: |" + " ---: |" * (len(gates) + 1)
        for mean in MEANS:
            shares = " | ".join(f"{100 * passes(mean, gate, noise):.1f}" for gate in gates)
            yield f"| {mean / 100:.2f} | {shares} | {trials(mean, gates[-1], noise):.2f} |"
        yield ""


_PAGE = """\
# How likely a network is to pass

Written by `{command}`; computed, not measured.

The limit is 99.4 % of 10,000 images. The tables give the probability, in per cent, that a network passes, by its true
mean: the count after its last epoch, averaged over all seeds.

With `last`, one seed is a toss-up near the limit; more seeds make the step from failing to passing steeper where it is.
`best` moves the step to lower means, and `last-3` to higher ones. `auto` trains one seed where that one is clear and
five where it isn't, and passes as five seeds do.

{picture}
## The model

- The last epoch's count has a standard deviation of {deviation:g} images from seed to seed.
- Of that, the epochs of one seed vary around the seed's own mean by {epochs_deviation:g} images; the seeds' means vary
  by the rest. Both are normal, and counts are whole images.
- The last {plateau} epochs have the seed's mean and are independent; earlier ones are never the best.
- Where an epoch resembles its neighbours, `best` and `last-3` are nearer to `last` than here.

The deviations are arguments of the command.

## The tables

{tables}"""


def draw(noise: Noise, path: str) -> None:
    """Write the curves as an SVG file."""
    import matplotlib as mpl  # noqa: PLC0415 - the page itself needs none
    from matplotlib.figure import Figure  # noqa: PLC0415 - the same

    mpl.rcParams |= {"svg.hashsalt": "verdict", "svg.fonttype": "none"}
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    panels = figure.subplots(1, 3, sharey=True)
    for panel, at in zip(panels, ("last", "best", "last-3"), strict=True):
        for gate in (gate for gate in GATES if gate.accuracy_at == at):
            shares = [100 * passes(mean, gate, noise) for mean in MEANS]
            panel.plot([mean / 100 for mean in MEANS], shares, label=str(gate.seeds))
        panel.axvline(NEEDED / 100, color="grey", linewidth=0.8)
        panel.set(title=f"accuracy-at = {at}", xlabel="true mean, %")
        panel.grid(visible=True, linewidth=0.3)
    panels[0].set_ylabel("probability of a pass, %")
    panels[0].legend(title="seeds")
    figure.savefig(path, format="svg", metadata={"Date": None})


def _options(arguments: Sequence[str]) -> tuple[Noise, str | None]:
    parser = argparse.ArgumentParser(description="Write how likely a network is to pass, by its true mean.")
    parser.add_argument("--deviation", type=float, default=Noise().deviation, metavar="IMAGES")
    parser.add_argument("--epochs-deviation", type=float, default=Noise().epochs_deviation, metavar="IMAGES")
    parser.add_argument("--plateau", type=int, default=Noise().plateau, metavar="EPOCHS")
    parser.add_argument("--plot", metavar="FILE", help="draw the curves too, as SVG; needs matplotlib")
    options = parser.parse_args(arguments)
    if not 0 <= options.epochs_deviation <= options.deviation or not options.deviation:
        parser.error("--epochs-deviation must be at least 0 and at most --deviation, which must be above 0")
    if options.plateau < 1:
        parser.error("--plateau must be at least 1")
    return Noise(options.deviation, options.epochs_deviation, options.plateau), options.plot


def main() -> None:
    """Write the page to standard output, and the curves where asked."""
    noise, plot = _options(sys.argv[1:])
    if plot:
        draw(noise, plot)
    sys.stdout.write(page(sys.argv[1:]))


if __name__ == "__main__":
    main()
