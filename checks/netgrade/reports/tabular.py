"""The layers as a table of the page that can be sorted, and their parameters as bars."""

from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from netgrade.facts.model import Facts, Operator
from netgrade.reports.layers import executed, is_layer, row
from netgrade.reports.wording import cut
from netgrade.rules.wording import plural

_TITLES = ("#", "Line", "Layer", "Operator", "Output", "Parameters", "Share, %", "Field", "MACs")
_NUMBERS = frozenset({"#", "Parameters", "Share, %", "Field", "MACs"})
_MOST = 1_000
"""Rows of the table."""
_BARS = 30
_NAME = 80


class Cell(NamedTuple):
    """What is shown, and what it is sorted by."""

    text: str
    key: str


def layer_table(facts: Facts) -> str:
    """Return the table in a region that scrolls by itself, in the order of execution."""
    layers = _layers(facts)
    kinds = ['class="number" ' if title in _NUMBERS else "" for title in _TITLES]
    head = "".join(f'<th {kind}scope="col">{title}</th>' for kind, title in zip(kinds, _TITLES, strict=True))
    body = "".join(_line(_cells(number, each, facts)) for number, each in enumerate(layers[:_MOST], 1))
    beyond = f"<p>{plural(len(layers) - _MOST, 'layer')} more in the JSON report</p>" if len(layers) > _MOST else ""
    return (
        '<div class="scroll" tabindex="0" role="group" aria-label="Table of the layers">'
        f'<table class="layers"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{beyond}'
    )


def parameter_bars(facts: Facts) -> str:
    """Return one bar for each layer that has parameters; of many, the largest, in the order of execution."""
    layers = [(number, each) for number, each in enumerate(_layers(facts), 1) if each.parameters]
    if not layers:
        return ""
    kept = sorted(sorted(layers, key=lambda pair: -pair[1].parameters)[:_BARS], key=lambda pair: pair[0])
    longest = max(each.parameters for _, each in kept)
    rest = facts.total - sum(each.parameters for _, each in kept)
    bars = [_bar(*_title(each), each.parameters, facts.total, longest) for _, each in kept]
    if rest > 0:
        bars.append(_bar("all others", "", rest, facts.total, longest))
    return f'<ul class="bars" role="list">{"".join(bars)}</ul>'


def _layers(facts: Facts) -> list[Operator]:
    return [operator for operator in executed(facts) if is_layer(operator, facts)]


def _bar(title: str, more: str, parameters: int, total: int, longest: int) -> str:
    width = min(100.0, 100 * parameters / longest)
    return (
        f'<li><span class="name">{escape(cut(title, _NAME))} <span class="soft">{escape(more)}</span></span>'
        '<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="bar" width="{width:.1f}" height="10"/></svg>'
        f'<span class="figure">{parameters:,} <span class="soft">{100 * parameters / total:.1f} %</span></span></li>'
    )


def _title(operator: Operator) -> tuple[str, str]:
    cells = row(operator)
    return (cells.layer, cells.operator) if operator.layer else (cells.operator, "")


def _cells(number: int, operator: Operator, facts: Facts) -> Iterator[Cell]:
    line, layer, what, output, parameters, field, macs = row(operator)
    yield Cell(str(number), str(number))
    for text in (line, cut(layer, _NAME), what):
        yield Cell(text, text)
    yield Cell(output, output)
    yield Cell(parameters, str(operator.parameters))
    share = 100 * operator.parameters / facts.total if facts.total else 0.0
    yield Cell(f"{share:.1f}" if operator.parameters else "–", str(operator.parameters))
    yield Cell(field, str(operator.field or 0))
    yield Cell(macs, str(operator.macs or 0))


def _line(cells: Iterator[Cell]) -> str:
    return f"<tr>{''.join(_told(cell, title) for cell, title in zip(cells, _TITLES, strict=True))}</tr>"


def _told(cell: Cell, title: str) -> str:
    kind = ' class="number"' if title in _NUMBERS else ""
    key = "" if cell.key == cell.text else f' data-key="{escape(cell.key)}"'
    return f"<td{kind}{key}>{escape(cell.text)}</td>"
