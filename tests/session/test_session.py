"""A run's bookkeeping: whose capture is trained, whose verdict it is, what was left out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from netgrade.assignment import Assignment, load, with_options
from netgrade.facts.model import Facts
from netgrade.messages import Examined, Failure, Found, Task
from netgrade.reports.report import Report
from netgrade.session.session import MistakeError, Session
from netgrade.submissions import expand


class Server:
    """It examines nothing: each file has the networks A and B, and a capture that names both."""

    def __init__(self, facts: Facts) -> None:
        self.tasks: list[Task] = []
        self._facts = facts

    def submit(self, task: Task) -> None:
        self.tasks.append(task)

    def result(self, task: Task, *, progress: object = None) -> Examined:
        assert progress is None
        names = [task.network] if task.network else ["A", "B"]
        networks: tuple[Facts | Failure, ...] = tuple(replace(self._facts, network=name) for name in names)
        if names == ["C"]:
            networks = (Failure(stage="find", message="no C", hint="", candidates=("A", "B")),)
        found = Found(candidates=("A", "B"), way="definitions")
        return Examined(path=task.path, found=found, networks=networks, sandbox=())

    def capture(self, task: Task, network: str) -> bytes:
        assert task in self.tasks
        assert task.keep
        return f"{Path(task.path).name!r} {network}".encode()


class Trainings:
    """It trains nothing: it notes what it is given."""

    def __init__(self) -> None:
        self.taught: list[tuple[str, str, bytes]] = []
        self.trained: list[tuple[str, str, bytes]] = []

    def learn(self, facts: Facts, path: str, blob: bytes) -> Facts:
        self.taught.append((path, facts.network, blob))
        return facts

    def train(self, report: Report, capture: Callable[[], bytes]) -> Report:
        self.trained.append((report.path, report.network, capture()))
        return replace(report, notes=("trained",))


@contextmanager
def silent(_path: str) -> Iterator[None]:
    yield None


@pytest.fixture
def session(small_net: Facts, tmp_path: Path) -> Callable[..., tuple[Session, Trainings]]:
    """Return a function that begins a session on files of the folder."""

    def begin(*paths: str, held: Assignment | None = None, trains: bool = True) -> tuple[Session, Trainings]:
        for path in paths:
            named = tmp_path / path.partition("::")[0]
            if not named.is_dir():
                named.touch()
        trainings = Trainings()
        session = Session(
            Server(small_net),  # type: ignore[arg-type]
            expand(paths, tmp_path),
            held or load(folder=tmp_path),
            trainings,  # type: ignore[arg-type]
            timeout=60,
            trains=trains,
        )
        session.submit()
        return session, trainings

    return begin


def test_each_network_is_trained_once_and_by_its_own_capture(
    session: Callable[..., tuple[Session, Trainings]],
) -> None:
    run, trainings = session("./a.py::B", "a.py::A", "x\ny.py", r"x\ny.py")
    for report in [*run.reports(silent), *run.reports(silent)]:
        assert run.train(report).path == report.path
    assert trainings.trained == [
        ("./a.py", "B", b"'a.py' B"),
        ("./a.py", "A", b"'a.py' A"),
        (r"x\ny.py", "A", rb"'x\ny.py' A"),
        (r"x\ny.py", "B", rb"'x\ny.py' B"),
        (r"x\\ny.py", "A", rb"'x\\ny.py' A"),
        (r"x\\ny.py", "B", rb"'x\\ny.py' B"),
    ]
    assert [report.notes for report in run.final()] == [("trained",)] * 6


def test_a_name_with_colons_in_a_folder_is_a_file_like_others(
    session: Callable[..., tuple[Session, Trainings]], tmp_path: Path
) -> None:
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "a.py::B.py").touch()
    (tmp_path / "nets" / "a.py").touch()
    run, trainings = session("nets/a.py::A", "nets")
    for report in run.reports(silent):
        run.train(report)
    assert trainings.trained == [
        ("nets/a.py", "A", b"'a.py' A"),
        ("nets/a.py", "B", b"'a.py' B"),
        ("nets/a.py::B.py", "A", b"'a.py::B.py' A"),
        ("nets/a.py::B.py", "B", b"'a.py::B.py' B"),
    ]


def test_what_the_quick_training_shows_is_each_networks_own(
    session: Callable[..., tuple[Session, Trainings]], tmp_path: Path
) -> None:
    run, trainings = session("a.py", held=with_options(load(folder=tmp_path), learns=True), trains=False)
    run.reports(silent)
    assert trainings.taught == [("a.py", "A", b"'a.py' A"), ("a.py", "B", b"'a.py' B")]


def test_what_was_not_trained_is_counted(session: Callable[..., tuple[Session, Trainings]]) -> None:
    run, _ = session("a.py")
    assert run.final() == []
    assert run.trainings_left_out(0, "add it") == ""
    run.reports(silent)
    assert run.trainings_left_out(0, "add it") == "2 trainings left out: add it"
    assert run.trainings_left_out(1, "add it") == "1 training left out: add it"
    assert run.trainings_left_out(2, "add it") == ""
    assert run.run(["left"]).left_out == ("left",)


def test_every_wrong_name_is_told(session: Callable[..., tuple[Session, Trainings]]) -> None:
    run, _ = session("a.py::C", "b.py::C")
    with pytest.raises(MistakeError) as caught:
        run.reports(silent)
    assert [str(text).partition(":")[0] for text in caught.value.args] == ["--model-path a.py", "--model-path b.py"]
    assert "unknown network `C`" in str(caught.value.args[0])
