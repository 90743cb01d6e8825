"""The formats that a run can be written in, by the names that `--report` takes."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from netgrade.reports import annotations, as_json, badge, html, markdown
from netgrade.reports.report import Run

FORMATS: Mapping[str, Callable[[Run], str]] = MappingProxyType({
    "json": as_json.render,
    "markdown": markdown.render,
    "github": annotations.render,
    "badge": badge.endpoint,
    "badge-svg": badge.picture,
    "html": html.render,
})  # fmt: skip
