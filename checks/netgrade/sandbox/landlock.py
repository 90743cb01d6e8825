"""Landlock: which files this process may open from now on. Linux 5.13 and later.

Numbers are those of include/uapi/linux/landlock.h; the system calls have the same numbers on every architecture.
"""

import os
import stat
import struct
from collections.abc import Iterable
from enum import Enum

from netgrade.sandbox import libc

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # asm-generic/unistd.h
_VERSION = 1 << 0  # LANDLOCK_CREATE_RULESET_VERSION
_PATH_BENEATH = 1  # LANDLOCK_RULE_PATH_BENEATH

_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG, _MAKE_SYM = 1 << 4, 1 << 5, 1 << 7, 1 << 8, 1 << 12
_REFER, _TRUNCATE = 1 << 13, 1 << 14

_FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""Every right that a version knows: 2 adds moving between folders, 3 truncating, 5 control of devices."""
_NETWORK = {4: 0b11}
"""Binding and connecting of TCP sockets."""
_SCOPES = {6: 0b11}
"""Abstract sockets of others, and signals to others."""


class Access(Enum):
    """What may be done with a path and all beneath it."""

    LIST = _READ_DIR
    READ = _READ_FILE | _READ_DIR
    READ_WRITE = READ | _WRITE_FILE
    """For a device: its entry stays as it is."""
    CHANGE = READ_WRITE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_REG | _MAKE_SYM | _REFER | _TRUNCATE


def version() -> int:
    """Return the kernel's version of Landlock, 0 if it has none or has it switched off."""
    try:
        return libc.system_call(_CREATE_RULESET, None, 0, _VERSION)
    except OSError:
        return 0


def restrict(rules: Iterable[tuple[str, Access]]) -> int:
    """Open nothing but what the rules allow, connect to nothing and signal nobody else, as far as the kernel knows how.

    A process must have one thread and no new privileges. Rules for paths that don't exist are left out.

    Returns:
        The kernel's version of Landlock.

    Raises:
        OSError: The kernel has no Landlock, or refuses.
    """
    known = version()
    files, network, scopes = (_newest(table, known) for table in (_FILES, _NETWORK, _SCOPES))
    attributes = struct.pack("=QQQ", files, network, scopes)  # struct landlock_ruleset_attr
    ruleset = libc.system_call(_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for path, access in rules:
            _allow(ruleset, path, access.value & files)
        libc.system_call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return known


def _newest(table: dict[int, int], known: int) -> int:
    return max((value for first, value in table.items() if first <= known), default=0)


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            access &= _READ_FILE | _WRITE_FILE | _TRUNCATE
        beneath = struct.pack("=Qi", access, descriptor)  # struct landlock_path_beneath_attr
        libc.system_call(_ADD_RULE, ruleset, _PATH_BENEATH, beneath, 0)
    finally:
        os.close(descriptor)
