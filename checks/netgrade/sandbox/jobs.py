"""What a child is for: it finds its function and works, forked or in a fresh Python."""

import importlib
import importlib.util
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from netgrade.sandbox import child, family, frames, limits
from netgrade.sandbox.protocol import CaptureJob, Job


def find(reference: str) -> Callable[..., Any]:
    """Import a function given as `module:function` or `/path/of/file.py:function`."""
    place, _, name = reference.rpartition(":")
    if place.endswith(".py"):
        spec = importlib.util.spec_from_file_location(Path(place).stem, place)
        if spec is None or spec.loader is None:
            raise ImportError(place)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    else:
        module = importlib.import_module(place)
    function: Callable[..., Any] = getattr(module, name)
    return function


def work(job: Job, function: Callable[..., Any], *, source: int, reply: int) -> NoReturn:
    """Do a job for the rest of this process's life, reading from one descriptor and answering to another."""
    if isinstance(job, CaptureJob):
        child.work(job, function, reply)
    from netgrade.sandbox import grader  # noqa: PLC0415 - imports torch, which a capture child imports when it needs it

    grader.work(function, source, reply)


def main() -> NoReturn:
    """Do the job that is the first frame on standard input."""
    source, reply = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    with io.FileIO(source, "r", closefd=False) as stream:
        job: Job = msgspec.msgpack.decode(frames.read(stream, limits.MIB), type=Job)
    family.die_with(os.getppid())
    work(job, find(job.function), source=source, reply=reply)
