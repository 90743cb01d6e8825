"""Finds out what the sandbox really holds on this machine, by trying it. No torch.

`diagnose` starts a child that is held as a capture child is, and has it attempt what a submission might.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from netgrade.messages import Task
from netgrade.sandbox import frames, limits, spawn
from netgrade.sandbox.protocol import CaptureJob, Level


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One thing tried in a sandboxed child."""

    what: str
    """`read a file of someone else`."""
    should: Literal["fail", "work"]
    error: str
    """How it failed; empty if it worked."""

    @property
    def right(self) -> bool:
        """It came out as it should."""
        return bool(self.error) == (self.should == "fail")


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """What the sandbox holds on this machine."""

    held: tuple[str, ...]
    """The parts in force: `landlock 7`, `seccomp`, `limits`."""
    attempts: tuple[Attempt, ...]


class Scene(msgspec.Struct, frozen=True, kw_only=True):
    """Where a child makes its attempts."""

    job: CaptureJob
    outside: str
    """A file that is not the submission's."""
    port: int
    """A port of this machine on which someone listens."""
    victim: int
    """A process of the same user."""


def diagnose(level: Level = "auto") -> Diagnosis:
    """Have a sandboxed child attempt what a submission might, and tell what came of it.

    Raises:
        EOFError: The child has ended before it had tried everything.
    """
    with _scene(level) as scene, spawn.python("netgrade.sandbox.attempts", errors=subprocess.DEVNULL) as process:
        answers, requests = spawn.pipes(process)
        try:
            frames.write(requests, scene)
            return msgspec.msgpack.decode(frames.read(answers, limits.MIB), type=Diagnosis)
        finally:
            process.kill()


def table(diagnosis: Diagnosis) -> str:
    """Show a diagnosis, a line for each attempt: what came of it, and what should."""
    width = max(len(attempt.what) for attempt in diagnosis.attempts)
    lines = [f"sandbox: {', '.join(diagnosis.held) or 'none'}", ""]
    for attempt in diagnosis.attempts:
        came = f"refused: {attempt.error}" if attempt.error else "works"
        wrong = "" if attempt.right else f"   ← should {attempt.should}"
        lines.append(f"  {'✓' if attempt.right else '✗'} {attempt.what:<{width}}  {came}{wrong}")
    wrong_ones = sum(not attempt.right for attempt in diagnosis.attempts)
    lines += ["", f"{len(diagnosis.attempts) - wrong_ones} of {len(diagnosis.attempts)} as they should be"]
    return "\n".join(lines)


@contextlib.contextmanager
def _scene(level: Level) -> Iterator[Scene]:
    """Lay out a repository with a submission, a stranger's file and a listening socket."""
    root = Path(tempfile.mkdtemp(prefix="netgrade-doctor-"))
    scratch, repository = root / "scratch", root / "repository"
    try:
        for folder in (scratch, repository / ".git"):
            folder.mkdir(parents=True)
        for file in (repository / "model.py", repository / "sibling.py", repository / ".git/config", root / "outside"):
            file.write_text("here = True\n")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            task = Task(path=str(repository / "model.py"))
            yield Scene(
                job=CaptureJob(task=task, scratch=str(scratch), isolation=level, function=""),
                outside=str(root / "outside"),
                port=listener.getsockname()[1],
                victim=os.getpid(),
            )
    finally:
        shutil.rmtree(root, ignore_errors=True)
