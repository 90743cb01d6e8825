"""Every sample submission breaks what its first line declares, and nothing else.

The line reads `# breaks: dropout, used-layers [mnist-8k] — why`: the rules that are violated, warnings included, or
`nothing`; in brackets the assignment, mnist-20k unless it is named. A sample that can't be graded breaks `loads`, with
the stage that it fails in: `# breaks: loads (forward) — why`. An assignment of that name beside the samples comes
before a built-in one.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from netgrade import assignment
from netgrade.facts.model import Facts
from netgrade.grading import judge
from netgrade.messages import Examined, Task
from netgrade.rules import all_rules
from netgrade.sandbox.client import Server

if TYPE_CHECKING:
    from tests.conftest import Declaration

_FOLDER = Path(__file__).parent / "submissions"
_THEMES = ("architecture", "budget", "forward", "output", "pooling", "presence")
_PATHS = [path for theme in _THEMES for path in sorted((_FOLDER / theme).glob("*.py"))]
_TIMEOUT = 120.0


class Sample(NamedTuple):
    """A sample submission and its declaration."""

    path: Path
    broken: frozenset[str]
    """Rules, or `loads`."""
    stage: str | None
    assignment: str

    def task(self) -> Task:
        """Return the sample as a task for the server."""
        asked = _assignment(self.assignment)
        return Task(path=str(self.path), input_shape=asked.input_shape, classes=asked.classes, timeout=_TIMEOUT)


def _assignment(name: str) -> assignment.Assignment:
    own = _FOLDER / "assignments" / f"{name}.toml"
    return assignment.load(str(own) if own.exists() else name, folder=_FOLDER)


@pytest.fixture(scope="session")
def samples(declaration: "Callable[[Path], Declaration]") -> dict[Path, Sample]:
    declared = {path: declaration(path) for path in _PATHS}
    return {path: Sample(path, each.broken, each.stage, each.assignment) for path, each in declared.items()}


@pytest.fixture(scope="session")
def server(samples: dict[Path, Sample]) -> Iterator[Server]:
    """One server for all samples; each is submitted at once, so that none waits for the test before it."""
    with Server.start() as started:
        for sample in samples.values():
            started.submit(sample.task())
        yield started


@pytest.mark.parametrize("path", _PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_breaks_what_it_declares(server: Server, samples: dict[Path, Sample], path: Path) -> None:
    sample = samples[path]
    examined = server.result(sample.task())
    assert _broken(examined, sample) == sample.broken, _explain(examined, sample)
    assert _stage(examined) == sample.stage, _explain(examined, sample)


def test_every_rule_is_broken_by_a_sample(samples: dict[Path, Sample]) -> None:
    """Those that judge by a training are broken by trainings instead, in tests/rules."""
    broken = frozenset().union(*(sample.broken for sample in samples.values())) - {"loads"}
    assert broken == {rule.id for rule in all_rules().values() if rule.evidence == "program"}


def _stage(examined: Examined) -> str | None:
    (network,) = examined.networks
    return None if isinstance(network, Facts) else network.stage


def _broken(examined: Examined, sample: Sample) -> frozenset[str]:
    (network,) = examined.networks
    if not isinstance(network, Facts):
        return frozenset({"loads"})
    verdicts = judge(network, _assignment(sample.assignment))
    return frozenset(verdict.rule for verdict in verdicts if verdict.outcome in ("failed", "warned", "error"))


def _explain(examined: Examined, sample: Sample) -> str:
    (network,) = examined.networks
    if not isinstance(network, Facts):
        return f"{network.stage}: {network.message} ({network.hint})"
    verdicts = judge(network, _assignment(sample.assignment))
    texts = [(verdict, (verdict.violations[0] if verdict.violations else verdict).message) for verdict in verdicts]
    return "\n".join(f"{verdict.rule} {verdict.outcome}: {text}" for verdict, text in texts)
