"""Frames: messages through an unbuffered pipe or socket, each as msgpack behind its length in four bytes.

A reader names the largest frame it takes and decodes it into one of the types it expects; nothing is ever unpickled.
"""

import io
import struct

import msgspec

_LENGTH = struct.Struct("!I")
_encode = msgspec.msgpack.Encoder().encode


class TooLongError(Exception):
    """A frame announces more bytes than its reader takes."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"a frame of {size:,} bytes; at most {limit:,} are read")
        self.size = size
        self.limit = limit


def write(stream: io.FileIO, message: msgspec.Struct) -> None:
    """Write one message as a frame.

    Raises:
        OSError: The other side has gone.
    """
    body = _encode(message)
    for part in (_LENGTH.pack(len(body)), body):
        rest = memoryview(part)
        while rest:
            rest = rest[stream.write(rest) :]


def read(stream: io.FileIO, limit: int) -> bytearray:
    """Read the body of one frame of at most `limit` bytes.

    Raises:
        EOFError: The stream ends before the frame does.
        TooLongError: The frame announces more than `limit` bytes; none of them is read.
    """
    (size,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    if size > limit:
        raise TooLongError(size, limit)
    return _exactly(stream, size)


def _exactly(stream: io.FileIO, size: int) -> bytearray:
    data = bytearray(size)
    rest = memoryview(data)
    while rest:
        count = stream.readinto(rest)
        if not count:
            raise EOFError
        rest = rest[count:]
    return data
