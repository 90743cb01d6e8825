"""A network drawn: its boxes in a column as they run, what each sees of the image, and beside them the connections.

The boxes are a list that is read aloud as it stands; the lines are a picture beside it, in the same unit as the boxes'
heights, so that they fit at every size of the letters.
"""

from collections.abc import Sequence
from html import escape

from netgrade.facts.model import Facts
from netgrade.reports.boxes import IMAGE, Box, Link, boxes, links
from netgrade.reports.wording import cut
from netgrade.rules.wording import listing, plural, size

_MOST = 200
"""Boxes of one drawing."""
_ROW, _HEAD = 3.5, 2.0
"""Heights of a box with the gap below it and of a block's name, in em; page.css has the same."""
_LANE, _LANES = 0.9, 6
"""Width of a lane in em, and the number of lanes after which the first one is used again."""
_DOT = 0.28
_NAME = 60


def diagram(facts: Facts) -> str:
    """Return a figure of the eval graph; what is no layer is left out, unless it joins several."""
    found = boxes(facts)
    shown = found[:_MOST]
    skips = [link for link in links(found) if link.end < len(shown)]
    tops, height = _tops(shown)
    lanes = min(_LANES, 1 + max((link.lane for link in skips), default=-1))
    beyond = len(found) - len(shown)
    more = f"<p>{plural(beyond, 'box').replace('boxs', 'boxes')} more, see the table</p>" if beyond else ""
    joined = sum(1 for link in skips if len(found[link.end].sources) > 1)
    skipping = f", with {plural(joined, 'skip connection')}" if joined else ""
    return (
        f"<figure><figcaption>In the order of execution{skipping}. The inner square is the part of the image that one "
        'position sees, its receptive field.</figcaption><div class="graph">'
        f'{_lines(shown, skips, tops, lanes, height)}<ol role="list">{_image(facts)}{_list(shown, facts)}</ol></div>'
        f"{more}</figure>"
    )


def _tops(shown: Sequence[Box]) -> tuple[list[float], float]:
    """Return the middle of the image's box and of each other one in em from the top, and the height of them all."""
    tops, at, block = [_ROW / 2], _ROW, ""
    for box in shown:
        if box.block and box.block != block:
            at += _HEAD
        block = box.block
        tops.append(at + _ROW / 2)
        at += _ROW
    return tops, at


def _lines(shown: Sequence[Box], skips: Sequence[Link], tops: Sequence[float], lanes: int, height: float) -> str:
    """Return the picture of the connections: one dot a box, straight lines, and curves that pass boxes by."""
    spine = _LANE * lanes + 2 * _DOT
    width = spine + 2 * _DOT
    parts = []
    for index, box in enumerate(shown):
        if index - 1 in box.sources:
            parts.append(f'<path class="flow" d="M{spine:g} {tops[index]:g}V{tops[index + 1]:g}"/>')
    for start, end, lane in skips:
        top, bottom, x = tops[start + 1], tops[end + 1], spine - _LANE * (lane % _LANES + 1)
        parts.append(
            f'<path class="skip" d="M{spine:g} {top:g}C{x:g} {top:g} {x:g} {top + 0.6:g} {x:g} {top + 1.4:g}'
            f'V{bottom - 1.4:g}C{x:g} {bottom - 0.6:g} {x:g} {bottom:g} {spine:g} {bottom:g}"/>'
        )
    dots = [("dot", tops[0])]
    dots += [("join" if len(box.sources) > 1 else "dot", top) for box, top in zip(shown, tops[1:], strict=True)]
    parts += [f'<circle class="{kind}" cx="{spine:g}" cy="{top:g}" r="{_DOT}"/>' for kind, top in dots]
    return (
        f'<svg class="lines" viewBox="0 0 {width:g} {height:g}" width="{width:g}em" height="{height:g}em" '
        f'aria-hidden="true">{"".join(parts)}</svg>'
    )


def _image(facts: Facts) -> str:
    return f'<li class="box"><span class="what">image</span><span class="shape">{size(facts.input_shape)}</span></li>'


def _list(shown: Sequence[Box], facts: Facts) -> str:
    side = max(facts.input_shape[1:], default=0)
    parts, block = [], ""
    for index, box in enumerate(shown):
        if box.block and box.block != block:
            parts.append(f'<li class="block">{_name(box.block)}</li>')
        block = box.block
        more = " · ".join(filter(None, [_taken(index, box, shown), *box.more]))
        field = f"sees {box.field:,}" if box.field else ""
        parts.append(
            f'<li class="box{" in" if block else ""}"><span class="what">{_name(box.what)} '
            f'<span class="soft">{_name(_own(box))}</span></span><span class="shape">{size(box.shape)}</span>'
            f'{_seen(box.field, side)}<span class="more">{escape(cut(more, 2 * _NAME))}</span>'
            f'<span class="field">{field}</span></li>'
        )
    return "".join(parts)


def _own(box: Box) -> str:
    """Return a layer's name without that of the block, which stands above it."""
    return box.layer.removeprefix(box.block).removeprefix(".") if box.block else box.layer


def _taken(index: int, box: Box, shown: Sequence[Box]) -> str:
    """Return in words what the lines say, where a box takes another value than that of the box before it."""
    if box.sources == (index - 1,):
        return ""
    names = ["the image" if start == IMAGE else shown[start].layer or shown[start].what for start in box.sources]
    return f"takes {listing(names)}"


def _seen(field: int | None, side: int) -> str:
    """Return the image as a square and what is seen of it as a smaller one."""
    if not field or not side:
        return ""
    inner = 26 * min(1.0, field / side)
    at = (28 - inner) / 2
    return (
        '<svg class="seen" viewBox="0 0 28 28" width="28" height="28" aria-hidden="true">'
        '<rect class="whole" x="1" y="1" width="26" height="26"/>'
        f'<rect class="part" x="{at:.3g}" y="{at:.3g}" width="{inner:.3g}" height="{inner:.3g}"/></svg>'
    )


def _name(text: str) -> str:
    return escape(cut(text, _NAME))
