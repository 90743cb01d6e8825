"""Stand-ins for the functions that capture and examine, given to a server by path.

A test writes the script that the capture child runs; the blob says what the grader child does.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

from netgrade.facts.model import Facts, Graph, Scores
from netgrade.messages import Captured, Failure, Found, Task
from netgrade.program.errors import Refused


def capture(task: Task, send: Callable[[Found | Captured | Failure], None]) -> None:
    names = {"send": send, "task": task, "Found": Found, "Captured": Captured, "Failure": Failure}
    exec(compile(Path(task.path).read_text(), task.path, "exec"), names)  # noqa: S102 - the script is the test's own


def examine(blob: bytes, input_shape: tuple[int, ...]) -> Facts:
    match blob:
        case b"refuse":
            raise Refused("aten::evil is not on the list")
        case b"bug":
            raise TypeError("unhashable")
        case b"crash":
            os._exit(7)
        case b"hang":
            time.sleep(600)
    scores = Scores(shapes={1: (1, 10)}, kind="logits")
    empty = Graph(operators=())
    return Facts(
        network=f"{len(blob)} bytes",
        input_shape=input_shape,
        parameters=(),
        hidden=(),
        train=empty,
        eval=empty,
        scores=scores,
        macs=0,
        field=None,
    )
