"""`netgrade show`: draws a network in the terminal, layer by layer, as it runs."""

from collections.abc import Iterator
from itertools import groupby

import click

from netgrade.command.colour import print_lines, width
from netgrade.command.examine import examine, named
from netgrade.command.options import examining
from netgrade.facts.model import Facts, Operator
from netgrade.reports.layers import executed, is_layer, table
from netgrade.reports.report import Report
from netgrade.reports.terminal import Line, heading, summary
from netgrade.rules.wording import size
from netgrade.sandbox.protocol import Level

_OPEN, _MIDDLE, _CLOSE, _ALONE = "┌", "│", "└", "·"


@click.command()
@click.argument("path", metavar="FILE", type=click.Path())
@examining
def show(*, path: str, assignment: str, model_timeout: float, sandbox: Level, verbose: int) -> int:
    """Draw the networks of FILE.

    Each line is a layer as it runs, with the line of its call, its output for one image, its parameters, the receptive
    field and the multiply-accumulates. Layers of one block stand together. Of the assignment only the images' shape and
    the number of classes count. Below stands torchinfo's summary of the rebuilt program, which is what would be
    trained; torchinfo counts multiply-adds in its own way.
    """
    submissions = named([path])
    run = examine(submissions, assignment, level=sandbox, timeout=model_timeout, quiet=False, summary=True)
    reports = run.reports
    for report in reports:
        print_lines(_drawn(report, verbose))
    return int(any(report.failure for report in reports))


def _drawn(report: Report, verbosity: int) -> Iterator[Line]:
    if report.facts is None:
        every = {(report.path, report.network, verdict.rule) for verdict in report.checks}
        yield from summary([report], every, width=width(), command="netgrade show ")
        return
    yield Line(heading(report), "strong")
    yield Line("")
    yield from drawing(report.facts, verbosity=verbosity, columns=width())
    yield Line("")
    yield Line("torchinfo's summary of the rebuilt program", "strong")
    yield Line("")
    for text in report.summary.splitlines():
        yield Line(text.rstrip())
    yield Line("")


def drawing(facts: Facts, *, verbosity: int, columns: int) -> Iterator[Line]:
    """Yield the layers of a network, those of a block bracketed.

    Args:
        facts: What is known of the network.
        verbosity: 0 and 1 show layers, 2 every operator.
        columns: Width of the terminal.
    """
    shown = max(1, verbosity)
    operators = [operator for operator in executed(facts) if shown > 1 or is_layer(operator, facts)]
    titles, *rows, total = table(facts, verbosity=shown, width=columns - 2)
    yield Line(f"  {titles}", "faint")
    yield Line(f"    input {size(facts.input_shape)}", "faint")
    for mark, row in zip(_brackets(operators), rows, strict=True):
        yield Line(f"  {mark}{row[1:]}" if mark else f"  {row}")
    yield Line(f"  {total}", "strong")


def _brackets(operators: list[Operator]) -> Iterator[str]:
    """Yield a sign for each operator: where a block begins, goes on and ends. A block is a module with parts."""
    for name, group in groupby(operators, key=_block):
        length = len(list(group))
        if not name or length == 1:
            yield from [_ALONE] * length
        else:
            yield from [_OPEN, *[_MIDDLE] * (length - 2), _CLOSE]


def _block(operator: Operator) -> str:
    """Return the module that the operator's own module lies in: `block1` of `block1.0`."""
    return operator.layer.rpartition(".")[0]
