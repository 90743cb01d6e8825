"""What a worker is at, in a file that outlives it."""

import mmap
import struct
from pathlib import Path
from types import TracebackType
from typing import Self

STAGES = ("by the decoder", "by the checks of the graph", "while it ran", "graded")

_HEAD = struct.Struct("=6QdQB")
"""Begun, then how many came to each stage and a spare, the longest in seconds, the peak of memory in KiB, at work."""
_LENGTH = struct.Struct("=I")
_SIZE = 2**17


class Board:
    """The counts of one worker, and the mutant that it is at."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(_SIZE))
        self._file = path.open("r+b")
        self._map = mmap.mmap(self._file.fileno(), _SIZE)

    @property
    def state(self) -> tuple[int, dict[str, int], float, int, bool]:
        """Mutants begun, those that came to each stage, longest in seconds, peak in KiB, and whether one is at work."""
        begun, *counts, longest, peak, at_work = _HEAD.unpack_from(self._map)
        return begun, dict(zip(STAGES, counts, strict=False)), longest, peak, bool(at_work)

    @property
    def blob(self) -> bytes:
        """The mutant begun last."""
        (length,) = _LENGTH.unpack_from(self._map, _HEAD.size)
        start = _HEAD.size + _LENGTH.size
        return self._map[start : start + length]

    def begin(self, blob: bytes) -> None:
        """Note a mutant before it is tried."""
        _LENGTH.pack_into(self._map, _HEAD.size, len(blob))
        start = _HEAD.size + _LENGTH.size
        self._map[start : start + len(blob)] = blob
        begun, *rest, _ = _HEAD.unpack_from(self._map)
        _HEAD.pack_into(self._map, 0, begun + 1, *rest, 1)

    def end(self, stage: str, seconds: float, peak: int) -> None:
        """Note how far it came."""
        begun, *counts, longest, most, _ = _HEAD.unpack_from(self._map)
        counts[STAGES.index(stage)] += 1
        _HEAD.pack_into(self._map, 0, begun, *counts, max(longest, seconds), max(most, peak), 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._map.close()
        self._file.close()
