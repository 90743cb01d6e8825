"""Seccomp: which system calls this process may make from now on, as a filter written by hand.

Linux on x86_64 and aarch64. Threads yes; processes, programs, connections, signals to others, looser limits and changed
owners or modes no. A refused call returns EPERM, so that an honest program gets an exception with a traceback and not a
death without one.

A call newer than the table in syscalls.py is answered ENOSYS, as by a kernel of its age, and every program knows what
to do then.
"""

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterator

from netgrade.sandbox import libc, syscalls

_Instruction = tuple[int, int, int, int]
"""Code, jump if true, jump if false, operand: struct sock_filter of linux/filter.h."""
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Column of the numbers, and AUDIT_ARCH_X86_64 or AUDIT_ARCH_AARCH64 of linux/audit.h."""

# linux/bpf_common.h and linux/filter.h
_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_EQUAL, _GREATER_OR_EQUAL, _ANY_BIT = 0x15, 0x35, 0x45
# linux/seccomp.h: actions, and where struct seccomp_data has the number, the architecture and the arguments
_ALLOW, _ERRNO, _KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_SET_MODE_FILTER, _ALL_THREADS, _GET_ACTION_AVAIL = 1, 1, 2

_CLONE_THREAD = 0x00010000  # linux/sched.h
_F_SETSIG, _F_SETOWN, _F_SETOWN_EX = 10, 8, 15  # asm-generic/fcntl.h: a signal of one's choice to whom one likes
_FIOSETOWN, _SIOCSPGRP, _TIOCSTI = 0x8901, 0x8902, 0x5412  # asm-generic/sockios.h the same; ioctls.h: typing for others
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36  # linux/prctl.h


def available() -> bool:
    """Tell whether this machine has a filter here and a kernel that takes it."""
    if platform.machine() not in _MACHINES:
        return False
    column, _ = _MACHINES[platform.machine()]
    try:
        libc.system_call(syscalls.SECCOMP[column], _GET_ACTION_AVAIL, 0, struct.pack("=I", _ERRNO))
    except OSError:
        return False
    return True


def restrict() -> None:
    """Install the filter for this process and its threads. It must have no new privileges.

    Raises:
        OSError: The kernel refuses, or there is no filter for this machine.
    """
    if platform.machine() not in _MACHINES:
        raise OSError(errno.ENOSYS, f"no filter for {platform.machine()}")
    column, architecture = _MACHINES[platform.machine()]
    instructions = [struct.pack("=HBBI", *each) for each in program(column, architecture, os.getpid())]
    code = ctypes.create_string_buffer(b"".join(instructions))
    filter_ = struct.pack("HP", len(instructions), ctypes.addressof(code))  # struct sock_fprog of linux/filter.h
    libc.system_call(syscalls.SECCOMP[column], _SET_MODE_FILTER, _ALL_THREADS, filter_)


def number(call: str) -> int:
    """Return this machine's number of a refused call.

    Raises:
        KeyError: It is not among them, or not on this machine.
    """
    found = syscalls.DENIED[call][_MACHINES[platform.machine()][0]]
    if found is None:
        raise KeyError(call)
    return found


def program(column: int, architecture: int, pid: int) -> list[_Instruction]:
    """Assemble the filter for one architecture and one process.

    Args:
        column: Which of the two numbers of each call.
        architecture: The only one whose calls are known; calls of any other end the process.
        pid: The process, which may signal itself and its threads.
    """
    refuse, unknown, allow = _answer(errno.EPERM), _answer(errno.ENOSYS), (_RETURN, 0, 0, _ALLOW)
    rules: list[tuple[syscalls.Numbers, list[_Instruction]]] = [
        (syscalls.CLONE3, [unknown]),  # its flags are behind a pointer; without it the C library takes clone
        (syscalls.OPENAT2, [unknown]),  # the same
        (syscalls.CLONE, [*_argument(0), (_ANY_BIT, 1, 0, _CLONE_THREAD), refuse, allow]),
        *((call, [*_argument(0), (_EQUAL, 1, 0, pid), refuse, allow]) for call in (syscalls.KILL, syscalls.TGKILL)),
        (syscalls.PRLIMIT64, [*_argument(2), (_EQUAL, 0, 2, 0), *_argument(2, 4), (_EQUAL, 1, 0, 0), refuse, allow]),
        (syscalls.OPEN, _truncating(1)),
        (syscalls.OPENAT, _truncating(2)),
        (syscalls.PRCTL, _unless(0, _PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER)),
        (syscalls.FCNTL, _unless(1, _F_SETSIG, _F_SETOWN, _F_SETOWN_EX)),
        (syscalls.IOCTL, _unless(1, _FIOSETOWN, _SIOCSPGRP, _TIOCSTI)),
        *((call, [refuse]) for call in syscalls.DENIED.values()),
    ]
    return [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_LOAD, 0, 0, _NUMBER),
        (_GREATER_OR_EQUAL, 0, 1, syscalls.KNOWN),  # also the x32 calls, whose numbers begin at 0x40000000
        unknown,
        *(each for numbers, body in rules if (number := numbers[column]) is not None for each in _when(number, body)),
        allow,
    ]


def _when(number: int, body: list[_Instruction]) -> Iterator[_Instruction]:
    """Do this for one system call. The body always answers, so the number stays loaded for the next rule."""
    yield (_EQUAL, 0, len(body), number)
    yield from body


def _answer(number: int) -> _Instruction:
    return (_RETURN, 0, 0, _ERRNO | number)


def _argument(index: int, half: int = 0) -> list[_Instruction]:
    """Load the lower or, with `half` 4, the upper half of an argument; both machines are little-endian."""
    return [(_LOAD, 0, 0, _ARGUMENTS + 8 * index + half)]


def _unless(index: int, *values: int) -> list[_Instruction]:
    """Refuse the call if an argument has one of these values."""
    tests = [(_EQUAL, len(values) - place, 0, value) for place, value in enumerate(values)]
    return [*_argument(index), *tests, (_RETURN, 0, 0, _ALLOW), _answer(errno.EPERM)]


def _truncating(index: int) -> list[_Instruction]:
    """Refuse to open for reading and yet to truncate, which Landlock doesn't hold before its version 3."""
    mask = os.O_TRUNC | os.O_ACCMODE
    return [
        *_argument(index),
        (_AND, 0, 0, mask),
        (_EQUAL, 1, 0, os.O_TRUNC | os.O_RDONLY),
        (_RETURN, 0, 0, _ALLOW),
        _answer(errno.EPERM),
    ]
