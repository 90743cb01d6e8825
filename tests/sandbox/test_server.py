"""The whole sandbox with real processes: what a capture child may do to the others, and what is said of it."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from netgrade.facts.model import Facts
from netgrade.messages import Examined, Failure, Found, Task
from netgrade.sandbox.client import SandboxError, Server
from netgrade.sandbox.protocol import Work

SCRIPTED = Path(__file__).with_name("scripted.py")
TWO = "send(Found(candidates=('A', 'B'), way='definitions'))\n"
BOTH = TWO + "send(Captured(network='A', blob=b'1'))\nsend(Captured(network='B', blob=b'22'))\n"

Run = Callable[..., Examined]


def start(**options: object) -> Server:
    work = Work(capture=f"{SCRIPTED}:capture", examine=f"{SCRIPTED}:examine", examine_timeout=2.0)
    return Server.start(work=work, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with start() as running:
        yield running


@pytest.fixture(scope="module")
def spawning() -> Iterator[Server]:
    with start(fork=False, isolation="off") as running:
        yield running


@pytest.fixture(scope="module")
def bare() -> Iterator[Server]:
    with start(isolation="off") as running:
        yield running


def runner(server: Server, folder: Path) -> Run:
    def run(script: str, network: str | None = None, timeout: float = 20.0) -> Examined:
        name = f"submission{len(list(folder.glob('*.py')))}.py"
        task = write(folder, script, name=name, network=network, timeout=timeout)
        server.submit(task)
        return server.result(task)

    return run


@pytest.fixture
def run(server: Server, tmp_path: Path) -> Run:
    return runner(server, tmp_path)


@pytest.fixture(params=["server", "spawning"], ids=["fork", "no fork"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Run:
    return runner(request.getfixturevalue(request.param), tmp_path)


def write(
    folder: Path, script: str, *, name: str = "submission.py", network: str | None = None, timeout: float = 20.0
) -> Task:
    path = folder / name
    path.write_text(textwrap.dedent(script))
    return Task(path=str(path), network=network, timeout=timeout)


def names(examined: Examined) -> list[str]:
    return [
        network.network if isinstance(network, Facts) else f"{network.stage} {network.network}"
        for network in examined.networks
    ]


def only(examined: Examined) -> Failure:
    (failure,) = examined.networks
    assert isinstance(failure, Failure)
    return failure


def test_every_network_is_examined_in_its_order(either: Run) -> None:
    examined = either(BOTH)
    assert examined.found == Found(candidates=("A", "B"), way="definitions")
    assert names(examined) == ["A", "B"]
    assert "limits" in examined.sandbox


def test_a_file_that_cannot_be_used_is_one_failure_without_a_name(run: Run) -> None:
    examined = run("send(Failure(stage='load', message='no network', network='x'))")
    assert examined.found is None
    assert only(examined) == Failure(stage="load", message="no network")


def test_a_network_that_fails_leaves_the_others(run: Run) -> None:
    examined = run(
        TWO + "send(Failure(stage='forward', network='A', message='no'))\nsend(Captured(network='B', blob=b''))"
    )
    assert names(examined) == ["forward A", "B"]


def test_the_one_network_asked_for(run: Run) -> None:
    assert names(run(TWO + "send(Captured(network=task.network, blob=b''))", network="B")) == ["B"]


def test_a_child_that_ends_itself_loses_that_network_only(either: Run) -> None:
    script = """
        import os
        send(Found(candidates=('A', 'B', 'C'), way='definitions'))
        for name in [task.network] if task.network else 'ABC':
            if name == 'B':
                os._exit(0)
            send(Captured(network=name, blob=b''))
    """
    examined = either(script)
    assert names(examined) == ["A", "died B", "C"]
    failure = examined.networks[1]
    assert isinstance(failure, Failure)
    assert failure.message == "the submission's process ended with exit status 0 while it was capturing B (2 of 3)"
    assert "os._exit" in failure.hint


def test_an_exception_that_the_capture_does_not_catch(run: Run) -> None:
    examined = run(TWO + "send(Captured(network='A', blob=b''))\nraise SystemExit('bye')")
    assert names(examined) == ["A", "capture B"]
    assert isinstance(examined.networks[1], Failure)
    assert examined.networks[1].message == "the capture ended with an error: SystemExit: bye"
    assert "netgrade's own fault" in examined.networks[1].hint


def test_a_child_killed_while_it_loads(either: Run) -> None:
    failure = only(either("import os; os.kill(os.getpid(), 9)"))
    assert failure.message == "the submission's process ended with signal 9 (SIGKILL) while it was loading the file"
    assert "ran out of memory" in failure.hint


def test_a_child_that_loops_is_ended_and_the_rest_is_done(either: Run) -> None:
    script = """
        send(Found(candidates=('A', 'B'), way='definitions'))
        while task.network != 'B': pass
        send(Captured(network='B', blob=b''))
    """
    examined = either(script, timeout=1.0)
    assert names(examined) == ["time A", "B"]
    assert isinstance(examined.networks[0], Failure)
    assert examined.networks[0].message == "capturing A (1 of 2) took longer than 1 s"
    assert examined.networks[0].hint == (
        "look for a loop that never ends, make the network smaller, or allow more with --model-timeout SECONDS"
    )


def test_a_file_that_trains_at_import(run: Run) -> None:
    failure = only(run("while True: pass", timeout=1.0))
    assert failure.message == "loading the file took longer than 1 s"
    assert failure.stage == "time"
    assert '`if __name__ == "__main__":`' in failure.hint


def test_the_clock_starts_again_with_each_network(run: Run) -> None:
    script = """
        import time
        send(Found(candidates=tuple('ABCD'), way='definitions'))
        for name in 'ABCD':
            time.sleep(0.5)
            send(Captured(network=name, blob=b''))
    """
    assert names(run(script, timeout=1.5)) == ["A", "B", "C", "D"]


def test_too_many_fresh_processes_are_refused(run: Run) -> None:
    script = """
        import os
        send(Found(candidates=tuple(f'N{i}' for i in range(12)), way='definitions'))
        os._exit(1)
    """
    examined = run(script)
    assert len(examined.networks) == 12
    last = examined.networks[-1]
    assert isinstance(last, Failure)
    assert last.message == "N11 was not tried: 8 fresh processes were spent on this file"
    assert last.hint.endswith("submission0.py::N11")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers")
@pytest.mark.parametrize("which", ["bare", "spawning"])
@pytest.mark.parametrize("holds", ["pass", "os.closerange(0, 64)"], ids=["holds the connection", "lets go of it"])
def test_a_grandchild_in_its_own_session_does_not_survive(
    request: pytest.FixtureRequest, tmp_path: Path, holds: str, which: str
) -> None:
    script = f"""
        import os, time
        from pathlib import Path
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                Path({str(tmp_path / "pid")!r}).write_text(str(os.getpid()))
                {holds}
                time.sleep(600)
            os._exit(0)
        os.wait()
        while not Path({str(tmp_path / "pid")!r}).exists(): time.sleep(0.01)
        time.sleep(0.1)
        os._exit(3)
    """
    run = runner(request.getfixturevalue(which), tmp_path)
    assert "exit status 3" in only(run(script)).message
    assert not alive(int((tmp_path / "pid").read_text()))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds this")
@pytest.mark.parametrize(("alone", "message"), [(False, "secret"), (True, "Permission denied")])
def test_the_files_of_others_in_the_folder(server: Server, tmp_path: Path, alone: bool, message: str) -> None:  # noqa: FBT001 - a case
    (tmp_path / "other.py").write_text("secret")
    script = """
        try: message = open(task.path.replace('alice', 'other')).read()
        except OSError as error: message = error.strerror
        send(Failure(stage='load', message=message))
    """
    task = msgspec.structs.replace(write(tmp_path, script, name="alice.py"), alone=alone)
    server.submit(task)
    assert only(server.result(task)).message == message


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds this")
def test_nobody_else_can_be_signalled(run: Run, server: Server) -> None:
    script = f"""
        import os, signal
        refused = []
        for pid in (os.getppid(), {server.pid}, {os.getpid()}, 1, 0, -1):
            for number in (signal.SIGKILL, signal.SIGSTOP):
                try: os.kill(pid, number)
                except PermissionError: refused.append(pid)
        os.kill(os.getpid(), 0)
        send(Failure(stage='load', message=str(len(refused))))
    """
    assert only(run(script)).message == "12"


def test_a_submission_that_fills_the_disk(run: Run) -> None:
    failure = only(run("import time\nfor i in range(9000): open(str(i), 'w').close()\ntime.sleep(600)"))
    assert failure.stage == "memory"
    assert failure.message == (
        "the submission wrote more than 536,870,912 bytes of files while it was loading the file"
    )


@pytest.mark.skipif(sys.platform != "linux", reason="other systems don't hold this limit")
def test_a_memory_bomb_is_stopped_by_the_limit(either: Run) -> None:
    script = """
        import torch
        kept = []
        try:
            while True: kept.append(torch.empty(2**28, dtype=torch.uint8))
        except RuntimeError as error:
            send(Failure(stage='construct', message=str(error), error='RuntimeError'))
    """
    failure = only(either(script))
    assert failure.stage == "memory"
    assert "4,294,967,296 bytes" in failure.hint


def test_endless_output_on_the_connection(either: Run) -> None:
    failure = only(either("import os\nwhile True: os.write(3, b'x' * 2**20)" if sys.platform != "win32" else "1/0"))
    assert failure.stage == "decode"
    assert "interfered with its own capture: it sent a frame of 2,021,161,080 bytes" in failure.message


def test_ten_million_printed_lines(run: Run) -> None:
    assert names(run("for _ in range(10**7): print('line')\n" + BOTH, timeout=120.0)) == ["A", "B"]


def test_the_end_of_the_output_is_kept_with_a_failure(either: Run) -> None:
    script = """
        import os
        print('x' * 5000)
        print('loss \x1b[31m0.1')
        print('::error::trouble', flush=True)
        send(Found(candidates=('A', 'B'), way='definitions'))
        if not task.network:
            send(Failure(stage='forward', network='A', message='no'))
            os.write(2, b'terminate called\\n')
            os.abort()
    """
    first, second = either(script).networks
    assert isinstance(first, Failure)
    assert isinstance(second, Failure)
    assert first.output.startswith("…xxx")
    assert len(first.output) < 2_020
    assert "loss \\x1b[31m0.1\n" in first.output
    assert ": :error::trouble" in first.output
    assert second.output.endswith("terminate called")
    assert "signal 6 (SIGABRT)" in second.message


def test_a_child_that_closes_its_connection_and_goes_on(either: Run) -> None:
    failure = only(either("import os, time; os.closerange(0, 64); time.sleep(600)"))
    assert failure.message == "the submission closed its connection to netgrade while it was loading the file"


LIES = {
    "found twice": (TWO + TWO, "a list of networks, which was not its turn"),
    "captured first": ("send(Captured(network='A', blob=b''))", "a capture of 'A', which was not its turn"),
    "wrong name": (TWO + "send(Captured(network='C', blob=b''))", "a capture of 'C', which was not its turn"),
    "wrong order": (TWO + "send(Captured(network='B', blob=b''))", "a capture of 'B', which was not its turn"),
    "no network": ("send(Found(candidates=(), way='definitions'))", "a list of 0 networks"),
    "too many": (
        "send(Found(candidates=tuple(f'N{i}' for i in range(65)), way='definitions'))",
        "a list of 65 networks; a file may hold 1 to 64",
    ),
    "a name twice": ("send(Found(candidates=('A', 'A'), way='definitions'))", "with a name twice"),
    "no name": (r"send(Found(candidates=('\x1b[2J',), way='definitions'))", r"'\x1b[2J' as a network's name"),
    "long name": ("send(Found(candidates=('A' * 101,), way='definitions'))", "as a network's name"),
    "no message": ("import os; os.write(3, b'\\0\\0\\0\\4\\xffabc')", "4 bytes that are no message"),
    "unknown way": ("send(Found(candidates=('A',), way='magic'))", "bytes that are no message"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_fails_the_whole_submission(run: Run, lie: str) -> None:
    script, told = LIES[lie]
    failure = only(run(script))
    assert failure.stage == "decode"
    assert failure.network is None
    assert told in failure.message


def test_what_is_said_after_the_end_is_not_heard(run: Run) -> None:
    assert names(run(BOTH + BOTH)) == ["A", "B"]


def test_strings_are_cut_and_neutralised(run: Run) -> None:
    script = r"""
        send(Failure(stage='load', message='\x1b[31m' + 'x' * 10**6, error='E' * 1000, hint='::error::no'))
    """
    failure = only(run(script))
    assert failure.message.startswith(r"\x1b[31mxxx")
    assert len(failure.message) < 2_010
    assert len(failure.error) == 100
    assert failure.hint == ": :error::no"


def test_a_blob_that_the_grader_refuses(run: Run) -> None:
    examined = run(TWO + "send(Captured(network='A', blob=b'refuse'))\nsend(Captured(network='B', blob=b''))")
    assert names(examined) == ["decode A", "B"]
    assert isinstance(examined.networks[0], Failure)
    assert examined.networks[0].message == "aten::evil is not on the list"


@pytest.mark.parametrize(
    ("blob", "message"),
    [
        ("bug", "netgrade failed while it examined the network: TypeError: unhashable"),
        ("crash", "netgrade's grader ended with exit status 7 while it examined the network"),
        ("hang", "netgrade's grader took longer than 2 s while it examined the network"),
    ],
)
def test_our_own_fault_costs_one_network_and_is_called_so(either: Run, blob: str, message: str) -> None:
    either(BOTH)  # until it has answered once, a grader has more time
    examined = either(TWO + f"send(Captured(network='A', blob=b'{blob}'))\nsend(Captured(network='B', blob=b''))")
    assert names(examined) == ["decode A", "B"]
    failure = examined.networks[0]
    assert isinstance(failure, Failure)
    assert failure.message == message
    assert failure.hint == "this is netgrade's own fault; please report it with the file"


def test_a_child_lives_in_its_scratch_folder_with_few_variables(either: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TOKEN", "secret")
    script = """
        import os, sys, tempfile
        home = os.getcwd()
        assert home == os.environ['HOME'] == os.environ['TMPDIR'] == tempfile.gettempdir(), home
        assert not os.listdir(home)
        assert 'SOME_TOKEN' not in os.environ
        assert sys.stdin is None or sys.stdin.read() == ''
        open('weights.pt', 'w').close()
        send(Failure(stage='load', message=home))
    """
    home = only(either(script)).message
    assert "netgrade-" in home
    assert not Path(home).exists()


@pytest.mark.skipif(sys.platform != "linux", reason="descriptors are listed in /proc")
def test_a_child_has_one_descriptor_and_no_terminal(either: Run) -> None:
    script = """
        import os
        there = sorted(int(name) for name in os.listdir('/proc/self/fd'))
        where = [os.readlink(f'/proc/self/fd/{number}').partition(':')[0] for number in (0, 1, 2)]
        try: os.open('/dev/tty', os.O_RDWR); where.append('terminal')
        except OSError: pass
        send(Failure(stage='load', message=f'{there} {where}'))
    """
    # The last descriptor is the listing's own.
    assert only(either(script)).message == "[0, 1, 2, 3, 4] ['/dev/null', 'pipe', 'pipe']"


def test_forking_can_be_ruled_out_from_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETGRADE_FORK", "0")
    with start() as server:
        run = runner(server, tmp_path)
        parent = only(run("import os; send(Failure(stage='load', message=str(os.getppid())))")).message
        assert int(parent) == server.pid


def test_one_path_with_two_networks(server: Server, tmp_path: Path) -> None:
    script = TWO + "send(Captured(network=task.network, blob=b''))"
    tasks = [write(tmp_path, script, network=name) for name in "AB"]
    for task in tasks:
        server.submit(task)
    assert [names(server.result(task)) for task in reversed(tasks)] == [["B"], ["A"]]


def test_twenty_tasks_each_get_their_own_result(server: Server, tmp_path: Path) -> None:
    found = "send(Found(candidates=('N{0}',), way='definitions'))\nsend(Captured(network='N{0}', blob=b''))"
    tasks = [write(tmp_path, found.format(number), name=f"{number}.py") for number in range(20)]
    for task in tasks:
        server.submit(task)
    assert [names(server.result(task)) for task in tasks] == [[f"N{number}"] for number in range(20)]


def test_equal_tasks_share_a_result(server: Server, tmp_path: Path) -> None:
    first, second = write(tmp_path, BOTH), write(tmp_path, BOTH)
    server.submit(first)
    server.submit(second)
    assert server.result(first) is server.result(second)


def test_progress_names_the_network_and_the_seconds(server: Server, tmp_path: Path) -> None:
    task = write(tmp_path, TWO + "import time\nif not task.network: time.sleep(1.5)\n" + BOTH.removeprefix(TWO))
    heard: list[tuple[str, float]] = []
    server.submit(task)
    server.result(task, progress=lambda text, seconds: heard.append((text, seconds)))
    seconds = [seconds for text, seconds in heard if text == "capturing A (1 of 2)"]
    assert seconds
    assert 0 < seconds[0] < 1.5


def test_a_task_that_was_not_submitted(server: Server) -> None:
    with pytest.raises(KeyError):
        server.result(Task(path="/never.py"))


def test_torch_is_missing(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("raise ImportError('No module named torch')")
    with Server.start(work=Work(capture=f"{tmp_path / 'broken.py'}:capture")) as server:
        task = write(tmp_path, BOTH)
        with pytest.raises(SandboxError, match=r"(?s)not a submission's.*No module named torch"):  # noqa: PT012
            server.submit(task)
            server.result(task)


def test_a_server_that_is_killed(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    script = f"import os, time\nopen({str(pid)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)"
    with start(isolation="off") as server:  # else the child can't tell its number
        task = write(tmp_path, script)
        server.submit(task)
        wait_for(lambda: pid.exists() and pid.read_text() != "")
        os.kill(server.pid, signal.SIGKILL)
        with pytest.raises(SandboxError, match=r"ended with signal 9 \(SIGKILL\); the fault is netgrade's"):
            server.result(task)
        with pytest.raises(SandboxError, match="the fault is netgrade's"):
            server.submit(Task(path="/another.py"))
    wait_for(lambda: not alive(int(pid.read_text())))


CONTROLLER = """
import sys, time
from netgrade.sandbox.client import Server
from netgrade.messages import Task
from netgrade.sandbox.protocol import Work
work = Work(capture=sys.argv[1] + ":capture", examine=sys.argv[1] + ":examine")
server = Server.start(isolation="off", fork=sys.argv[3] == "fork", work=work)
server.submit(Task(path=sys.argv[2]))
print(server.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("how", ["fork", "no fork"])
def test_nothing_outlives_a_controller_that_is_killed(tmp_path: Path, how: str) -> None:
    pid = tmp_path / "pid"
    script = f"import os, time\nopen({str(pid)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)"
    task = write(tmp_path, script)
    command = [sys.executable, "-c", CONTROLLER, str(SCRIPTED), task.path, how]
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = os.environ | {"PYTHONPATH": str(SCRIPTED.parents[2] / "checks"), "TMPDIR": str(temporary)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as controller:  # noqa: S603 - our own script
        assert controller.stdout
        server = int(controller.stdout.readline())
        try:
            wait_for(lambda: pid.exists() and pid.read_text() != "")
        finally:
            controller.kill()
    wait_for(lambda: not alive(server) and not alive(int(pid.read_text())))
    wait_for(lambda: not any(temporary.iterdir()))


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)
