"""Fresh Python processes: the server, and where there is no fork every child of it."""

import contextlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import IO

import netgrade
from netgrade.sandbox import family, frames
from netgrade.sandbox.protocol import CaptureJob, Job

_KEPT = (
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LD_LIBRARY_PATH",
    "PATH",
    "PYTHONHOME",
    "SYSTEMROOT",
    "TZ",
    "USERPROFILE",
)
_SET = {
    "CUDA_VISIBLE_DEVICES": "",
    "MKL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
}
# The package's parent folder is on the path for one import only, so that nothing else in it is found there.
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); import netgrade; del sys.path[0]; "
    "import importlib; importlib.import_module(sys.argv[2]).main()"
)


def python(
    module: str, *, errors: IO[bytes] | int | None = None, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Run `main` of a module of this very package, with pipes as standard input and output.

    It finds no module in the working folder or by PYTHONPATH.

    Args:
        module: The module's full name.
        errors: File for standard error, or one of subprocess's constants; this process's own if None.
        environment: All of its variables; None for a few named ones, no GPU and one thread.
    """
    folder = os.path.dirname(netgrade.__path__[0])  # noqa: PTH120 - a Path here would be made a string again
    few = {name: os.environ[name] for name in _KEPT if name in os.environ} | _SET
    return subprocess.Popen(  # noqa: S603 - our own interpreter and our own module
        [sys.executable, "-P", "-c", _BOOT, folder, module],
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=few if environment is None else environment,
        start_new_session=True,  # Ctrl-C is the controller's alone
    )


def pipes(process: subprocess.Popen[bytes]) -> tuple[io.FileIO, io.FileIO]:
    """Give the two ends that such a process talks to: what it says, and what is said to it."""
    assert isinstance(process.stdout, io.FileIO)  # noqa: S101 - for the type checker: no buffer was asked for
    assert isinstance(process.stdin, io.FileIO)  # noqa: S101 - the same
    return process.stdout, process.stdin


class Spawner:
    """Starts a fresh Python for every child: slower by one `import torch` each, and works everywhere."""

    def __init__(self) -> None:
        family.adopt_orphans()
        self._living: dict[int, subprocess.Popen[bytes]] = {}

    def start(self, job: Job) -> "SpawnedChild":
        """Start a child for a job."""
        errors = subprocess.PIPE if isinstance(job, CaptureJob) and os.name == "posix" else None
        process = python("netgrade.sandbox.jobs", errors=errors)
        self._living[process.pid] = process
        child = SpawnedChild(self, process)
        frames.write(child.writer, job)
        return child

    def bury(self, pid: int) -> None:
        """Forget a child that is gone, and end what it has left behind."""
        self._living.pop(pid, None)
        family.sweep(keep=self._living)

    def close(self) -> None:
        """End every child."""
        for process in self._living.values():
            process.kill()
            process.wait()
        family.sweep(keep=())


class SpawnedChild:
    """The server's view of such a child."""

    def __init__(self, spawner: Spawner, process: subprocess.Popen[bytes]) -> None:
        self._spawner = spawner
        self._process = process
        self.reader, self.writer = pipes(process)
        self.output = os.dup(process.stderr.fileno()) if process.stderr else None
        if process.stderr:
            process.stderr.close()

    def ended(self) -> bool:
        """Tell whether it has ended, whoever still holds its end of the connection."""
        return self._process.poll() is not None

    def end(self, patience: float) -> int | None:
        """End it as `family.end` does, and all that it has left behind."""
        self.writer.close()
        try:
            code = self._process.wait(patience)
        except subprocess.TimeoutExpired:
            code = None
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._spawner.bury(self._process.pid)
        return code
