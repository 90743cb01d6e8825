"""The training process as the controller sees it: jobs go in, trials come out. No torch.

It is trusted, and runs nothing of a submission but operators of the allow-list.
"""

import os
import tempfile
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

import msgspec

from netgrade.facts.training import Trial
from netgrade.sandbox import frames, limits, spawn
from netgrade.training.messages import Began, Ended, Fault, Job, Passed, Ready, Said

if TYPE_CHECKING:
    import subprocess

_TAIL = 4_000
"""Bytes of its standard error that an exception quotes."""
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

    def train(self, job: Job, tell: Callable[[Began | Ready | Passed], None]) -> Trial:
        """Train a network, and tell of the beginning and of each epoch.

        Raises:
            TrainingError: the data, the device or netgrade is at fault.
        """
        try:
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
                        tell(said)
        except (EOFError, OSError):
            raise TrainingError(self._death()) from None
        except KeyboardInterrupt:
            self._end()
            raise

    def close(self) -> None:
        """End the process. Twice does no harm."""
        self._end()
        self._errors.close()

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
        message = f"the training process ended with exit status {code}; the fault is netgrade's or this machine's"
        return Fault(kind="ours", message=f"{message}. The end of what it wrote:\n{said}" if said else message)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _environment() -> dict[str, str]:
    """Return this process's variables; cuBLAS needs one more for deterministic products, before CUDA starts."""
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    return kept | {"CUBLAS_WORKSPACE_CONFIG": ":4096:8", "PYTHONUTF8": "1"}
