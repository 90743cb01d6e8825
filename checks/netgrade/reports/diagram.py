"""A network drawn as SVG: its layers in a column as they run, and beside it the connections that skip some."""

from collections.abc import Sequence
from html import escape

from netgrade.facts.model import Facts, Operator
from netgrade.reports.layers import describe, is_layer
from netgrade.reports.wording import counted, cut
from netgrade.rules.wording import size

_WIDTH, _ROW, _BOX, _LEFT = 640, 38, 28, 90
"""Pixels: of the drawing, from one box to the next, of a box, and kept at the left for what skips."""
_MOST = 200
"""Boxes of one drawing."""
_LANES = 6


def diagram(facts: Facts) -> str:
    """Return the drawing of the eval graph; what is no layer is left out, unless it joins several."""
    drawn = [each for each in facts.eval.operators if is_layer(each, facts) or len(each.reads) > 1]
    boxes = drawn[:_MOST]
    rows = {each.index: row for row, each in enumerate(boxes)}
    links = _links(facts, boxes, rows)
    skips = [(start, end) for start, end in links if end - start > 1]
    height = _ROW * (len(boxes) + 1) + 10
    label = f"{counted(len(drawn), 'layer')} in the order of execution, {counted(len(skips), 'skip connection')}"
    parts = [_box(-1, "image", size(facts.input_shape), "")]
    parts.extend(_operator(row, each) for row, each in enumerate(boxes))
    parts.extend(_link(start, end, lane) for lane, (start, end) in enumerate(links))
    beyond = len(drawn) - len(boxes)
    more = f"<p>{counted(beyond, 'layer')} more in the table</p>" if beyond > 0 else ""
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" role="img" '
        f'aria-label="{label}">{"".join(parts)}</svg>{more}'
    )


def _links(facts: Facts, boxes: Sequence[Operator], rows: dict[int, int]) -> list[tuple[int, int]]:
    """Return pairs of rows; a value that an operator without a box has made comes from the boxes before it."""
    sources: dict[int, frozenset[int]] = {}
    links: list[tuple[int, int]] = []
    for each in facts.eval.operators:
        come = frozenset[int]().union(*(sources.get(index, frozenset({-1})) for index in each.reads))
        come = come or frozenset({-1})
        if each.index in rows:
            links.extend((start, rows[each.index]) for start in sorted(come))
            come = frozenset({rows[each.index]})
        sources[each.index] = come
    return links if any(each.reads for each in facts.eval.operators) else [(row - 1, row) for row in range(len(boxes))]


def _operator(row: int, operator: Operator) -> str:
    name = " ".join(filter(None, [operator.layer, describe(operator)]))
    field = f"field {operator.field}" if operator.field else ""
    return _box(row, name, size(operator.output), field)


def _box(row: int, name: str, shape: str, field: str) -> str:
    top = _ROW * (row + 1) + 5
    return (
        f'<rect class="box" x="{_LEFT}" y="{top}" width="300" height="{_BOX}" rx="5"/>'
        f'<text x="{_LEFT + 10}" y="{top + 19}">{escape(cut(name, 40))}</text>'
        f'<text x="{_LEFT + 315}" y="{top + 19}">{escape(shape)}</text>'
        f'<text class="soft" x="{_LEFT + 430}" y="{top + 19}">{field}</text>'
    )


def _link(start: int, end: int, lane: int) -> str:
    if end - start == 1:
        x, top = _LEFT + 150, _ROW * (start + 1) + 5 + _BOX
        return f'<path class="flow" d="M{x} {top}V{top + _ROW - _BOX}"/>'
    out = 20 + (lane % _LANES) * 10
    top, bottom = (_ROW * (row + 1) + 5 + _BOX // 2 for row in (start, end))
    return f'<path class="skip" d="M{_LEFT} {top}C{_LEFT - out} {top} {_LEFT - out} {bottom} {_LEFT} {bottom}"/>'
