"""What the sandbox's own processes say to each other, besides the messages of a submission.

controller  Config, Submit ...          -> server -> Ready, Progress, Kept, Done ...
server      CaptureJob, GradeJob, End   -> zygote -> Started, Ended
server      Examine                     -> grader child -> Answer, Refusal
                                           capture child -> Hello, Found, Captured or Failure ...
"""

from typing import Literal

import msgspec

from netgrade.facts.model import Facts
from netgrade.messages import Captured, Examined, Failure, Found, Task
from netgrade.sandbox import limits

Level = Literal["auto", "require", "off"]
"""How a capture child is held: by what the system has, by all there is or not at all, by limits alone."""


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What the children do. Tests put their own functions here."""

    capture: str = "netgrade.capture.submission:capture"
    """Function that captures, as `module:function` or `/path/of/file.py:function`."""
    examine: str = "netgrade.facts.examine:examine"
    """Function that examines, in the same form."""
    examine_timeout: float = limits.EXAMINE
    """Seconds for the grader child to examine one network."""


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """How a server works, from the controller: the first frame it reads."""

    controller: int
    """Process id of the controller, whose death ends the server."""
    jobs: int
    """Capture children at work at once."""
    fork: bool
    """Children are forked from one process that has imported torch; else each is a fresh Python."""
    isolation: Level
    scratch: str
    """Folder for the scratch folders of the submissions."""
    work: Work


class Submit(msgspec.Struct, frozen=True, kw_only=True):
    """A submission to be graded."""

    number: int
    task: Task


class Ready(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The server has torch; what waits for a result waits for its turn from now on."""


class Progress(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What a submission waits for from now on."""

    number: int
    text: str


class Kept(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A capture, unread, for a task that keeps them."""

    number: int
    captured: Captured


class Done(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A submission's result."""

    number: int
    examined: Examined


class CaptureJob(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What one capture child is to do."""

    task: Task
    scratch: str
    """Its own folder: where it works, and its home."""
    isolation: Level
    function: str


class GradeJob(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What a grader child is to do."""

    function: str


class End(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """End a child: at once, or after `patience` seconds if it has not ended by itself."""

    pid: int
    patience: float


class Started(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A child has been forked."""

    pid: int


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A child is gone, and all that it left behind."""

    code: int | None
    """Exit status, or minus the signal's number; None if it had to be killed."""


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """First word of a capture child, before it runs anything of the submission."""

    sandbox: tuple[str, ...]
    """What holds it."""


class Examine(msgspec.Struct, frozen=True, kw_only=True):
    """A captured network for the grader child."""

    task: Task
    blob: bytes


class Refusal(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Why the grader child has no facts of a network."""

    message: str
    ours: bool = False
    """The fault is netgrade's, not the submission's."""


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The grader child's facts of a network."""

    facts: Facts
    summary: str = ""
    """torchinfo's table; empty where nobody asked."""


Job = CaptureJob | GradeJob
Said = Hello | Found | Captured | Failure
"""All that a capture child may say."""
