"""The grader child: examines one captured network after another.

It is trusted, and runs nothing of a submission but operators of the allow-list.
"""

import contextlib
import io
import os
import traceback
from collections.abc import Callable
from typing import NoReturn

import msgspec
import torch

from netgrade.facts.model import Facts
from netgrade.program.errors import Refused
from netgrade.sandbox import frames, limits
from netgrade.sandbox.protocol import Answer, Examine, Refusal

Function = Callable[[bytes, tuple[int, ...]], Facts]


def work(function: Function, source: int, reply: int) -> NoReturn:
    """Answer every `Examine` read from the descriptor `source`, until it is closed, and end the process."""
    torch.set_num_threads(1)
    limits.bound_memory()
    decode = msgspec.msgpack.Decoder(Examine).decode
    with io.FileIO(source, "r") as requests, io.FileIO(reply, "w") as answers:
        with contextlib.suppress(EOFError, BrokenPipeError):
            while True:
                frames.write(answers, examine(function, decode(frames.read(requests, 2 * limits.FRAME))))
        os._exit(0)


def examine(function: Function, request: Examine) -> Answer | Refusal:
    """Derive the facts of one network, or the reason why there are none."""
    try:
        facts = function(request.blob, request.task.input_shape)
        return Answer(facts=facts, summary=_summary(request.blob) if request.task.summary else "")
    except Refused as refused:
        return Refusal(message=str(refused))
    except Exception as error:  # noqa: BLE001 - our fault with one network must not end the grading of the others
        traceback.print_exc()
        return Refusal(message="".join(traceback.format_exception_only(error)).strip(), ours=True)


def _summary(blob: bytes) -> str:
    from netgrade.facts.summary import summary  # noqa: PLC0415 - imports torchinfo, which few ask for

    return summary(blob)
