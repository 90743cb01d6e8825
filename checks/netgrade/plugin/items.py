"""Submissions as pytest collects them: a file, its networks, and an item a rule.

models/netv3.py::parameter-budget
models/all.py::Model_2::parameter-budget     one of several networks of a file
models/broken.py::loads                      nothing to judge
models/netv3.py::test-accuracy               judged when it runs: it trains
"""

import os
import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from netgrade.reports.report import Report
from netgrade.reports.terminal import one_line
from netgrade.rules.model import Verdict
from netgrade.submissions import Submission, names, shown

if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr, TracebackStyle  # pytest names these types nowhere else


_MARKERS = ("gpu_train", "slow")
"""Of the checks that train."""
_TRAINS = re.compile(rf"\b({'|'.join(_MARKERS)})\b")
Judged = tuple[Sequence[Report], Sequence[str]]
"""The reports, and the rules that judge by training."""
Train = Callable[[Report, str], Verdict]
"""Has a network trained, if it isn't yet, and gives the verdict of one rule."""


def may_train(markers: str) -> bool:
    """Whether an expression of markers, such as `-m` takes, asks for trainings: whether it names theirs.

    `not x` selects a training too, and yet nobody who writes it wants to wait for one.
    """
    return bool(_TRAINS.search(markers))


class Collection:
    """Adds the submissions to what pytest collects, and keeps pytest from importing them."""

    def __init__(
        self,
        submissions: Sequence[Submission],
        judged: Callable[[], Judged],
        *,
        trains: bool,
        train: Train | None = None,
    ) -> None:
        """Collect nothing yet.

        Args:
            submissions: What is graded.
            judged: Gives the reports, and the rules that judge by training.
            trains: Trainings are left to pytest's own selection.
            train: None in an xdist worker, where nothing is trained.
        """
        self._names = names(submissions)
        self._resolved = {path.resolve() for path in self._names}
        self._judged = judged
        self._trains = trains
        self._train = train

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Add a node for each submission after pytest's own."""
        report = yield
        if isinstance(collector, pytest.Session):
            report.result = [*(report.result or ()), *self._nodes(collector)]
        return report

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Leave submissions out of pytest's own collection, which would import them."""
        return True if collection_path.resolve() in self._resolved else None

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave trainings out unless the user asks for them by their markers: they take minutes."""
        if self._trains:
            return
        trainings = [item for item in items if isinstance(item, Check) and item.is_training]
        if trainings:
            config.hook.pytest_deselected(items=trainings)
            items[:] = [item for item in items if item not in trainings]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Train, before pytest looks whether the item is to be skipped."""
        if isinstance(item, Check) and item.is_training and self._train:
            item.judge(self._train(item.report, item.name))

    def _nodes(self, session: pytest.Session) -> Iterator[pytest.Collector]:
        reports, trained = self._judged()
        root = session.config.rootpath
        for path, name in self._names.items():
            yield File.from_parent(
                session,
                name=shown(_relative(path, root)),
                path=path,
                reports=[report for report in reports if report.path == name],
                trained=trained,
            )


class File(pytest.Collector):
    """A submission."""

    def __init__(self, *, reports: Sequence[Report], trained: Sequence[str], name: str, **keywords: Any) -> None:  # noqa: ANN401, pytest's own
        super().__init__(name=name, nodeid=name, **keywords)
        self._reports = reports
        self._trained = trained

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Yield the checks of the one network, or a collector for each of several."""
        for report in self._reports:
            several = report.siblings or len(self._reports) > 1  # each may have been named alone
            if several and report.network:
                yield Network.from_parent(self, name=report.network, report=report, trained=self._trained)
            else:
                yield from _checks(self, report, self._trained)


class Network(pytest.Collector):
    """One of several networks of a submission."""

    def __init__(self, *, report: Report, trained: Sequence[str], **keywords: Any) -> None:  # noqa: ANN401, pytest's own
        super().__init__(**keywords)
        self._report = report
        self._trained = trained

    def collect(self) -> Iterable[pytest.Item]:
        """Yield its checks."""
        return _checks(self, self._report, self._trained)


class BrokenRuleError(Exception):
    """A rule is broken; the text says how, and what to do."""


class Check(pytest.Item):
    """One rule on one network. It is judged before it runs, and running it tells pytest the outcome."""

    def __init__(self, *, report: Report, verdict: Verdict | None, **keywords: Any) -> None:  # noqa: ANN401, pytest's own
        super().__init__(**keywords)
        self.report = report
        self.is_training = verdict is None
        self._headline = " · ".join(filter(None, [report.path, report.network, self.name]))
        if verdict:
            self.judge(verdict)
        else:
            self._verdict = Verdict(rule=self.name, outcome="error", message="it was not trained")
            for marker in _MARKERS:
                self.add_marker(marker)

    def judge(self, verdict: Verdict) -> None:
        """Take the verdict."""
        self._verdict = verdict
        self.user_properties += properties(self.report, verdict)
        if verdict.outcome == "skipped":
            self.add_marker(pytest.mark.skip(reason=verdict.message))

    def setup(self) -> None:
        """End with pytest's "error" where the rule can't judge: neither the network's fault nor its merit."""
        if self._verdict.outcome == "error":
            pytest.fail(f"can't judge: {self._verdict.message}", pytrace=False)

    def runtest(self) -> None:
        """Fail, with what is wrong and what to do, where the rule is broken."""
        if self._verdict.outcome == "failed":
            message, hint = one_line(self._verdict)
            raise BrokenRuleError(f"{message}\n→ {hint}" if hint else message)

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], style: "TracebackStyle | None" = None
    ) -> "str | TerminalRepr":
        """Return two lines for pytest's list of failures, without a traceback; the summary has the rest."""
        if isinstance(excinfo.value, BrokenRuleError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """Return the submission, the line counted from zero, and the headline of a failure.

        The headline is not the id: pytest would replace the dots in it.
        """
        places = (violation.place for violation in self._verdict.violations)
        lines = (place.line - 1 for place in places if place and not place.cell and not place.file)
        return self.path, next(lines, 0), self._headline


def properties(report: Report, verdict: Verdict) -> list[tuple[str, object]]:
    """Return what JUnit and other reporters are told of a check."""
    return [
        ("submission", report.path),
        ("network", report.network),
        ("rule", verdict.rule),
        ("outcome", verdict.outcome),
        *verdict.numbers.items(),
    ]


def _checks(parent: pytest.Collector, report: Report, trained: Sequence[str]) -> Iterator[Check]:
    for verdict in report.checks:
        yield Check.from_parent(parent, name=verdict.rule, report=report, verdict=verdict)
    for rule in trained:
        yield Check.from_parent(parent, name=rule, report=report, verdict=None)


def _relative(path: Path, root: Path) -> str:
    """Return the path as pytest shows paths: from its root folder, with slashes."""
    try:
        return Path(os.path.relpath(path, root)).as_posix()
    except ValueError:  # another drive
        return path.as_posix()
