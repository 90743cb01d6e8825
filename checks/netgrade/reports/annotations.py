"""A run as workflow commands of GitHub: each broken rule beside the line of the student's file where it is broken.

GitHub shows 10 errors, 10 warnings and 10 notices of a step and drops what is beyond; what is left out is counted here.
"""

import posixpath
from collections.abc import Iterator
from typing import Literal, NamedTuple

from netgrade.facts.model import Place
from netgrade.messages import Failure
from netgrade.reports.report import LOADS, Report, Run
from netgrade.reports.wording import cut, headline
from netgrade.rules.model import Outcome, Verdict
from netgrade.rules.wording import listing, plural

_Kind = Literal["error", "warning", "notice"]
_KINDS: dict[Outcome, _Kind] = {"failed": "error", "error": "error", "warned": "warning", "skipped": "notice"}
_MOST = 10
_LONGEST = 4_000
"""Characters of a message; GitHub cuts at 64 kB."""
_TITLE = 300
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = _DATA | {":": "%3A", ",": "%2C"}


class Annotation(NamedTuple):
    """One command, before it is escaped."""

    kind: _Kind
    file: str
    line: int | None
    """None where the file has no line to show: a notebook's lines are lines of its JSON."""
    title: str
    message: str


def render(run: Run) -> str:
    """Return one command a line; after them, as plain text, what was left out or not judged, and the verdict."""
    left_out: dict[str, int] = {"error": 0, "warning": 0, "notice": 0}
    shown = dict.fromkeys(left_out, 0)
    lines = []
    for annotation in annotations(run):
        if shown[annotation.kind] == _MOST:
            left_out[annotation.kind] += 1
            continue
        shown[annotation.kind] += 1
        lines.append(command(annotation))
    more = listing([plural(number, kind) for kind, number in left_out.items() if number])
    if more:
        lines.append(f"netgrade: {more} more; the job summary has them all")
    lines += [f"netgrade: {text}" for text in run.left_out]
    lines.append(f"netgrade: {headline(run)}")
    return "\n".join(lines) + "\n"


def annotations(run: Run) -> Iterator[Annotation]:
    """Yield every annotation, those of one network in the order of its rules."""
    for report in run.reports:
        for check in report.checks:
            yield from _of_check(report, check)
        for note in report.notes:
            yield Annotation("notice", _file(report, None), None, _title(report, "note"), note)


def command(annotation: Annotation) -> str:
    """Return `::error file=net.py,line=3,title=dropout::message`, escaped as the runner undoes it."""
    properties = {"file": annotation.file, "line": annotation.line, "title": annotation.title}
    told = ",".join(
        f"{key}={_escaped(str(value), _PROPERTY)}" for key, value in properties.items() if value is not None
    )
    return f"::{annotation.kind} {told}::{_escaped(annotation.message[:_LONGEST], _DATA)}"


def _of_check(report: Report, check: Verdict) -> Iterator[Annotation]:
    if check.outcome == "passed":
        return
    kind = _KINDS[check.outcome]
    title = _title(report, check.rule)
    if check.rule == LOADS and report.failure:
        yield _of_failure(report, report.failure, kind, title)
        return
    if not check.violations:
        prefix = "can't judge: " if check.outcome == "error" else ""
        yield Annotation(kind, _file(report, None), None, title, prefix + check.message)
    for violation in check.violations:
        place = violation.place
        elsewhere = place is not None and (place.cell is not None or place.file is not None)
        told = (
            f"{violation.message} ({place})" if elsewhere and str(place) not in violation.message else violation.message
        )
        yield Annotation(kind, *_target(report, place), title, _message(told, violation.hint))


def _of_failure(report: Report, failure: Failure, kind: _Kind, title: str) -> Annotation:
    """Return the annotation of a file that can't be graded, at the innermost line of the file itself."""
    own = [frame for frame in failure.frames if frame.file == posixpath.basename(report.path)]
    place = Place(line=own[-1].line) if own else None
    inner = [f" ({frame.file}, line {frame.line})" for frame in failure.frames[-1:] if frame not in own]
    return Annotation(kind, *_target(report, place), title, _message("".join([failure.message, *inner]), failure.hint))


def _message(message: str, hint: str) -> str:
    return f"{message}\n→ {hint}" if hint else message


def _title(report: Report, subject: str) -> str:
    return cut(f"{subject} · {report.network}" if report.network else subject, _TITLE)


def _target(report: Report, place: Place | None) -> tuple[str, int | None]:
    file = _file(report, place)
    if place is None or place.cell is not None or (place.file is not None and file == _file(report, None)):
        return file, None
    return file, place.line


def _file(report: Report, place: Place | None) -> str:
    """Return the submission's path, or that of a sibling beside it; never one that leads out of the folder."""
    own = posixpath.normpath(report.path)
    if place is None or place.file is None:
        return own
    folder = posixpath.dirname(own)
    sibling = posixpath.normpath(posixpath.join(folder, place.file))
    inside = not posixpath.isabs(place.file) and ".." not in place.file.split("/")
    return sibling if inside else own


def _escaped(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(character, character) for character in text)
