"""A badge of a run: the JSON that shields.io reads from an endpoint, and a picture of our own that needs no server."""

from html import escape

import msgspec

from netgrade.reports.report import Run
from netgrade.reports.score import of_run
from netgrade.reports.wording import headline, verdict

_LABEL = "netgrade"
_COLOURS = {
    "passed": ("brightgreen", "#1a7f37"),
    "failed": ("red", "#cf222e"),
    "nothing graded": ("lightgrey", "#57606a"),
}
"""As shields.io names it, and a shade on which white text has a contrast of 4.5 and more."""
_CHARACTER, _MARGIN, _HEIGHT = 6.6, 6.0, 20
"""Pixels: the mean width of a character at 11 pixels, the space beside a text, the badge's height."""


class _Endpoint(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What shields.io reads: https://shields.io/badges/endpoint-badge."""

    schema_version: int = 1
    label: str
    message: str
    color: str
    is_error: bool


def endpoint(run: Run) -> str:
    """Return the JSON for shields.io."""
    colour, _ = _COLOURS[_state(run)]
    badge = _Endpoint(label=_LABEL, message=_message(run), color=colour, is_error=not run.passed)
    return msgspec.json.encode(badge).decode() + "\n"


def picture(run: Run) -> str:
    """Return the badge as SVG, with a title for those who can't see it."""
    _, colour = _COLOURS[_state(run)]
    message = _message(run)
    left, right = _width(_LABEL), _width(message)
    width = left + right
    title = escape(f"{_LABEL}, {run.assignment}: {headline(run)}")
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{_HEIGHT}" role="img" aria-label="{title}">
  <title>{title}</title>
  <clipPath id="r"><rect width="{width:g}" height="{_HEIGHT}" rx="3"/></clipPath>
  <g clip-path="url(#r)">
    <rect width="{left:g}" height="{_HEIGHT}" fill="#3d444d"/>
    <rect x="{left:g}" width="{right:g}" height="{_HEIGHT}" fill="{colour}"/>
  </g>
  <g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11" aria-hidden="true">
    <text x="{_MARGIN:g}" y="14" textLength="{left - 2 * _MARGIN:g}">{_LABEL}</text>
    <text x="{left + _MARGIN:g}" y="14" textLength="{right - 2 * _MARGIN:g}">{escape(message)}</text>
  </g>
</svg>
"""


def _message(run: Run) -> str:
    score = of_run(run.reports)
    return f"{verdict(run)} · {score.earned:,}/{score.possible:,}" if run.reports else verdict(run)


def _state(run: Run) -> str:
    return "passed" if run.passed else "failed" if run.reports else "nothing graded"


def _width(text: str) -> float:
    return round(len(text) * _CHARACTER + 2 * _MARGIN)
