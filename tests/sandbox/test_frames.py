import io
import os
from collections.abc import Iterator

import msgspec
import pytest

from netgrade.messages import Captured
from netgrade.sandbox import frames


@pytest.fixture
def ends() -> Iterator[tuple[io.FileIO, io.FileIO]]:
    read, write = os.pipe()
    with io.FileIO(read, "r") as reader, io.FileIO(write, "w") as writer:
        yield reader, writer


def test_frames_come_out_as_they_went_in(ends: tuple[io.FileIO, io.FileIO]) -> None:
    reader, writer = ends
    messages = [Captured(network=name, blob=b"\0" * 100) for name in ("A", "B")]
    for message in messages:
        frames.write(writer, message)
    assert [msgspec.msgpack.decode(frames.read(reader, 1000), type=Captured) for _ in messages] == messages


def test_a_frame_above_the_limit_is_not_read(ends: tuple[io.FileIO, io.FileIO]) -> None:
    reader, writer = ends
    writer.write(b"\xff\xff\xff\xff")
    with pytest.raises(frames.TooLongError, match="a frame of 4,294,967,295 bytes; at most 1,000 are read"):
        frames.read(reader, 1000)


@pytest.mark.parametrize("data", [b"", b"\0\0", b"\0\0\0\5abc"])
def test_a_stream_that_ends_early(ends: tuple[io.FileIO, io.FileIO], data: bytes) -> None:
    reader, writer = ends
    writer.write(data)
    writer.close()
    with pytest.raises(EOFError):
        frames.read(reader, 1000)
