"""The command on submissions whose examination is literal data, in this process; no server is started."""

from collections.abc import Callable
from pathlib import Path
from typing import Self

import pytest
from msgspec.structs import replace

from netgrade.facts.model import Facts
from netgrade.messages import Examined, Failure, Found, Task
from netgrade.sandbox import client
from netgrade.sandbox.client import SandboxError


class StandIn:
    """A server that gives prepared answers and notes what it is asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Examined | BaseException] = {}
        self.tasks: list[Task] = []
        self.isolation = ""
        self.closed = 0

    def start(self, *, isolation: str) -> Self:
        self.isolation = isolation
        if isolation == "require":
            raise SandboxError("--sandbox require: this system has no landlock; use --sandbox auto")
        return self

    def submit(self, task: Task) -> None:
        self.tasks.append(task)

    def result(self, task: Task, *, progress: Callable[[str, float], None] | None = None) -> Examined:
        if progress:
            for seconds in (0.5, 9.0, 12.4, 15.0, 23.0):
                progress("capturing Net", seconds)
        answer = self.answers[Path(task.path).name]
        if isinstance(answer, BaseException):
            raise answer
        tables = tuple(
            "" if isinstance(each, Failure) else f"table of {each.network}\n====  \n" for each in answer.networks
        )
        return replace(answer, summaries=tables) if task.summary else answer

    def close(self) -> None:
        self.closed += 1

    def has(self, name: str, *networks: Facts | Failure) -> None:
        """Put a file in the start folder, and say what its examination brings."""
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("raise RuntimeError('imported')\n", encoding="utf-8")
        names = tuple(each.network for each in networks if each.network)
        found = Found(candidates=names, way="definitions") if names else None
        self.answers[Path(name).name] = Examined(path=name, found=found, networks=networks, sandbox=("limits",))


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """Start in an empty folder, at a terminal 80 columns wide, with a stand-in for the server."""
    stand_in = StandIn()
    monkeypatch.setattr(client, "Server", stand_in)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return stand_in


@pytest.fixture
def large(small_net: Facts) -> Facts:
    """It breaks `parameter-budget` alone."""
    first, *rest = small_net.parameters
    return replace(small_net, network="Large", parameters=(replace(first, elements=20_000), *rest))
