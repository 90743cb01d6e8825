"""What the capture child does: loads one submission and captures each of its networks."""

from collections.abc import Callable
from pathlib import Path

from netgrade.capture.errors import SubmissionError, raised
from netgrade.capture.load import Candidate, Loaded, load
from netgrade.capture.network import capture_network
from netgrade.capture.warned import at_own_lines
from netgrade.messages import OURS, Captured, Failure, Found, Task

Send = Callable[[Found | Captured | Failure], None]


def capture(task: Task, send: Send) -> None:
    """Load a submission and send what was found, then a capture or a failure for each network in order."""
    try:
        loaded = load(Path(task.path), task.network)
    except SubmissionError as error:
        send(error.failure)
        return
    send(Found(candidates=tuple(candidate.name for candidate in loaded.candidates), way=loaded.way, notes=loaded.notes))
    for candidate in loaded.candidates:
        with at_own_lines(loaded.files):
            captured = _capture(candidate, loaded, task)
        send(captured)


def _capture(candidate: Candidate, loaded: Loaded, task: Task) -> Captured | Failure:
    try:
        blob = capture_network(candidate.name, candidate.build, task.input_shape, loaded.files, task.seeds)
    except SubmissionError as error:
        if error.failure.error == "NameError" and loaded.way == "definitions":
            return _capture_from_whole_file(candidate, task, error.failure)
        return error.failure
    except BaseException as error:  # noqa: BLE001 - a fault of ours must not take the file's other networks with it
        return raised(
            error, stage="capture", what="the capture ended with an error", files=loaded.files,
            network=candidate.name, hint=OURS,
        )  # fmt: skip
    return Captured(network=candidate.name, blob=blob)


def _capture_from_whole_file(candidate: Candidate, task: Task, first: Failure) -> Captured | Failure:
    """Forward misses a name that the definitions alone don't give: run the whole file, and try once more."""
    try:
        loaded = load(Path(task.path), candidate.name, whole_file=True)
    except SubmissionError:
        return first
    return _capture(loaded.candidates[0], loaded, task)
