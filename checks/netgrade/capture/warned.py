"""Shows a submission's warnings at the student's own lines."""

import contextlib
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator

from netgrade.capture.errors import cut
from netgrade.capture.files import Files

_TEXT = 400


@contextlib.contextmanager
def at_own_lines(files: Files) -> Iterator[None]:
    """Let each warning name the student's line that led to it, whoever raises it, and put the filters back afterwards.

    Torch takes the line that called it for the guilty one, and that is one of ours while tensors are kept on the CPU.
    """
    with warnings.catch_warnings():
        warnings.showwarning = _show(files)
        yield


def _show(files: Files) -> Callable[..., None]:
    def show(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
        frame = sys._getframe()  # noqa: SLF001 - the interpreter offers no public way to the stack
        stack = ((files.name(each.f_code.co_filename), line) for each, line in traceback.walk_stack(frame))
        place = next((f"{name}:{line}: " for name, line in stack if name), "")
        sys.stderr.write(f"{place}{category.__name__}: {cut(' '.join(str(message).split()), _TEXT)}\n")

    return show
