"""How a submission's fault becomes a `Failure` that a student can read."""

import linecache
import traceback

from netgrade.capture.files import Files
from netgrade.messages import Failure, Frame, Stage

_TEXT = 400
_WORDS = 10_000
"""Characters of an exception's text that are looked at."""
_CODE = 160
_FRAMES = 6


class SubmissionError(Exception):
    """The submission can't be graded, and why.

    Attributes:
        failure: What the student is told.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def raised(  # noqa: PLR0913 - each is one field of the failure
    error: BaseException, *, stage: Stage, what: str, files: Files, network: str | None = None, hint: str = ""
) -> Failure:
    """Return the failure for an exception that the student's code raised.

    `what` says what was being done, "Net() raises"; the exception's own words follow it.
    """
    return Failure(
        stage=stage,
        message=f"{what}: {describe(error)}",
        network=network,
        error=type(error).__name__,
        frames=student_frames(error, files),
        hint=hint,
    )


def describe(error: BaseException) -> str:
    """Return an exception's type and its first words, `RuntimeError: shape '[-1, 216]' is invalid`, on one line."""
    text = " ".join(words(error).split())
    return f"{type(error).__name__}: {cut(text, _TEXT)}" if text else type(error).__name__


def words(error: BaseException) -> str:
    """Return the text of an exception; an empty one where a student's own exception fails to print."""
    try:
        return str(error)[:_WORDS]
    except BaseException:  # noqa: BLE001 - it may raise anything, SystemExit included
        return ""


def cut(text: str, length: int) -> str:
    """Return the text, shortened to `length` characters."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def student_frames(error: BaseException, files: Files) -> tuple[Frame, ...]:
    """Return the exception's traceback cut to the student's own files, innermost last.

    Of a long one, as a recursion gives, only the outermost and the innermost frames are kept. A syntax error in a
    sibling is the innermost frame.
    """
    frames = [
        Frame(file=name, line=line, code=_code(frame.f_code.co_filename, line))
        for frame, line in traceback.walk_tb(error.__traceback__)
        if (name := files.name(frame.f_code.co_filename)) is not None
    ]
    if isinstance(error, SyntaxError) and error.filename and (name := files.name(error.filename)) is not None:
        frames.append(Frame(file=name, line=error.lineno or 1, code=cut((error.text or "").strip(), _CODE)))
    if len(frames) > _FRAMES:
        frames = [frames[0], *frames[1 - _FRAMES :]]
    return tuple(frames)


def _code(filename: str, line: int) -> str:
    return cut(linecache.getline(filename, line).strip(), _CODE)
