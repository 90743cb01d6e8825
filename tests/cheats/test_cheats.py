"""Every cheat breaks what its first line declares, and harms nobody; every honest twin passes.

The line is that of the sample submissions. A cheat that breaks `nothing` has gained nothing either: the line says why.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from netgrade import assignment
from netgrade.facts.model import Facts
from netgrade.grading import judge
from netgrade.messages import Examined, Failure, Task
from netgrade.sandbox.client import Server
from netgrade.sandbox.isolation import missing

if TYPE_CHECKING:
    from tests.conftest import Declaration

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"this system can't hold a submission: {', '.join(missing())}")

_FOLDER = Path(__file__).parent
_PATHS = sorted(path for theme in ("verdict", "behaviour", "honest") for path in (_FOLDER / theme).glob("*.py"))
_HONEST = _FOLDER.parents[1] / "models" / "netv3.py"
_MNIST = assignment.load("mnist-20k", folder=_FOLDER)
_TIMEOUT = 10.0
_PATIENCE = {"lines": 120.0}
"""Seconds for a cheat that has much to do and comes to its end, on a busy machine too."""
_MARK = "netgrade-cheat-was-here"
"""The file that a cheat leaves wherever it can."""
_PLACES = (Path.home(), Path(tempfile.gettempdir()), Path("/dev/shm"), Path("/var/tmp"))  # noqa: S108 - looked at only


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server.start() as started:
        yield started


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A course's folder: each submission in its own, and the labels of the test images beside them."""
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(b"labels")
    for name in ("this", "other"):
        (tmp_path / name).mkdir()
    shutil.copy(_HONEST, tmp_path / "other" / "submission.py")
    return tmp_path


@pytest.mark.parametrize("path", _PATHS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_breaks_what_it_declares_and_harms_nobody(
    server: Server,
    folder: Path,
    path: Path,
    declaration: "Callable[[Path], Declaration]",
    record_property: Callable[[str, object], None],
) -> None:
    declared = declaration(path)
    record_property("cheat", f"{path.parent.name}/{path.name}")
    cheat = Path(shutil.copy(path, folder / "this"))
    before = _files(folder)
    examined = _grade(server, cheat, _PATIENCE.get(cheat.stem, _TIMEOUT))
    record_property("outcome", _outcome(examined))
    assert _broken(examined) == declared.broken, _explain(examined)
    assert _stage(examined) == declared.stage, _explain(examined)
    assert _files(folder) == before
    assert not [place for place in _PLACES if (place / _MARK).exists()]
    assert not _strangers(server.pid)
    assert _broken(_grade(server, folder / "other" / "submission.py", 120.0)) == frozenset()


_FORGED = [path for path in _PATHS if path.stem.startswith("forged_by_")]


@pytest.mark.parametrize("path", _FORGED, ids=lambda path: path.stem)
def test_a_forged_capture_is_graded_as_the_network_that_it_describes(server: Server, folder: Path, path: Path) -> None:
    (network,) = _grade(server, Path(shutil.copy(path, folder / "this")), _TIMEOUT).networks
    assert isinstance(network, Facts)
    assert network.total == 1_442


def test_no_command_of_a_submission_reaches_the_report(server: Server, folder: Path) -> None:
    cheat = shutil.copy(_FOLDER / "verdict" / "workflow_commands.py", folder / "this")
    (failure,) = _grade(server, Path(cheat), _TIMEOUT).networks
    assert isinstance(failure, Failure)
    assert "passed" in failure.message
    assert "\x1b" not in failure.message
    assert not [line for line in failure.message.splitlines() if line.lstrip().startswith("::")]
    assert "##[" not in failure.message


def _grade(server: Server, path: Path, timeout: float) -> Examined:
    task = Task(path=str(path), input_shape=_MNIST.input_shape, classes=_MNIST.classes, timeout=timeout)
    server.submit(task)
    return server.result(task)


def _files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _strangers(server: int) -> list[str]:
    """Return what /proc says of each descendant of the server but the zygote, its only child, and the grader."""
    if sys.platform != "linux":
        return []
    known = {pid: stat for pid, stat in map(_process, Path("/proc").glob("[0-9]*")) if stat}
    parents = {pid: int(stat.rpartition(")")[2].split()[1]) for pid, stat in known.items()}
    below, descendants = [server], []
    while below:
        below = [pid for pid, parent in parents.items() if parent in below]
        descendants += below
    return [known[pid] for pid in descendants[2:]]


def _process(folder: Path) -> tuple[int, str]:
    try:
        return int(folder.name), (folder / "stat").read_text(encoding="ascii", errors="replace")
    except OSError:  # it has just ended
        return int(folder.name), ""


def _broken(examined: Examined) -> frozenset[str]:
    (network,) = examined.networks
    if not isinstance(network, Facts):
        return frozenset({"loads"})
    return frozenset(each.rule for each in judge(network, _MNIST) if each.outcome in ("failed", "warned", "error"))


def _stage(examined: Examined) -> str | None:
    (network,) = examined.networks
    return None if isinstance(network, Facts) else network.stage


def _outcome(examined: Examined) -> str:
    stage = _stage(examined)
    return f"loads ({stage})" if stage else ", ".join(sorted(_broken(examined))) or "graded as it is"


def _explain(examined: Examined) -> str:
    (network,) = examined.networks
    if not isinstance(network, Facts):
        return f"{network.stage}: {network.message} {network.frames} ({network.hint})"
    verdicts = judge(network, _MNIST)
    return "\n".join(f"{each.rule} {each.outcome}: {each.message} {each.violations}" for each in verdicts)
