"""A run as one HTML page that needs nothing else: no network, no file beside it.

All that a stranger wrote is escaped, and the page's policy allows only the style and the script whose hashes it names,
so that nothing else would run even if it came through.
"""

import base64
import hashlib
import re
from collections.abc import Iterator
from html import escape
from importlib import resources

from netgrade.facts.model import Facts, Operator, Place
from netgrade.reports.curve import curve
from netgrade.reports.diagram import diagram
from netgrade.reports.layers import executed, is_layer, row
from netgrade.reports.report import LOADS, Report, Run
from netgrade.reports.score import of_check, of_network
from netgrade.reports.terminal import totals
from netgrade.reports.wording import headline, name
from netgrade.rules import all_rules
from netgrade.rules.model import Outcome, Verdict, Violation

_FILES = resources.files("netgrade.reports")
_STYLE, _SCRIPT = (_FILES.joinpath(file).read_text(encoding="utf-8") for file in ("page.css", "page.js"))
_MARKS: dict[Outcome, str] = {"passed": "✓", "warned": "!", "failed": "✗", "skipped": "–", "error": "?"}
_TITLES = ("Line", "Layer", "Operator", "Output", "Parameters", "Share", "Field", "MACs")
_NUMBERS = frozenset({"Parameters", "Share", "Field", "MACs"})
_AROUND = 2
"""Lines of source before and after the one that is meant."""
_LONGEST = 200


def render(run: Run) -> str:
    """Return the page."""
    title = f"netgrade: {headline(run)}"
    versions = " · ".join(
        filter(None, [run.assignment, f"netgrade {run.netgrade}", run.torch and f"torch {run.torch}"])
    )
    policy = (
        f"default-src 'none'; style-src {_hash(_STYLE)}; script-src {_hash(_SCRIPT)}; base-uri 'none'; "
        "form-action 'none'"
    )
    return "\n".join([
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
        f'<header><h1>{escape(title)}</h1><p class="soft">{escape(versions)}</p>{_contents(run)}</header>\n<main>',
        *(_network(number, report, run) for number, report in enumerate(run.reports, 1)),
        f"</main>\n<script>{_SCRIPT}</script>\n</body>\n</html>\n",
    ])  # fmt: skip


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _contents(run: Run) -> str:
    if len(run.reports) < 2:  # noqa: PLR2004, one needs no list
        return ""
    items = (
        f'<li><a href="#network-{number}">{_mark(report.passed)} {escape(name(report))}</a>, {of_network(report)}</li>'
        for number, report in enumerate(run.reports, 1)
    )
    return f'<nav aria-label="Networks"><ul>{"".join(items)}</ul></nav>'


def _mark(passed: bool) -> str:  # noqa: FBT001, it is all that there is to say
    return "✓ passed" if passed else "✗ failed"


def _network(number: int, report: Report, run: Run) -> str:
    identity = f"network-{number}"
    state = "passed" if report.passed else "failed"
    parts = [
        f'<section aria-labelledby="{identity}"><h2 id="{identity}">',
        f'<span class="{state}">{_mark(report.passed)}</span> {escape(name(report))}</h2>',
        f"<p>{' · '.join([str(of_network(report)), *map(escape, totals(report.facts) if report.facts else ())])}</p>",
        *(f"<p>Note: {escape(note)}</p>" for note in report.notes),
        "<h3>Rules</h3>",
        *(_rule(check, report, run) for check in report.checks),
    ]
    if report.facts and report.facts.training:
        parts += ["<h3>Training</h3>", curve(report.facts.training, run.accuracy)]
    if report.facts:
        parts += [
            '<h3>Layers</h3><div class="scroll" tabindex="0" role="region" aria-label="Table of the layers">',
            _table(report.facts),
            "</div><h3>Diagram</h3><figure>",
            diagram(report.facts),
            "</figure>",
        ]
    return "\n".join([*parts, "</section>"])


def _rule(check: Verdict, report: Report, run: Run) -> str:
    score = of_check(check)
    unfolded = " open" if check.outcome not in ("passed", "skipped") else ""
    parts = [
        f'<details{unfolded}><summary><span class="points">{score.earned:,}/{score.possible:,}</span>',
        f'<span class="{check.outcome}">{_MARKS[check.outcome]} {check.outcome}</span> ',
        f"<strong>{escape(check.rule)}</strong></summary>",
        *([] if check.violations else [f"<p>{escape(check.message)}</p>"]),
        *(_violation(each, report, run) for each in check.violations),
    ]
    if check.rule == LOADS and report.failure:
        lines = [f"{frame.file}:{frame.line}  {frame.code}" for frame in report.failure.frames]
        lines += [f"printed  {line}" for line in report.failure.output.splitlines()[-3:]]
        parts += [f"<pre>{escape(chr(10).join(lines))}</pre>"] if lines else []
    rules = all_rules()
    parts += [_page(rules[check.rule].page)] if check.rule in rules else []
    return "".join([*parts, "</details>"])


def _violation(violation: Violation, report: Report, run: Run) -> str:
    hint = f"<p>→ {escape(violation.hint)}</p>" if violation.hint else ""
    return f"<p>{escape(violation.message)}</p>{hint}{_excerpt(violation.place, report, run)}"


def _excerpt(place: Place | None, report: Report, run: Run) -> str:
    """Return the student's line with those around it, where the source is at hand."""
    if place is None or place.file is not None:
        return ""
    lines = run.sources.get(f"{report.path}:{place.cell}" if place.cell is not None else report.path, ())
    if not 1 <= place.line <= len(lines):
        return ""
    first, last = max(1, place.line - _AROUND), min(len(lines), place.line + _AROUND)
    shown = []
    for number in range(first, last + 1):
        text = escape(f"{number:>5}  {lines[number - 1][:_LONGEST]}")
        shown.append(f"<mark>{text}</mark>" if number == place.line else text)
    return f"<pre>{chr(10).join(shown)}</pre>"


def _page(page: str) -> str:
    """Return a rule's own documentation: its summary, then each heading with what stands below it."""
    summary, _, rest = page.partition("\n")
    parts = [f"<p>{escape(summary)}</p>"]
    for heading, text in re.findall(r"^(\w[\w ]*):\n((?:    .*\n|\n)*)", rest + "\n", re.MULTILINE):
        parts.append(f"<h4>{escape(heading)}</h4>")
        for block in re.split(r"\n\s*\n", text.rstrip()):
            tag = "pre" if block.startswith("        ") else "p"
            plain = re.sub(r"^ {8}" if tag == "pre" else r"^ +", "", block, flags=re.MULTILINE)
            parts.append(f"<{tag}>{escape(plain.strip())}</{tag}>")
    return "".join(parts)


def _table(facts: Facts) -> str:
    head = "".join(
        f'<th scope="col"{" class=" + chr(34) + "number" + chr(34) if title in _NUMBERS else ""}>{title}</th>'
        for title in _TITLES
    )
    body = "".join(_row(each, facts) for each in executed(facts) if is_layer(each, facts))
    return (
        f'<table class="layers"><caption>{facts.total:,} parameters</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _row(operator: Operator, facts: Facts) -> str:
    line, layer, what, output, parameters, field, macs = map(escape, row(operator))
    share = operator.parameters / facts.total if facts.total else 0
    drawn = f'<rect class="bar" width="{100 * share:.1f}" height="12"/>'
    bar = f'<svg width="100" height="12" aria-hidden="true">{drawn}</svg>'
    cells = [("", line, line), ("", layer, layer), ("", what, what), ("", output, output)]
    cells += [
        ("number", str(operator.parameters), parameters),
        ("number", str(operator.parameters), f"{bar} {100 * share:.1f} %"),
        ("number", str(operator.field or 0), field),
        ("number", str(operator.macs or 0), macs),
    ]
    return f"<tr>{''.join(_cells(cells))}</tr>"


def _cells(cells: list[tuple[str, str, str]]) -> Iterator[str]:
    for kind, key, text in cells:
        yield f'<td{f" class={chr(34)}{kind}{chr(34)}" if kind else ""} data-key="{key}">{text}</td>'
