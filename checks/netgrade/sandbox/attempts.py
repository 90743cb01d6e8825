"""What the doctor's child attempts once it is held as a capture child is. Nothing here harms if it works."""

import contextlib
import ctypes
import importlib
import io
import mmap
import os
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, NoReturn

import msgspec

from netgrade.sandbox import child, frames, libc, limits, seccomp
from netgrade.sandbox.doctor import Attempt, Diagnosis, Scene

_Try = tuple[str, Callable[[], object]]
_PTRACE_SEIZE = 0x4206  # linux/ptrace.h
_CLONE_NEWUSER = 0x10000000  # linux/sched.h
_PR_SET_PDEATHSIG, _SIGKILL = 1, 9


def main() -> NoReturn:
    """Attempt everything in the scene that is the first frame on standard input; answer with a `Diagnosis`."""
    reply = os.dup(1)
    os.dup2(2, 1)
    with io.FileIO(0, "r", closefd=False) as source:
        scene = msgspec.msgpack.decode(frames.read(source, limits.MIB), type=Scene)
    stream, held = child.enter(scene.job, reply)
    attempts = [_attempt("work", *each) for each in _honest(scene)]
    if sys.platform == "linux":
        attempts += [_attempt("fail", *each) for tries in (_files, _others, _kernel, _amounts) for each in tries(scene)]
    frames.write(stream, Diagnosis(held=held, attempts=tuple(attempts)))
    os._exit(0)


def _attempt(should: Literal["fail", "work"], what: str, action: Callable[[], object]) -> Attempt:
    try:
        action()
    except Exception as error:  # noqa: BLE001 - which one it is is the finding
        return Attempt(what=what, should=should, error=f"{type(error).__name__}: {error}")
    return Attempt(what=what, should=should, error="")


def _honest(scene: Scene) -> Iterator[_Try]:
    submission, scratch = Path(scene.job.task.path), Path(scene.job.scratch)
    yield "read the submission", submission.read_text
    yield "read a file beside it", submission.with_name("sibling.py").read_text
    yield "write to the scratch folder", lambda: (scratch / "mine").write_text("x")
    yield "import a module of Python's own", lambda: importlib.import_module("wave")
    yield "start a thread", _thread
    yield "get random numbers", lambda: os.urandom(8)


def _files(scene: Scene) -> Iterator[_Try]:
    submission, outside = Path(scene.job.task.path), Path(scene.outside)
    yield "read someone else's file", outside.read_text
    yield "list someone else's folder", lambda: list(outside.parent.iterdir())
    yield "read the repository's .git", (submission.parent / ".git/config").read_text
    yield "write beside the submission", lambda: submission.with_name("new.py").write_text("x")
    yield "change the submission", lambda: submission.write_text("x")
    yield "empty the submission", lambda: os.close(os.open(submission, os.O_RDONLY | os.O_TRUNC))
    yield "change a file's mode", lambda: submission.chmod(0o600)
    yield "change a file's time", lambda: os.utime(submission)
    yield "remove the submission", submission.unlink
    yield "write to the folder of shared memory", _share
    yield "open the terminal", lambda: os.close(os.open("/dev/tty", os.O_RDWR))


def _others(scene: Scene) -> Iterator[_Try]:
    yield "read another process's environment", Path(f"/proc/{scene.victim}/environ").read_bytes
    yield "read another process's memory", lambda: _peek(scene.victim)
    yield "attach to another process", lambda: libc.call("ptrace", _PTRACE_SEIZE, scene.victim, None, None)
    yield "signal another process", lambda: os.kill(scene.victim, 0)
    yield "signal it by a descriptor", lambda: os.pidfd_open(scene.victim)
    yield "live on without its parent", lambda: libc.call("prctl", _PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    yield "fork", _fork
    yield "run a program", lambda: os.posix_spawn("/bin/true", ["true"], {})
    yield "become a program", _become
    yield "connect to a port", lambda: socket.create_connection(("127.0.0.1", scene.port), timeout=1).close()
    yield "open a datagram socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()
    yield "open a local socket", lambda: socket.socket(socket.AF_UNIX).close()


def _kernel(_: Scene) -> Iterator[_Try]:
    yield "make a file system", lambda: libc.system_call(seccomp.number("fsopen"), b"tmpfs", 0)
    yield "enter a namespace of its own", lambda: libc.call("unshare", _CLONE_NEWUSER)
    ring = ctypes.create_string_buffer(120)  # struct io_uring_params
    yield "use io_uring", lambda: libc.system_call(seccomp.number("io_uring_setup"), 1, ring)
    # KEYCTL_GET_KEYRING_ID of KEY_SPEC_PROCESS_KEYRING, made if there is none
    yield "use the keyring", lambda: libc.system_call(seccomp.number("keyctl"), 0, -2, 1)
    # BPF_MAP_CREATE of one BPF_MAP_TYPE_ARRAY
    array = struct.pack("=5I", 2, 4, 4, 1, 0)
    yield "make a table in the kernel", lambda: libc.system_call(seccomp.number("bpf"), 0, array, len(array))
    # PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK
    clock = struct.pack("=IIQ96x", 1, 112, 0)
    yield "count events", lambda: libc.system_call(seccomp.number("perf_event_open"), clock, 0, -1, -1, 0)


def _amounts(scene: Scene) -> Iterator[_Try]:
    large = Path(scene.job.scratch) / "large"
    yield f"allocate {limits.MEMORY:,} bytes", lambda: mmap.mmap(-1, limits.MEMORY, flags=mmap.MAP_PRIVATE).close()
    yield f"share {limits.ADDRESSES:,} bytes", lambda: mmap.mmap(-1, limits.ADDRESSES).close()
    yield "hold memory as a file", lambda: os.close(os.memfd_create("x"))
    yield f"write a file above {limits.FILE:,} bytes", lambda: _stretch(large)
    yield f"open {limits.OPEN_FILES} files", lambda: [os.dup(2) for _ in range(limits.OPEN_FILES)]
    yield "lift a limit", _lift


def _thread() -> None:
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()


def _fork() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _become() -> None:
    with contextlib.suppress(FileNotFoundError):  # it was let in, and found nothing
        os.execv("/nonexistent", ["x"])  # noqa: S606 - no shell


def _share() -> None:
    path = Path("/dev/shm/netgrade-doctor")  # noqa: S108 - the one everybody has
    path.write_text("x")
    path.unlink()


def _peek(pid: int) -> None:
    # process_vm_readv checks its right before it looks at the addresses.
    libc.call("process_vm_readv", pid, None, 0, None, 0, 0)


def _stretch(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(limits.FILE + 1)


def _lift() -> None:
    import resource  # noqa: PLC0415 - not on Windows, where this isn't tried

    resource.setrlimit(resource.RLIMIT_CPU, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
