"""A run as Markdown, for the summary of a job on GitHub: the verdict, a table of the networks, then each network.

GitHub drops a summary of more than 1,024 kB, so the text is cut at a size below, and a line says what was left out.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from html import escape

from netgrade.facts.model import Facts
from netgrade.messages import Failure
from netgrade.reports.layers import executed, is_layer, row
from netgrade.reports.report import Report, Run
from netgrade.reports.score import of_check, of_network
from netgrade.reports.terminal import totals
from netgrade.reports.wording import MARKS, cut, headline, versions
from netgrade.rules.model import Verdict
from netgrade.rules.wording import plural

_MOST = 1_000_000
"""Bytes of the whole text."""
_ROWS = 400_000
"""Bytes of the table of networks."""
_TEXT = 1_000
"""Characters of one message."""
_CODE = 300
"""Characters of one line of a traceback or of an output."""
_FEW = 8
"""Networks up to which those that passed are shown in full too, with their layers."""
_FAULTS = 20
"""Ways of breaking one rule that are shown."""
_LAYERS = 500
_SPECIAL = re.compile(r"[\\`*_{}\[\]()#+!|~@:$]")
_LINK = re.compile(r"(?i)(www)\.")
_CALL = re.compile(r"([@#])(?=\S)")
_JOINER = "\N{WORD JOINER}"
"""GitHub finds addresses, mentions and numbers of issues in the text that is left when all escapes are undone; this
character, which is not seen, keeps them apart."""


def render(run: Run) -> str:
    """Return the summary, with a line break at its end."""
    mark = MARKS["passed"] if run.passed else MARKS["failed"]
    head = f"## {mark} netgrade: {headline(run)}\n\n{escaped(versions(run))}\n\n"
    head += "".join(f"{escaped(text)}\n\n" for text in run.left_out)
    few = len(run.reports) <= _FEW
    rows, rows_out = _fitting(run.reports, _row, _ROWS)
    table = ""
    if len(run.reports) > 1:
        table = "".join(
            ["| | Submission | Network | Points | Parameters |\n", "| - | - | - | -: | -: |\n", *rows, "\n"]
        )
    if rows_out and table:
        table += f"… {plural(rows_out, 'network')} more in the JSON report\n\n"
    wanted = [report for report in run.reports if few or not report.passed]
    room = _MOST - len((head + table).encode())
    sections, sections_out = _fitting(wanted, partial(_section, few=few), room)
    end = ""
    if sections_out:
        end = f"… what is wrong with {plural(sections_out, 'network')} more is left out here; the JSON report has it\n"
    return head + table + "".join(sections) + end


def escaped(text: str, most: int = _TEXT) -> str:
    """Return a stranger's text on one line, so that Markdown and HTML take nothing in it for their own."""
    plain = _SPECIAL.sub(r"\\\g<0>", cut(text, most).translate(_HIDDEN))
    apart = _CALL.sub(rf"\1{_JOINER}", plain)
    return _LINK.sub(r"\1&#46;", escape(apart, quote=False))


class _Hidden(dict[int, str]):
    """Shows characters that no reader can see by their codes; a table for `str.translate`."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        return character if character.isprintable() else character.encode("unicode_escape").decode()


_HIDDEN = _Hidden()


def _fitting(reports: Sequence[Report], show: Callable[[Report], str], room: int) -> tuple[list[str], int]:
    """Return the texts that fit into so many bytes, in their order, and the number of those that don't."""
    kept: list[str] = []
    for report in reports:
        text = show(report)
        room -= len(text.encode())
        if room < 0:
            break
        kept.append(text)
    return kept, len(reports) - len(kept)


def _row(report: Report) -> str:
    score = of_network(report)
    cells = [
        MARKS["passed"] if report.passed else MARKS["failed"],
        escaped(report.path, 200),
        escaped(report.network or "–", 200),
        f"{score.earned:,} of {score.possible:,}",
        f"{report.facts.total:,}" if report.facts else "–",
    ]
    return _cells(cells)


def _section(report: Report, *, few: bool) -> str:
    mark = MARKS["passed"] if report.passed else MARKS["failed"]
    title = " · ".join(escaped(part, 200) for part in (report.path, report.network) if part)
    lines = [f"### {mark} {title} · {of_network(report)}\n\n"]
    if report.facts:
        lines.append(" · ".join(escaped(part) for part in totals(report.facts)) + "\n\n")
    lines.extend(f"> note: {escaped(note)}\n\n" for note in report.notes)
    lines += ["| | Rule | Points | What was found |\n", "| - | - | -: | - |\n"]
    lines.extend(_cells(cells) for check in report.checks for cells in _check(check))
    lines.append("\n")
    if report.failure:
        lines.extend(_failure(report.failure))
    if few and report.facts:
        lines.extend(_layers(report.facts))
    return "".join(lines)


def _check(check: Verdict) -> Iterator[list[str]]:
    score = of_check(check)
    first = [MARKS[check.outcome], escaped(check.rule, 100), f"{score.earned:,} of {score.possible:,}"]
    found = [
        escaped(each.message) + (f"<br>→ {escaped(each.hint)}" if each.hint else "")
        for each in check.violations[:_FAULTS]
    ]
    beyond = len(check.violations) - _FAULTS
    if beyond > 0:
        found.append(f"… and {beyond:,} more")
    for index, text in enumerate(found or [escaped(check.message)]):
        yield [*(first if index == 0 else ["", "", ""]), text]


def _failure(failure: Failure) -> Iterator[str]:
    lines = [f"{frame.file}:{frame.line}  {frame.code}" for frame in failure.frames]
    lines += [f"printed  {line}" for line in failure.output.splitlines()[-3:]]
    if not lines:
        return
    text = "\n".join(cut(line, _CODE).translate(_HIDDEN) for line in lines[-20:])
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    yield f"{fence}text\n{text}\n{fence}\n\n"


def _layers(facts: Facts) -> Iterator[str]:
    rows = [row(operator) for operator in executed(facts) if is_layer(operator, facts)]
    yield f"<details><summary>{plural(len(rows), 'layer')}</summary>\n\n"
    yield "| Line | Layer | Operator | Output | Parameters | Field | MACs |\n"
    yield "| -: | - | - | -: | -: | -: | -: |\n"
    for each in rows[:_LAYERS]:
        yield _cells([escaped(text, 200) for text in each])
    yield "\n"
    if len(rows) > _LAYERS:
        yield f"… {plural(len(rows) - _LAYERS, 'layer')} more\n\n"
    yield "</details>\n\n"


def _cells(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
