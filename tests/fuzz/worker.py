"""Holds mutants against the trusted side, one after another, until it is ended. Started by fuzz.py.

python tests/fuzz/worker.py ENGINE FOLDER SEED, where ENGINE is `random` or `atheris`. The folder holds the seeds and
the board, on which the worker keeps its counts and the mutant that it is at, so that they outlive a crash.
"""

import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import board
import msgspec

if sys.argv[1] == "atheris":
    import atheris  # from PyPI, not among the project's dependencies

    with atheris.instrument_imports(include=["netgrade.program", "netgrade.facts"]):
        pass

import torch
from mutants import mutate

from netgrade.assignment import load
from netgrade.facts.examine import examine
from netgrade.facts.model import Facts
from netgrade.grading import judge
from netgrade.messages import Examined
from netgrade.program.codec import decode
from netgrade.program.errors import Refused
from netgrade.program.program import read
from netgrade.sandbox import limits
from netgrade.sandbox.neutral import harmless

_INPUT = (1, 28, 28)
_LARGEST = 2**16
"""Bytes of a mutant."""


def grade(blob: bytes) -> str:
    """Do with a blob what netgrade does, and say how far it came. Whatever is raised is a finding."""
    try:
        facts = examine(blob, _INPUT)
    except Refused:
        return _refused(blob)
    facts = msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=Facts)
    harmless(Examined(path="fuzz.py", found=None, networks=(facts,)))
    judge(facts, _ASSIGNMENT)
    return "graded"


def _refused(blob: bytes) -> str:
    """Name the stage that refuses a blob."""
    for stage, step in (("by the decoder", decode), ("by the checks of the graph", read)):
        try:
            step(blob)
        except Refused:
            return stage
    return "while it ran"


def _one(blob: bytes, shown: board.Board) -> None:
    shown.begin(blob)
    start = time.monotonic()
    stage = grade(blob)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    shown.end(stage, time.monotonic() - start, peak)


def _random(seeds: list[bytes], seed: int, one: Callable[[bytes], None]) -> None:
    draw = random.Random(seed)  # noqa: S311 - not for secrets
    while True:
        blob = draw.choice(seeds)
        for _ in range(draw.choice((1, 1, 1, 2, 3))):
            blob = mutate(blob, draw.getrandbits(32))
        one(blob[:_LARGEST])


def _guided(folder: Path, seed: int, one: Callable[[bytes], None]) -> None:
    def change(data: bytes, limit: int, number: int) -> bytes:
        return mutate(data, number)[:limit]

    arguments = [sys.argv[0], f"-seed={seed}", f"-max_len={_LARGEST}", "-rss_limit_mb=0", "-timeout=1000000"]
    atheris.Setup([*arguments, "-verbosity=0", str(folder / "seeds")], one, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    _ASSIGNMENT = load("mnist-20k", folder=Path())
    engine, folder, seed = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(1)
    limits.bound_memory()
    with board.Board(folder / "board") as shown:
        if engine == "atheris":
            _guided(folder, seed, lambda blob: _one(bytes(blob), shown))
        else:
            _random(
                [path.read_bytes() for path in sorted((folder / "seeds").iterdir())],
                seed,
                lambda blob: _one(blob, shown),
            )
