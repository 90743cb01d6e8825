"""A run as one HTML page that needs nothing else: no network, no file beside it.

All that a stranger wrote is escaped, and the page's policy allows only the style and the script whose hashes it names,
so that nothing else would run even if it came through.
"""

import base64
import hashlib
from collections.abc import Iterator
from html import escape
from importlib import resources
from posixpath import basename

from netgrade.facts.model import Facts
from netgrade.reports.curve import curve
from netgrade.reports.diagram import diagram
from netgrade.reports.findings import finding
from netgrade.reports.report import Report, Run
from netgrade.reports.score import of_network, of_run
from netgrade.reports.tabular import layer_table, parameter_bars
from netgrade.reports.terminal import rounded, sees_whole
from netgrade.reports.training import per_cent
from netgrade.reports.wording import cut, headline, name, verdict, versions
from netgrade.rules.wording import plural

_FILES = resources.files("netgrade.reports")
_STYLE, _SCRIPT = (_FILES.joinpath(file).read_text(encoding="utf-8") for file in ("page.css", "page.js"))
_FEW = 8
"""Networks up to which the rules that passed have their documentation too, and texts of what was not judged."""
_MOST = 8_000_000
"""Bytes of the networks' sections; of what is beyond, the table at the top has the verdict."""
_ROWS = 5_000
_NAME = 200
_TEXT = 1_000
_TITLES = ("Verdict", "File", "Network", "Points", "Parameters")


def render(run: Run) -> str:
    """Return the page."""
    policy = (
        f"default-src 'none'; style-src {_hash(_STYLE)}; script-src {_hash(_SCRIPT)}; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    sections, left_out = _sections(run)
    return "\n".join([
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">\n<link rel="icon" href="data:,">',
        f"<title>{escape(_title(run))}</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
        *_header(run),
        "<main>",
        _contents(run, len(sections)),
        *sections,
        f"<p>What was found in {plural(left_out, 'network')} more is in the JSON report.</p>" if left_out else "",
        f"</main>\n<script>{_SCRIPT}</script>\n</body>\n</html>\n",
    ])  # fmt: skip


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _title(run: Run) -> str:
    only = run.reports[0] if len(run.reports) == 1 else None
    what = only and (only.network or basename(only.path))
    return f"{cut(f'{what} ', _NAME) if what else ''}{headline(run)} · netgrade"


def _header(run: Run) -> Iterator[str]:
    state = "passed" if run.passed else "failed"
    points = f"{of_run(run.reports)} · " if run.reports else ""
    word = verdict(run)
    yield f'<header class="{state}"><p class="brand">netgrade</p>'
    yield f"<h1>{_mark(run.passed)} {escape(word[:1].upper() + word[1:])}</h1>"
    yield f'<p class="soft">{escape(points + cut(versions(run), 2 * _NAME))}</p>'
    yield from _left_out(run)
    yield "</header>"


def _left_out(run: Run) -> Iterator[str]:
    """Yield what was not judged: a verdict must not be taken for one on that too."""
    for text in run.left_out[:_FEW]:
        yield f'<p class="note">{escape(cut(text, _TEXT))}</p>'
    if beyond := run.left_out[_FEW:]:
        yield f'<p class="note">what was left out besides, {plural(len(beyond), "text")}, is in the JSON report</p>'


def _contents(run: Run, sections: int) -> str:
    """Return the table of the networks, where there are several; the first ones lead to their sections."""
    if len(run.reports) < 2:  # noqa: PLR2004, one needs no list
        return ""
    head = "".join(
        f'<th scope="col"{number}>{title}</th>'
        for title, number in zip(_TITLES, ["", "", "", ' class="number"', ' class="number"'], strict=True)
    )
    rows = "".join(_row(number, report, sections) for number, report in enumerate(run.reports[:_ROWS], 1))
    beyond = len(run.reports) - _ROWS
    more = f"<p>{plural(beyond, 'network')} more in the JSON report</p>" if beyond > 0 else ""
    return (
        '<nav aria-label="Networks"><div class="scroll" tabindex="0" role="group" aria-label="Table of the networks">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{more}</nav>"
    )


def _row(number: int, report: Report, sections: int) -> str:
    score = of_network(report)
    path = escape(cut(report.path, _NAME))
    linked = f'<a href="#network-{number}">{path}</a>' if number <= sections else path
    parameters = report.facts.total if report.facts else None
    return (
        f"<tr><td>{_state(report)}</td><td>{linked}</td><td>{escape(cut(report.network, _NAME)) or '–'}</td>"
        f'<td class="number" data-key="{score.earned}">{score.earned:,}/{score.possible:,}</td>'
        f'<td class="number" data-key="{parameters or 0}">{f"{parameters:,}" if parameters is not None else "–"}</td>'
        "</tr>\n"
    )


def _mark(passed: bool) -> str:  # noqa: FBT001, it is all that there is to say
    return f'<span class="sign" aria-hidden="true">{"✓" if passed else "✗"}</span>'


def _state(report: Report) -> str:
    return f'<span class="mark {"passed" if report.passed else "failed"}">{_word(report)}</span>'


def _word(report: Report) -> str:
    return "✓ passed" if report.passed else "✗ failed"


def _sections(run: Run) -> tuple[list[str], int]:
    """Return the sections of the first networks, as far as there is room, and how many have none."""
    sections: list[str] = []
    room = _MOST
    for number, report in enumerate(run.reports, 1):
        text = _network(number, report, run)
        room -= len(text)
        if room < 0:
            break
        sections.append(text)
    return sections, len(run.reports) - len(sections)


def _network(number: int, report: Report, run: Run) -> str:
    identity = f"network-{number}"
    few = len(run.reports) <= _FEW
    parts = [
        f'<section aria-labelledby="{identity}"><h2 id="{identity}">{_state(report)} {escape(cut(name(report), 300))}',
        f"</h2>\n{_figures(report)}",
        *(f'<p class="note">Note: {escape(cut(note, 500))}</p>' for note in report.notes),
        "<h3>Rules</h3>",
        *(finding(check, report, run, page=few or check.outcome != "passed") for check in report.checks),
    ]
    if report.facts and report.facts.training:
        parts += ["<h3>Training</h3>", curve(report.facts.training, run.accuracy)]
    if report.facts:
        parts += ["<h3>Diagram</h3>", diagram(report.facts)]
        parts += ["<h3>Layers</h3>", layer_table(report.facts)]
        parts += ["<h3>Parameters by layer</h3>", parameter_bars(report.facts)]
    return "\n".join([*parts, "</section>"])


def _figures(report: Report) -> str:
    """Return what a reader wants to know first, as a row of figures."""
    score = of_network(report)
    told = [("Points", f"{score.earned:,}", f"of {score.possible:,}")]
    if report.facts:
        told += _of_facts(report.facts)
    if report.facts and report.facts.training and report.facts.training.trials:
        training = report.facts.training
        trial = training.trials[0]
        told.append(
            ("Test accuracy", f"{per_cent(trial.last, training.test_images)} %", f"seed {trial.seed}, last epoch")
        )
    tiles = "".join(
        f"<div><dt>{title}</dt><dd><strong>{escape(figure)}</strong> {escape(more)}</dd></div>"
        for title, figure, more in told
    )
    return f'<dl class="figures">{tiles}</dl>'


def _of_facts(facts: Facts) -> Iterator[tuple[str, str, str]]:
    frozen = f"{facts.trainable:,} trainable" if facts.trainable != facts.total else ""
    yield "Parameters", f"{facts.total:,}", frozen
    if facts.hidden_total:
        yield "Hidden weights", f"{facts.hidden_total:,}", ""
    unknown = f"no formula for {cut(', '.join(facts.unknown), _NAME)}" if facts.macs is None and facts.unknown else ""
    yield "MACs", "unknown" if facts.macs is None else rounded(facts.macs), unknown or "for one image"
    if facts.field is not None:
        whole = "whole image after the pool" if sees_whole(facts) else "pixels"
        yield "Receptive field", f"{facts.field:,}", whole
