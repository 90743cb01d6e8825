"""A report as lines of text for a terminal: the verdict first, then why, then what to do."""

import textwrap
from collections.abc import Collection, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from typing import Literal, NamedTuple

from netgrade import __version__
from netgrade.facts.model import Facts
from netgrade.messages import Failure
from netgrade.reports.layers import table
from netgrade.reports.report import LOADS, Report
from netgrade.rules.model import Outcome, Verdict

Tone = Literal["plain", "strong", "good", "bad", "careful", "faint"]

_MARKS: dict[Outcome, tuple[str, Tone]] = {
    "passed": ("✓", "good"),
    "skipped": ("–", "faint"),
    "warned": ("!", "careful"),
    "error": ("?", "bad"),
    "failed": ("✗", "bad"),
}
"""From the best to the worst."""
_MANY = 8
"""Networks in one run above which the summary is brief."""
_RULE = 24
"""Characters of the column of rule ids; the longest built-in one has 22."""
_NARROWEST = 40
"""Characters of text in a line, however narrow the terminal."""
_LONGEST = 4_000
"""Characters of one message; more would take the whole screen, and minutes where there is no blank in them."""
_PRINTED = 3
"""Lines of a submission's own output that are shown with its failure."""
_TIED = "\N{NO-BREAK SPACE}"
_ASCII = str.maketrans({
    "✓": "+", "✗": "x", "–": "-", "·": "|", "×": "x", "→": "->", "…": "...", "≥": ">=", "≤": "<=", "²": "2",
    "▁": "_", "▂": ".", "▃": ":", "▄": "-", "▅": "=", "▆": "+", "▇": "*", "█": "#",
})  # fmt: skip


class Line(NamedTuple):
    """One line, without its end, and how a terminal may colour it."""

    text: str
    tone: Tone = "plain"


def summary(
    reports: Sequence[Report],
    ran: Collection[tuple[str, str, str]],
    *,
    width: int = 80,
    verbosity: int = 0,
    command: str = "--model-path=",
) -> Iterator[Line]:
    """Yield the lines of all reports of a run, in their order.

    Args:
        reports: One for each network, those of a file in a row.
        ran: Path, network and rule of the checks that were selected and ran; no other is shown.
        width: Of the terminal, in characters.
        verbosity: Below 0 only what needs attention is shown, and no table. 1 shows tables whole, 2 every operator.
            At 0 a run of many networks is shown without tables, and of their rules only those that did not pass.
        command: What the user writes before a path.
    """
    brief = verbosity < 0 or (len(reports) > _MANY and verbosity == 0)
    for path, group in groupby(reports, key=lambda report: report.path):
        networks = list(group)
        shown = False
        for report in networks:
            checks = [check for check in report.checks if (path, report.network, check.rule) in ran]
            if not checks or (verbosity < 0 and _worst(checks) in ("passed", "skipped")):
                continue
            yield from _brief(report, checks, width) if brief else _full(report, checks, width, verbosity)
            shown = True
        if shown and len(networks) > 1 and verbosity >= 0:
            one = f"{command}{path}::{networks[-1].network}"
            yield from _wrap(f"{path} has {len(networks)} networks; grade one of them with {one}", "", "", width)
            yield Line("")
    if brief and verbosity >= 0:
        yield Line("-v shows the tables, and the rules that passed", "faint")


def _full(report: Report, checks: Sequence[Verdict], width: int, verbosity: int) -> Iterator[Line]:
    for line in _wrap(heading(report).replace(" ", _TIED).replace(f"{_TIED}·{_TIED}", f"{_TIED}· "), "", "  ", width):
        yield Line(line.text.replace(_TIED, " "), "strong")
    yield Line("")
    if report.facts:
        marked = {violation.place for check in checks for violation in check.violations if violation.place}
        yield from map(Line, table(report.facts, verbosity=verbosity, width=width, marked=marked))
        yield Line("")
    for note in report.notes:
        yield from _wrap(f"note: {note}", "  ", "        ", width)
    for check in checks:
        yield from _check(check, report.failure, width)
    yield from _explain([check.rule for check in checks if check.outcome in ("failed", "warned")], width)
    yield Line("")


def _brief(report: Report, checks: Sequence[Verdict], width: int) -> Iterator[Line]:
    mark, tone = _MARKS[_worst(checks)]
    parts = [report.path, report.network, f"{report.facts.total:,} parameters" if report.facts else ""]
    yield from _wrap(" · ".join(filter(None, parts)), f"{mark} ", "  ", width, tone)
    for check in checks:
        if check.outcome not in ("passed", "skipped"):
            yield from _check(check, report.failure, width)


def _worst(checks: Sequence[Verdict]) -> Outcome:
    return max((check.outcome for check in checks), key=list(_MARKS).index)


def heading(report: Report) -> str:
    """Return `models/netv3.py · NetV3 · 13,808 parameters · 3.39 M MACs · receptive field 22`."""
    return " · ".join(filter(None, [report.path, report.network, *(totals(report.facts) if report.facts else ())]))


def versions(assignment: str) -> str:
    """Return what a verdict depends on: `netgrade 0.1.0 · mnist-20k · torch 2.15.0`."""
    torch = torch_version()
    return f"netgrade {__version__} · {assignment} · {f'torch {torch}' if torch else 'no torch'}"


def torch_version() -> str:
    """Return torch's version without importing it; nothing where it is missing."""
    try:
        return version("torch")
    except PackageNotFoundError:
        return ""


def title(assignment: str, reports: Sequence[Report]) -> str:
    """Return the versions, and what held the submissions."""
    names = dict.fromkeys(name for report in reports for name in report.sandbox)
    return f"{versions(assignment)} · sandbox: {', '.join(names) or 'none'}"


def one_line(check: Verdict) -> tuple[str, str]:
    """Return the first thing that is wrong, and what to do about it."""
    if not check.violations:
        return check.message, ""
    first, *rest = check.violations
    return (f"{first.message} (and {len(rest)} more)" if rest else first.message), first.hint


def fitting(text: str, encoding: str | None) -> str:
    """Return the text as a terminal with this encoding can show it."""
    try:
        text.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        return plain(text)
    return text


def plain(text: str) -> str:
    """Return the text in ASCII, for a terminal that can show no other."""
    return text.translate(_ASCII).encode("ascii", "replace").decode()


def totals(facts: Facts) -> Iterator[str]:
    """Yield `13,808 parameters`, `3.39 M MACs`, `receptive field 22`."""
    frozen = f" ({facts.trainable:,} trainable)" if facts.trainable != facts.total else ""
    yield f"{facts.total:,} parameters{frozen}"
    if facts.hidden_total:
        yield f"{facts.hidden_total:,} hidden weights"
    unknown = f": {', '.join(facts.unknown)}" if facts.unknown else ""
    yield f"{rounded(facts.macs)} MACs" if facts.macs is not None else f"MACs unknown{unknown}"
    if facts.field is not None:
        yield f"receptive field {facts.field}{', whole image after the pool' if sees_whole(facts) else ''}"


def sees_whole(facts: Facts) -> bool:
    """Whether a pool over the whole map lets the scores see the whole image, where the map alone does not."""
    pooled = any(pool.kind == "global" for pool in facts.eval.pools)
    return pooled and (facts.field or 0) < max(facts.input_shape[1:], default=0)


def rounded(number: int) -> str:
    """Return `3.39 M`, `97.3 k`, `160`."""
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if number >= size:
            return f"{number / size:.3g} {unit}"
    return str(number)


def _check(check: Verdict, failure: Failure | None, width: int) -> Iterator[Line]:
    mark, tone = _MARKS[check.outcome]
    start = f"  {mark} {check.rule.ljust(_RULE)}  "
    indent = " " * len(start)
    if failure and check.rule == LOADS:
        yield from _failure(failure, start, indent, width)
        return
    if not check.violations:
        yield from _wrap(check.message, start, indent, width, tone)
    for violation in check.violations:
        yield from _wrap(violation.message, start, indent, width, tone)
        yield from _hint(violation.hint, indent, width)
        start = indent


def _failure(failure: Failure, start: str, indent: str, width: int) -> Iterator[Line]:
    """Yield what was being done, the student's own frames, the exception's words, what it printed, and the hint."""
    what, found, words = failure.message.partition(f": {failure.error}") if failure.error else (failure.message, "", "")
    yield from _wrap(what, start, indent, width, "bad")
    for frame in failure.frames:
        text = f"{indent}  {frame.file}:{frame.line}  {frame.code}"
        yield Line(text if len(text) <= max(width, len(indent) + _NARROWEST) else text[: width - 1] + "…")
    if found:
        yield from _wrap(failure.error + words, f"{indent}  ", f"{indent}  ", width)
    for text in failure.output.splitlines()[-_PRINTED:]:
        yield from _wrap(f"printed  {text}", f"{indent}  ", f"{indent}           ", width, "faint")
    yield from _hint(failure.hint, indent, width)


def _hint(hint: str, indent: str, width: int) -> Iterator[Line]:
    if hint:
        yield from _wrap(hint, f"{indent}→ ", f"{indent}  ", width)


def _explain(rules: Sequence[str], width: int) -> Iterator[Line]:
    ids = [rule for rule in rules if rule != LOADS]
    if ids:
        one = f"netgrade rules {ids[0]} explains the rule"
        yield Line("")
        yield from _wrap(
            one if len(ids) == 1 else f"netgrade rules RULE explains a rule: {', '.join(ids)}",
            "  ",
            "  ",
            width,
            "faint",
        )


def _wrap(text: str, start: str, indent: str, width: int, tone: Tone = "plain") -> Iterator[Line]:
    room = max(width, len(indent) + _NARROWEST)
    shown = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    lines = textwrap.wrap(shown, room, initial_indent=start, subsequent_indent=indent, break_on_hyphens=False)
    for line in lines or [start.rstrip()]:
        yield Line(line, tone)
