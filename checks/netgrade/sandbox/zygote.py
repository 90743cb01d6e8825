"""The zygote: imports torch once, runs no operator, starts no thread, and forks every child.

A child forked after an OpenMP pool has started hangs in its first convolution, so neither may happen here. It never
sees what the children say, because the server holds the other ends; so a capture child finds nothing of another
submission in its memory.
"""

import contextlib
import gc
import importlib
import io
import os
import select
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

import msgspec

from netgrade.sandbox import descriptors, family, jobs, scratch
from netgrade.sandbox.protocol import CaptureJob, Config, End, Ended, Job, Started

_MESSAGE = 2**16
_ANSWER = 300.0
"""Seconds that the server waits for an answer; the first one comes when torch is imported."""


class Zygote:
    """The server's view of the zygote. Made while the server has one thread only."""

    def __init__(self, config: Config) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        server = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            _live(config, theirs, server)
        theirs.close()
        self._control.settimeout(_ANSWER)

    def start(self, job: Job) -> "ForkedChild":
        """Fork a child for a job. The first one waits until torch is imported."""
        ours, theirs = socket.socketpair()
        output, errors = os.pipe() if isinstance(job, CaptureJob) else (None, os.dup(2))
        with theirs:
            answer = self.ask(job, theirs.fileno(), errors)
        os.close(errors)
        return ForkedChild(self, msgspec.msgpack.decode(answer, type=Started).pid, ours, output)

    def ask(self, request: Job | End, *descriptors: int) -> bytes:
        """Send a request, with descriptors for the zygote to take, and wait for the answer.

        Raises:
            EOFError: The zygote has died.
            TimeoutError: It doesn't answer.
        """
        socket.send_fds(self._control, [msgspec.msgpack.encode(request)], descriptors)
        answer = self._control.recv(_MESSAGE)
        if not answer:
            raise EOFError("the zygote has ended")
        return answer

    def close(self) -> None:
        """End the zygote and all its children."""
        self._control.close()
        os.waitpid(self._pid, 0)


class ForkedChild:
    """The server's view of a child of the zygote."""

    def __init__(self, zygote: Zygote, pid: int, ours: socket.socket, output: int | None) -> None:
        self._zygote = zygote
        self._pid = pid
        self._watch = _pidfd(pid)
        self.output = output
        descriptor = ours.detach()
        self.reader = io.FileIO(descriptor, "r")
        self.writer = io.FileIO(os.dup(descriptor), "w")

    def ended(self) -> bool:
        """Tell whether it has ended, whoever still holds its end of the connection."""
        return self._watch is not None and bool(select.select([self._watch], [], [], 0)[0])

    def end(self, patience: float) -> int | None:
        """End it, as `family.end` does, and all that it has left behind."""
        if self._watch is not None:
            os.close(self._watch)
        self.writer.close()
        answer = self._zygote.ask(End(pid=self._pid, patience=patience))
        return msgspec.msgpack.decode(answer, type=Ended).code


def _pidfd(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except OSError:  # Linux before 5.3: only the end of the connection tells
        return None


def _live(config: Config, control: socket.socket, server: int) -> NoReturn:
    try:
        family.die_with(server)
        _only(control.fileno())
        functions = _prepare(config)
        # From here on the server's end is seen as the end of the connection, in time to end the children too.
        family.outlive_parent()
        family.adopt_orphans()
        _serve(control, functions)
        scratch.remove(config.scratch)  # the server may have been killed
    except BaseException:  # noqa: BLE001 - whatever it is, it must not return into the server's code
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(1)


def _only(control: int) -> None:
    """Keep standard error and `control`; nothing of the server's own connections."""
    descriptors.no_input()
    os.dup2(2, 1)
    descriptors.keep_only({0, 1, 2, control})


def _prepare(config: Config) -> dict[str, Callable[..., Any]]:
    importlib.import_module("netgrade.sandbox.grader")  # with torch, which the server does without
    functions = {reference: jobs.find(reference) for reference in (config.work.capture, config.work.examine)}
    gc.collect()
    gc.freeze()  # no collection in a child touches, and so copies, what is shared
    return functions


def _serve(control: socket.socket, functions: dict[str, Callable[..., Any]]) -> None:
    """Fork and end children until the server closes its end; then end them all."""
    decode = msgspec.msgpack.Decoder(Job | End).decode
    living: set[int] = set()
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, _MESSAGE, 2)
        if not data:
            family.sweep(keep=())
            return
        request = decode(data)
        answer: Started | Ended
        if isinstance(request, End):
            living.discard(request.pid)
            answer = Ended(code=family.end(request.pid, request.patience))
            family.sweep(keep=living)
        else:
            reply, errors = descriptors
            pid = _fork(request, functions[request.function], control, reply, errors)
            living.add(pid)
            answer = Started(pid=pid)
            os.close(reply)
            os.close(errors)
        with contextlib.suppress(BrokenPipeError):  # the next read tells
            control.send(msgspec.msgpack.encode(answer))


def _fork(job: Job, function: Callable[..., Any], control: socket.socket, reply: int, errors: int) -> int:
    zygote = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        family.die_with(zygote)
        os.close(control.detach())
        os.dup2(errors, 2)
        os.dup2(errors, 1)
        os.close(errors)
        jobs.work(job, function, source=reply, reply=os.dup(reply))
    except BaseException:  # noqa: BLE001 - the same
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(1)
