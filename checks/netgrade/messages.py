"""What the processes say to each other, as frozen data without torch.

A `Failure`, `Found` and `Captured` come from the capture child: every string in them is a stranger's and is cut and
neutralised before it is shown.
"""

from typing import Literal

import msgspec

from netgrade.facts.model import Facts

Stage = Literal["find", "read", "load", "construct", "forward", "capture", "probe", "time", "memory", "died", "decode"]
"""How far a submission came: finding the file, reading its source, running its definitions, building the network, its
forward, recording, the fidelity probe; a limit of time or memory; the child's death; decoding what it sent."""


OURS = "if the file doesn't raise it on purpose, this is netgrade's own fault; please report it with the file"
"""The hint of a failure that nobody foresaw."""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One submission to be captured and examined."""

    path: str
    """Absolute path of a .py or .ipynb file."""
    network: str | None = None
    """The one class or factory asked for; None for every candidate."""
    input_shape: tuple[int, ...] = (1, 28, 28)
    classes: int = 10
    timeout: float = 60.0
    """Seconds for one network."""
    alone: bool = False
    """The file's folder holds other people's files too: it may read none of them."""
    seeds: tuple[int, ...] = (0,)
    """The network is constructed once from each, and a set of tensors recorded; the first one's are examined."""
    keep: bool = False
    """The captures are handed to the controller, to be trained."""
    summary: bool = False
    """torchinfo's table of each network is wanted too."""


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a traceback, in the student's own files only."""

    file: str
    """Name as the student knows it: `model.py`, or `cell 7` of a notebook."""
    line: int
    code: str = ""


class Failure(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Why a submission, or one network of it, can't be graded."""

    stage: Stage
    message: str
    """One or two sentences: what is, with numbers."""
    network: str | None = None
    error: str = ""
    """The exception's type, if one was raised: `RuntimeError`."""
    frames: tuple[Frame, ...] = ()
    """Innermost last."""
    hint: str = ""
    """What to do next."""
    candidates: tuple[str, ...] = ()
    """The networks that the file does have, where another one was asked for."""
    output: str = ""
    """The end of what the submission had printed by then."""
    helper: bool = False
    """The file defines nothing that was meant as a network: functions for other files, or losses."""


class Found(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The networks in a file, in the order of their definition, and how they were found."""

    candidates: tuple[str, ...]
    way: Literal["definitions", "whole file"]
    notes: tuple[str, ...] = ()
    """What a reader should know: a stand-in for a missing package, a class defined several times."""


class Captured(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """One network, captured: a safetensors blob."""

    network: str
    blob: bytes


class Examined(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """All that the trusted side knows of one submission."""

    path: str
    found: Found | None
    networks: tuple[Facts | Failure, ...]
    """In the order of definition. One Failure without a network's name, if the file itself can't be used."""
    sandbox: tuple[str, ...] = ()
    """What held the capture child: `limits`, `seccomp` …"""
    summaries: tuple[str, ...] = ()
    """torchinfo's table of each of `networks`, or why there is none; empty for a failure, and where nobody asked."""
