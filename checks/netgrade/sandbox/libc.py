"""The C library, by ctypes. Linux; on another system it may be imported, not called."""

import ctypes
import os
import sys
from typing import Any

_library = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def call(name: str, *arguments: Any) -> int:  # noqa: ANN401 - whatever ctypes takes
    """Call a function of the C library that returns -1 and sets errno if it fails.

    Raises:
        OSError: It failed.
    """
    result: int = getattr(_library, name)(*arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def system_call(number: int, *arguments: Any) -> int:  # noqa: ANN401 - the same
    """Make a system call that the C library has no function for. Every int is passed as a word.

    Raises:
        OSError: It failed.
    """
    words = (ctypes.c_long(each) if isinstance(each, int) else each for each in arguments)
    return call("syscall", ctypes.c_long(number), *words)
