"""pytest on submissions whose examination is literal data: the shell alone, in a real process, in half a second."""

import os
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

import netgrade
from netgrade.facts.model import Facts
from netgrade.messages import Examined, Failure, Found

STAND_IN = '''
"""A server that reads what it answers from a file, and notes what is asked of it."""

from pathlib import Path

import msgspec

from netgrade.sandbox import client
from netgrade.sandbox.client import SandboxError
from netgrade.messages import Examined

HERE = Path(__file__).parent


def note(text):
    with (HERE / "server.log").open("a") as log:
        print(text, file=log)


class StandIn:
    @classmethod
    def start(cls, *, isolation):
        note("start" if isolation == "auto" else f"start {isolation}")
        if isolation == "require":
            raise SandboxError("--sandbox require: this system has no landlock; use --sandbox auto")
        return cls()

    def submit(self, task):
        alone = " alone" * task.alone
        shape = f"{task.input_shape} {task.classes}"
        note(f"submit {Path(task.path).name} {task.network} {task.timeout:g} {shape}{alone}")

    def result(self, task, *, progress=None):
        note(f"result {Path(task.path).name}")
        answers = msgspec.json.decode((HERE / "answers.json").read_bytes(), type=dict[str, Examined | str])
        answer = answers[Path(task.path).name]
        if progress:
            for seconds in (0.5, 9.0, 12.4, 15.0, 23.0):
                progress("capturing Net", seconds)
        if answer == "Ctrl-C":
            raise KeyboardInterrupt
        if isinstance(answer, str):
            raise SandboxError(answer)
        return answer

    def close(self):
        note("close")


client.Server = StandIn
'''

ON_A_TERMINAL = """
import sys

sys.stdout.isatty = lambda: True
"""


class Start:
    """A start folder, and pytest run in it."""

    def __init__(self, pytester: pytest.Pytester, aside: Path) -> None:
        self.folder = pytester.path
        self._pytester = pytester
        self._aside = aside
        self._answers: dict[str, Examined | str] = {}
        (aside / "stand_in.py").write_text(STAND_IN, encoding="utf-8")
        (aside / "on_a_terminal.py").write_text(ON_A_TERMINAL, encoding="utf-8")

    def has(self, path: str, *networks: Facts | Failure, names: tuple[str, ...] = ()) -> None:
        """Put a submission in the folder that harms who imports it, and say what its examination brings."""
        self.plant(path)
        candidates = names or tuple(each.network for each in networks if each.network)
        found = Found(candidates=candidates, way="definitions") if candidates else None
        self.answer(Path(path).name, Examined(path=path, found=found, networks=networks, sandbox=("limits",)))

    def answer(self, name: str, answer: Examined | str) -> None:
        """Say what the examination of a file brings; a text is the server's own fault."""
        self._answers[name] = answer
        (self._aside / "answers.json").write_bytes(msgspec.json.encode(self._answers))

    def write(self, path: str, text: str) -> None:
        """Put a file in the folder."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def plant(self, path: str) -> None:
        """Put a Python file in the folder that leaves a mark when it is run."""
        self.write(path, f"open({str(self._aside / 'planted')!r}, 'a').write({path + chr(10)!r})\n")

    @property
    def planted(self) -> list[str]:
        """The planted files that were run."""
        return self._lines("planted")

    @property
    def log(self) -> list[str]:
        """What was asked of the server."""
        return self._lines("server.log")

    def _lines(self, name: str) -> list[str]:
        path = self._aside / name
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def run(self, *arguments: str, plugin: bool = True) -> pytest.RunResult:
        """Run pytest with the plugin, unless a conftest.py brings it, and a stand-in for the server."""
        plugins = ("-p", "netgrade.plugin", "-p", "stand_in") if plugin else ("-p", "stand_in")
        return self._pytester.runpytest_subprocess(*plugins, *arguments)

    def grade(self, *arguments: str) -> pytest.RunResult:
        """Run pytest with the plugin and the real server: torch is imported, submissions are captured."""
        return self._pytester.runpytest_subprocess("-p", "netgrade.plugin", *arguments)


def text(result: pytest.RunResult) -> str:
    """All that a run has printed."""
    return f"{result.stdout.str()}\n{result.stderr.str()}"


@pytest.fixture
def start(
    pytester: pytest.Pytester, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Start:
    aside = tmp_path_factory.mktemp("aside")
    package = Path(netgrade.__file__).parent.parent
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(aside), str(package)]))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("PYTEST_ADDOPTS", "CI", "BUILD_NUMBER", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return Start(pytester, aside)


@pytest.fixture
def large(small_net: Facts) -> Facts:
    """It breaks `parameter-budget` alone."""
    first, *rest = small_net.parameters
    return replace(small_net, network="Large", parameters=(replace(first, elements=20_000), *rest))
