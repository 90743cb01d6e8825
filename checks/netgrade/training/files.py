"""Reads the files of data sets: nothing is believed of a file before it was checked."""

import gzip
import hashlib
import pickle
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_TYPES = {0x08: ">u1", 0x0C: ">i4"}
"""Of an IDX file, by the third byte."""

_WORD = 4
"""Bytes of one number in the header of an IDX file."""

_MOST_AXES = 3
"""Images, rows, columns."""


class DamagedError(Exception):
    """A file is not what it should be; the text says in what."""


def md5(content: bytes) -> str:
    """Return the MD5 sum that the publishers of data sets give; it finds accidents."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def read_idx(path: Path, packed_md5: str | None = None) -> NDArray[np.generic]:
    """Read an array in MNIST's format.

    Args:
        path: The file. One whose name ends in .gz is unpacked.
        packed_md5: The published MD5 sum of the same file packed by gzip. If that lies beside it and has this sum, the
            unpacked file must be what is in it: torchvision leaves both, and looks at the packed one alone.

    Raises:
        DamagedError: its header is none, its length is another than the header says, or it is not what was packed.
        OSError: it can't be read.
    """
    content = path.read_bytes()
    if path.suffix == ".gz":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise DamagedError(f"it can't be unpacked: {error}") from None
    array = _parsed(content)
    packed = path.with_name(f"{path.name}.gz")
    if packed_md5 is not None and packed.is_file():
        archive = packed.read_bytes()
        # An archive's last eight bytes are the check sum and the length of what is in it.
        if md5(archive) == packed_md5 and zlib.crc32(content) != int.from_bytes(archive[-8:-4], "little"):
            raise DamagedError(f"its content is not that of {packed.name} beside it")
    return array


def _parsed(content: bytes) -> NDArray[np.generic]:
    """Return the array: two zero bytes, its type, its number of axes, their lengths, its elements."""
    header = content[:_WORD]
    if len(header) < _WORD or header[:2] != b"\0\0" or header[2] not in _TYPES:
        raise DamagedError("it is no IDX file of bytes or of 32-bit integers")
    if not 1 <= header[3] <= _MOST_AXES:
        raise DamagedError(f"its header gives {header[3]} axes, not 1 to {_MOST_AXES}")
    element = np.dtype(_TYPES[header[2]])
    start = _WORD * (1 + header[3])
    if len(content) < start:
        raise DamagedError(f"it has {len(content):,} bytes where its header alone has {start:,}")
    shape = tuple(int.from_bytes(content[at : at + _WORD], "big") for at in range(_WORD, start, _WORD))
    # Python's own integers: a forged header can't make the product overflow.
    expected = start + element.itemsize
    for length in shape:
        expected = start + (expected - start) * length
    if len(content) != expected:
        raise DamagedError(f"it has {len(content):,} bytes where its header asks for {expected:,}")
    return np.frombuffer(content, element, offset=start).reshape(shape)


def read_cifar(path: Path, published_md5: str) -> tuple[NDArray[np.uint8], list[int]]:
    """Read one of CIFAR10's batches.

    Args:
        path: The file.
        published_md5: What its MD5 sum must be.

    Returns:
        Images, N×3×32×32, and the class of each.

    Raises:
        DamagedError: its MD5 sum is another.
        OSError: it can't be read.
    """
    content = path.read_bytes()
    if md5(content) != published_md5:
        raise DamagedError(f"its MD5 sum is {md5(content)}, the published one is {published_md5}")
    # A pickle can run any code. These very bytes were just held against torchvision's sum, and no file can be made to
    # fit a sum that was published before, so they are what the publisher pickled.
    batch = pickle.loads(content, encoding="latin1")  # noqa: S301
    return batch["data"].reshape(-1, 3, 32, 32), batch["labels"]
