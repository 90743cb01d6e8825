"""What one rule found, as a part of the page that folds: what is wrong, how to mend it, the student's line, and why."""

import re
from collections.abc import Iterator, Sequence
from html import escape
from posixpath import basename

from netgrade.facts.model import Place
from netgrade.messages import Failure
from netgrade.reports.report import LOADS, Report, Run
from netgrade.reports.score import of_check
from netgrade.reports.wording import cut
from netgrade.rules import all_rules
from netgrade.rules.model import Outcome, Verdict, Violation

MARKS: dict[Outcome, str] = {"passed": "✓", "warned": "!", "failed": "✗", "skipped": "–", "error": "?"}
_AROUND = 2
"""Lines of source before and after the one that is meant."""
_CODE, _TEXT = 200, 2_000
"""Characters of a line of source, and of a message."""
_FAULTS = 20
"""Ways of breaking one rule that are shown."""
_FRAMES, _PRINTED = 10, 3
_SECTION = re.compile(r"^(\w[\w ]*):\n((?:    .*\n|\n)*)", re.MULTILINE)
_NAMED = re.compile(r"`([^`]+)`")
_ORDER = ("Why", "What it checks", "Fails", "Passes", "Settings")


def finding(check: Verdict, report: Report, run: Run, *, page: bool) -> str:
    """Return a rule's verdict; unfolded where it did not pass.

    Args:
        check: The verdict.
        report: The network's.
        run: Gives the lines of source.
        page: The rule's own documentation is added.
    """
    score = of_check(check)
    quiet = check.outcome in ("passed", "skipped")
    points = f'<span class="points">{score.earned:,}/{score.possible:,}</span>' if score.possible else ""
    message = "" if check.violations else _prose(check.message)
    parts = [
        f'<details class="rule {check.outcome}"{"" if quiet else " open"}><summary>',
        f'<span class="mark {check.outcome}">{MARKS[check.outcome]} {check.outcome}</span>',
        f'<span class="id">{escape(check.rule)}</span><span class="message">{message}</span>{points}</summary>',
        *_faults(check, report, run),
    ]
    if page and (rule := all_rules().get(check.rule)):
        parts.append(_page(rule.page))
    elif quiet or not check.violations:
        parts.append(f"<p>{_prose(check.message)}</p>")
    return "".join([*parts, "</details>\n"])


def _faults(check: Verdict, report: Report, run: Run) -> Iterator[str]:
    failure = report.failure if check.rule == LOADS else None
    for violation in check.violations[:_FAULTS]:
        place = _place(failure, report) if failure else violation.place
        yield f'<div class="fault"><p class="what">{_prose(violation.message)}</p>'
        yield _excerpt(place, report, run)
        if failure:
            yield _traceback(failure)
        yield from _fix(violation)
        yield "</div>"
    beyond = len(check.violations) - _FAULTS
    if beyond > 0:
        yield f"<p>… and {beyond:,} more</p>"


def _prose(text: str) -> str:
    """Return a message, escaped, with what stands in backticks as code."""
    return _NAMED.sub(r"<code>\1</code>", escape(cut(text, _TEXT)))


def _fix(violation: Violation) -> Iterator[str]:
    if violation.hint:
        yield f'<p class="fix"><strong>How to fix it</strong> {_prose(violation.hint)}</p>'


def _place(failure: Failure, report: Report) -> Place | None:
    """Return the innermost line of the file itself."""
    own = [frame.line for frame in failure.frames if frame.file == basename(report.path)]
    return Place(line=own[-1]) if own else None


def _traceback(failure: Failure) -> str:
    frames = failure.frames[-_FRAMES:]
    lines = [f"{frame.file}:{frame.line}  {frame.code[:_CODE]}" for frame in frames]
    lines += [f"printed  {line[:_CODE]}" for line in failure.output.splitlines()[-_PRINTED:]]
    return _code("Where it stopped", escape("\n".join(lines))) if lines else ""


def _excerpt(place: Place | None, report: Report, run: Run) -> str:
    """Return the student's line with those around it, where the source is at hand."""
    if place is None or place.file is not None:
        return ""
    lines = run.sources.get(f"{report.path}:{place.cell}" if place.cell is not None else report.path, ())
    if not 1 <= place.line <= len(lines):
        return ""
    first, last = max(1, place.line - _AROUND), min(len(lines), place.line + _AROUND)
    width = len(str(last))
    shown = [_numbered(number, lines, width, meant=number == place.line) for number in range(first, last + 1)]
    return _code(f"{basename(report.path)}, {place}", "\n".join(shown))


def _numbered(number: int, lines: Sequence[str], width: int, *, meant: bool) -> str:
    text = escape(_shortened(lines[number - 1]))
    return f"<mark>▸ {number:>{width}}  {text}</mark>" if meant else f"  {number:>{width}}  {text}"


def _shortened(line: str) -> str:
    """Return a line of source of no more characters than fit; its blanks stay."""
    return line if len(line) <= _CODE else f"{line[: _CODE - 1]}…"


def _code(title: str, text: str) -> str:
    """Return escaped text as it stands, below a title; the keyboard can scroll it."""
    label = escape(cut(title, _CODE))
    return (
        f'<figure class="code"><figcaption>{label}</figcaption>'
        f'<pre tabindex="0" role="group" aria-label="{label}">{text}</pre></figure>'
    )


def _page(page: str) -> str:
    """Return a rule's own documentation: its summary, why it stands, then each other heading."""
    summary, _, rest = page.partition("\n")
    sections = dict(_SECTION.findall(rest + "\n"))
    order = [*(heading for heading in _ORDER if heading in sections), *sorted(sections.keys() - set(_ORDER))]
    parts = [f'<div class="page"><p class="summary">{escape(summary)}</p><div class="columns">']
    for heading in order:
        blocks = "".join(map(_block, re.split(r"\n\s*\n", sections[heading].rstrip())))
        kind = heading.lower().replace(" ", "-")
        if heading != "Settings" or sections[heading].strip() != "None.":
            parts.append(f'<div class="{escape(kind)}"><h4>{escape(heading)}</h4>{blocks}</div>')
    return "".join([*parts, "</div></div>"])


def _block(block: str) -> str:
    if block.startswith("        "):
        code = re.sub(r"^ {8}", "", block, flags=re.MULTILINE).strip()
        return f'<pre tabindex="0">{escape(code)}</pre>'
    return f"<p>{escape(re.sub(r'^ +', '', block, flags=re.MULTILINE).strip())}</p>"
