"""The training process as the controller sees it: jobs go in, trials come out. No torch.

It is trusted, and runs nothing of a submission but operators of the allow-list.
"""

import math
import os
import signal
import tempfile
import threading
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

import msgspec

from netgrade.facts.training import Epoch, Trial
from netgrade.sandbox import frames, limits, spawn
from netgrade.training.messages import Began, Ended, Fault, Job, Passed, Ready, Said

if TYPE_CHECKING:
    import subprocess

_TAIL = 4_000
"""Bytes of its standard error that an exception quotes."""
_DIED = "the training process ended with exit status {}; the fault is netgrade's or this machine's"
_KILLED = (
    "the training process was killed, as systems do that run out of memory; end other programs, or set a smaller "
    "`batch` in [training.recipe]"
)
_DROPPED = ("PYTHONPATH", "PYTHONSTARTUP", "PYTHONINSPECT")
_decode = msgspec.msgpack.Decoder(Said).decode


class TrainingError(Exception):
    """There is no trial, and not for the network's sake. The text says why and what to do."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.kind = fault.kind


class Trainer:
    """A process that trains one network after the other; it is started when the first one comes."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `close`

    def train(self, job: Job, tell: Callable[[Began | Ready | Passed], None], *, limit: float = math.inf) -> Trial:
        """Train a network, and tell of the beginning and of each epoch.

        Args:
            job: what is trained.
            tell: is told.
            limit: seconds from when the data are loaded; then the trial ends as it is.

        Raises:
            TrainingError: the data, the device or netgrade is at fault.
        """
        so_far = _SoFar(job.seed, limit, self._kill)
        try:
            if self._process and self._process.poll() is not None:
                self._end()  # a clock that rang as its trial ended has killed it
            if self._process is None:
                self._process = spawn.python(
                    "netgrade.training.worker", errors=self._errors, environment=_environment()
                )
            reader, writer = spawn.pipes(self._process)
            frames.write(writer, job)
            while True:
                said = _decode(frames.read(reader, limits.MIB))
                match said:
                    case Ended(trial=trial):
                        return trial
                    case Fault():
                        raise TrainingError(said)
                    case _:
                        so_far.add(said)
                        tell(said)
        except (EOFError, OSError):
            if so_far.over:
                self._end()
                return so_far.trial()
            raise TrainingError(self._death()) from None
        except KeyboardInterrupt:
            self._end()
            raise
        finally:
            so_far.close()

    def close(self) -> None:
        """End the process. Twice does no harm."""
        self._end()
        self._errors.close()

    def _kill(self) -> None:
        if self._process:
            self._process.kill()

    def _end(self) -> None:
        if self._process:
            for stream in spawn.pipes(self._process):
                stream.close()
            self._process.kill()
            self._process.wait()
            self._process = None

    def _death(self) -> Fault:
        code = self._process.wait() if self._process else None
        self._end()
        self._errors.seek(0)
        said = self._errors.read()[-_TAIL:].decode(errors="replace").strip()
        message = _KILLED if code == -signal.SIGKILL else _DIED.format(code)
        return Fault(kind="ours", message=f"{message}. The end of what it wrote:\n{said}" if said else message)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _SoFar:
    """What a trial has shown, and the clock that ends it."""

    def __init__(self, seed: int, limit: float, end: Callable[[], None]) -> None:
        self._seed = seed
        self._limit = limit
        self._start = 0
        self._epochs: list[Epoch] = []
        self._end = end
        self._clock = threading.Timer(limit, self._ring) if limit < math.inf else None
        self.over = False
        """The time is over."""

    def add(self, said: Began | Ready | Passed) -> None:
        """Take what the training process has said; with the first of it the clock starts."""
        match said:
            case Began() if self._clock:
                self._clock.daemon = True
                self._clock.start()
            case Ready(start=start, resumed=resumed):
                self._start = start
                self._epochs.extend(resumed)
            case Passed(epoch=epoch):
                self._epochs.append(epoch)

    def trial(self) -> Trial:
        """Return the trial that has taken too long."""
        return Trial(
            seed=self._seed,
            start=self._start,
            epochs=tuple(self._epochs),
            ending="slow",
            message=f"its training takes longer than {self._limit:,.0f} s",
            hint="make the maps smaller or the layers fewer, so that an epoch takes less time, or raise "
            "--train-timeout",
        )

    def close(self) -> None:
        """Stop the clock."""
        if self._clock:
            self._clock.cancel()

    def _ring(self) -> None:
        self.over = True
        self._end()


def _environment() -> dict[str, str]:
    """Return this process's variables; cuBLAS needs one more for deterministic products, before CUDA starts."""
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    return kept | {"CUBLAS_WORKSPACE_CONFIG": ":4096:8", "PYTHONUTF8": "1"}
