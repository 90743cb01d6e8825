"""Runs one forward of a network under the recorder, and says in a student's words what went wrong in it."""

import dis
import linecache
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from types import CodeType

import msgspec
import numpy as np
import torch
from torch import Tensor, nn

from netgrade.capture import walk
from netgrade.capture.device import OnCPU
from netgrade.capture.errors import SubmissionError, raised
from netgrade.capture.files import Files
from netgrade.capture.hints import hint
from netgrade.capture.ledger import Ledger
from netgrade.capture.record import Recorder
from netgrade.capture.sites import site
from netgrade.capture.unify import Recording
from netgrade.messages import Failure, Frame

_OWN = str(Path(__file__).parent)
_PASSING = (Recorder.call.__code__, OnCPU.call.__code__)
"""Our own code that only passes a call of the network's on to torch."""
_SAVED = "Inference tensors cannot be saved for backward"
"""What torch says where checkpointing, or an autograd.Function, keeps a tensor for a backward pass."""
_NUMBERS = {1: "one", 4: "four", 5: "five", 8: "eight"}


class Subject(msgspec.Struct, frozen=True):
    """The network being captured, and what is needed to speak of it."""

    name: str
    network: nn.Module
    input_shape: tuple[int, ...]
    files: Files

    @property
    def images(self) -> str:
        """How its images are called: `1×28×28`."""
        return "×".join(map(str, self.input_shape))


def record(subject: Subject, mode: str, batch: int, *, salt: int) -> Recording:
    """Run one forward on random images and return what it did; running statistics are put back afterwards.

    Args:
        subject: the network.
        mode: `train` or `eval`.
        batch: images in the batch.
        salt: makes images and seeds differ from those of other forwards.

    Raises:
        SubmissionError: forward raises, returns no tensor, or replaces a buffer.
        Unrecordable: it does what no graph can hold.
    """
    subject.network.train(mode == "train")
    try:
        return _record(subject, batch, salt, gradients=True)
    except SubmissionError as error:
        if _SAVED not in error.failure.message:
            raise
        return _record(subject, batch, salt, gradients=False)


def _record(subject: Subject, batch: int, salt: int, *, gradients: bool) -> Recording:
    """Record one forward; without gradients, sections under no_grad can't be told, and the probe alone finds them."""
    network, files = subject.network, subject.files
    names = {id(module): name for name, module in walk.modules(network)}
    seed(salt)
    images = torch.randn((batch, *subject.input_shape))
    before = {name: (buffer, buffer.detach().clone()) for name, buffer in walk.buffers(network)}
    ledger = Ledger(images, network, gradients=gradients)
    recorder = Recorder(ledger, lambda: site(names, files.place))
    with torch.inference_mode(), torch.set_grad_enabled(gradients):
        scores = attempt(
            subject,
            lambda: _under(recorder, network, images),
            what=f"forward raises on a batch of {_NUMBERS.get(batch, batch)} {subject.images} images",
            shapes=lambda: recorder.operands,
        )
        if recorder.refusal:
            raise recorder.refusal
        _restore(subject, before)
        return Recording(batch, ledger.drafts, ledger.kept, _output(subject, scores, ledger))


def attempt(
    subject: Subject,
    run: Callable[[], object],
    *,
    what: str,
    shapes: Callable[[], Sequence[tuple[int, ...]]] = tuple,
) -> object:
    """Call the student's code and return what it gives.

    Raises:
        SubmissionError: it raises; the failure names the student's own lines.
    """
    try:
        return run()
    except BaseException as error:
        if _is_ours(error):
            raise
        failure = raised(
            error, stage="forward", what=what, files=subject.files, network=subject.name,
            hint=hint(error, shapes(), subject.input_shape),
        )  # fmt: skip
        raise SubmissionError(failure) from error


def seed(salt: int) -> None:
    """Seed every generator that a network may draw from."""
    torch.default_generator.manual_seed(salt)
    random.seed(salt)
    np.random.seed(salt)  # noqa: NPY002 - the student's code draws from the legacy generator


def _under(recorder: Recorder, network: nn.Module, images: Tensor) -> object:
    with recorder:
        return network(images)


def _is_ours(error: BaseException) -> bool:
    """Tell whether our own recorder raised: its verdicts, and faults that are not the student's.

    Stack and memory run out wherever the last bit is asked for, whoever has used them up.
    """
    if isinstance(error, RecursionError | MemoryError):
        return False
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or not trace.tb_frame.f_code.co_filename.startswith(_OWN):
        return False
    return trace.tb_frame.f_code not in _PASSING


def _restore(subject: Subject, before: dict[str, tuple[Tensor, Tensor]]) -> None:
    after = dict(walk.buffers(subject.network))
    for name, (buffer, values) in before.items():
        if after.get(name) is not buffer:
            raise SubmissionError(
                Failure(
                    stage="capture",
                    message=f"forward replaces its buffer `{name}`: it remembers something from one batch to the next",
                    network=subject.name,
                    hint="a network must give the same scores for the same images, whatever it saw before",
                )
            )
        with torch.no_grad():
            buffer.copy_(values)


def _output(subject: Subject, scores: object, ledger: Ledger) -> int:
    if isinstance(scores, Tensor) and scores.is_floating_point():
        return ledger.value_of(scores)
    if isinstance(scores, Tensor):
        what, advice = f"a tensor of {str(scores.dtype).removeprefix('torch.')}", "return the scores, not the classes"
    elif scores is None:
        what, advice = "None", "end forward with `return x`"
    elif isinstance(scores, tuple | list):
        what, advice = f"a {type(scores).__name__} of {len(scores)} values", "return the scores alone, one tensor"
    else:
        what, advice = f"a {type(scores).__name__}", "return the scores alone, one tensor"
    raise SubmissionError(
        Failure(
            stage="forward",
            message=f"forward returns {what}, not a tensor of scores",
            network=subject.name,
            frames=_returning(subject),
            hint=advice,
        )
    )


def _returning(subject: Subject) -> tuple[Frame, ...]:
    """Return the line at which forward ends, if there is one alone."""
    code = getattr(type(subject.network).forward, "__code__", None)
    if not isinstance(code, CodeType):
        return ()
    endings = (each for each in dis.get_instructions(code) if each.opname.startswith("RETURN_"))
    lines = {each.positions.lineno for each in endings if each.positions and each.positions.lineno}
    name = subject.files.name(code.co_filename)
    if name is None or len(lines) != 1:
        return ()
    (line,) = lines
    return (Frame(file=name, line=line, code=linecache.getline(code.co_filename, line).strip()),)
