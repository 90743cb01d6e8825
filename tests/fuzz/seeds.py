"""Writes the captures of a few honest sample submissions into a folder: what the fuzzer starts from.

python tests/fuzz/seeds.py FOLDER
"""

import sys
from pathlib import Path

from netgrade.capture.submission import capture
from netgrade.messages import Captured, Failure, Found, Task

_SAMPLES = Path(__file__).parents[1] / "submissions"
_HONEST = (
    "budget/low_rank.py",
    "budget/pruned.py",
    "budget/rotated_kernels.py",
    "forward/channel_shuffle.py",
    "forward/einsum.py",
    "forward/unfold.py",
    "forward/writes_into_new_tensor.py",
    "pooling/average_functional.py",
    "presence/batch_norm_cumulative.py",
    "presence/drop_block.py",
    "presence/stochastic_depth.py",
)


def main(folder: Path) -> None:
    """Capture every sample in this process; they are ours."""
    for sample in _HONEST:

        def keep(message: Found | Captured | Failure, name: str = sample) -> None:
            if isinstance(message, Failure):
                raise TypeError(f"{name}: {message.message}")
            if isinstance(message, Captured):
                (folder / name.replace("/", "-")).with_suffix(".blob").write_bytes(message.blob)

        capture(Task(path=str(_SAMPLES / sample)), keep)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
