"""Giving up every privilege for good. Linux only."""

import ctypes
import struct

from netgrade.sandbox import libc

_PR_SET_NO_NEW_PRIVS = 38  # linux/prctl.h
_VERSION = 0x20080522  # linux/capability.h: _LINUX_CAPABILITY_VERSION_3
_DAC_READ_SEARCH = 1 << 2  # linux/capability.h
_SETS = struct.Struct("=6I")
"""Effective, permitted and inheritable capabilities, the lower 32 and then the upper."""


def drop() -> None:
    """Gain nothing by running another program, and keep no capability that root may have.

    The right to read files of other owners stays: a container's root reads a submission that belongs to its user.

    Raises:
        OSError: The kernel refuses.
    """
    header = struct.pack("=Ii", _VERSION, 0)
    sets = ctypes.create_string_buffer(_SETS.size)
    libc.call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.call("capget", header, sets)
    kept = _SETS.unpack(sets.raw)[1] & _DAC_READ_SEARCH
    libc.call("capset", header, _SETS.pack(kept, kept, 0, 0, 0, 0))
