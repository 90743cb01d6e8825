"""Captures one network: five forwards recorded, two graphs made of them, the fidelity probe, one blob."""

import contextlib
import linecache
from collections.abc import Callable
from typing import NamedTuple

import msgspec
import torch
from torch import nn

from netgrade.capture import walk
from netgrade.capture.assemble import assemble
from netgrade.capture.drafts import Unrecordable
from netgrade.capture.errors import SubmissionError, describe
from netgrade.capture.files import Files
from netgrade.capture.forward import Subject, attempt, record, seed
from netgrade.capture.loose import loose
from netgrade.capture.probe import TOLERANCE, Gap, difference
from netgrade.capture.unify import Recording, agrees, unify
from netgrade.messages import Failure, Frame
from netgrade.program.codec import encode
from netgrade.program.errors import Refused
from netgrade.program.model import Capture, Site
from netgrade.program.program import Program, checked

EVAL_BATCHES = (5, 8)
"""Two batch sizes for each graph, so that what scales with them can be told from what doesn't."""
TRAIN_BATCHES = (4, 8)
"""Both can be split in two and in four, as ghost batch norm does while it trains."""


class _Recorded(NamedTuple):
    """A network built from one seed, with both graphs recorded."""

    subject: Subject
    evaluation: Recording
    capture: Capture
    tensors: tuple[torch.Tensor, ...]


def capture_network(
    name: str,
    construct: Callable[[], nn.Module],
    input_shape: tuple[int, ...],
    files: Files,
    seeds: tuple[int, ...] = (0,),
) -> bytes:
    """Construct a network from each seed, record it, and return its blob: the graphs, and a set of tensors a seed.

    Raises:
        SubmissionError: it raises, returns something else than a tensor, does what no recorded graph can hold, or is
            another network for another seed.
    """
    seed(seeds[0])
    subject = Subject(name, construct(), input_shape, files)
    try:
        first = _recorded(subject)
        program = checked(first.capture, first.tensors)
        capture = _with_single(first.capture, subject, first.evaluation)
        others = [_other(subject, construct, number, first.capture) for number in seeds[1:]]
        blob = encode(capture, first.tensors, *others)
        _probe(subject, program)
    except Unrecordable as refusal:
        raise SubmissionError(_failure(str(refusal), refusal.site, _cause(refusal, subject), subject)) from refusal
    except Refused as refusal:
        raise SubmissionError(_failure(str(refusal), Site(), "", subject)) from refusal
    return blob


def _recorded(subject: Subject) -> _Recorded:
    _materialise(subject)
    evaluation = unify(*(record(subject, "eval", batch, salt=batch) for batch in EVAL_BATCHES))
    train = unify(*(record(subject, "train", batch, salt=100 + batch) for batch in TRAIN_BATCHES))
    capture, tensors = assemble(subject.name, subject.input_shape, train, evaluation)
    return _Recorded(subject, evaluation, capture, tuple(tensor.detach().clone() for tensor in tensors))


def _other(
    subject: Subject, construct: Callable[[], nn.Module], number: int, expected: Capture
) -> tuple[torch.Tensor, ...]:
    """Return the tensors that another seed gives the same network."""
    seed(number)
    recorded = _recorded(Subject(subject.name, construct(), subject.input_shape, subject.files))
    if recorded.capture != expected:
        raise Unrecordable(
            f"the network that is built from the random seed {number} is not the one that is built from another",
            Site(),
            "build the same layers whatever random numbers are drawn",
        )
    return recorded.tensors


def _materialise(subject: Subject) -> None:
    """Let the network see one batch, so that layers which are made by the first one exist before anything is recorded.

    What it raises, it raises again while it is recorded, where more is known of it.
    """
    subject.network.eval()
    with torch.no_grad(), contextlib.suppress(SubmissionError):
        images = torch.randn((EVAL_BATCHES[0], *subject.input_shape))
        attempt(subject, lambda: subject.network(images), what="forward raises")


def _with_single(capture: Capture, subject: Subject, evaluation: Recording) -> Capture:
    """Record a batch of one, which must do the same; what it raises goes into the capture, for the rule on shapes."""
    try:
        single = record(subject, "eval", 1, salt=1)
    except SubmissionError as error:
        return msgspec.structs.replace(capture, single=describe(error.__cause__ or error)[:200])
    if not agrees(evaluation, single):
        raise Unrecordable(
            "forward does something else for a batch of one image than for several",
            evaluation.drafts[-1].site if evaluation.drafts else Site(),
            "a network must do the same for every batch",
        )
    return capture


def _cause(refusal: Unrecordable, subject: Subject) -> str:
    """Name the plain list whose layers keep their mode and their statistics to themselves, if there is one."""
    return ("; ".join(loose(subject.network)) if refusal.outside else "") or refusal.hint


def _probe(subject: Subject, program: Program) -> None:
    gap = attempt(
        subject,
        lambda: difference(subject.network, program),
        what="a training step raises on a batch of four images",
    )
    if not isinstance(gap, Gap) or max(gap) <= TOLERANCE:
        return
    by = f"{max(gap):.2g}"
    message = f"the network is not what its recorded graph shows: after two training steps the scores differ by {by}"
    only_eval = (
        "its train() method, or something else outside of forward, changes statistics; ghost batch norm does that"
    )
    hint = _suspects(subject.network) if gap.train > TOLERANCE else f"only in eval mode: {only_eval}"
    raise SubmissionError(Failure(stage="probe", message=message, network=subject.name, hint=hint))


def _suspects(network: nn.Module) -> str:
    hooked = [
        name or type(network).__name__
        for name, module in walk.modules(network)
        if module._backward_hooks or module._backward_pre_hooks  # noqa: SLF001 - hooks have no public list
    ]
    hooked += [name for name, parameter in walk.parameters(network) if parameter._backward_hooks]  # noqa: SLF001 - the same
    if hooked:
        return f"`{hooked[0]}` has a backward hook; remove it"
    return (
        "look for an autograd.Function with a backward of its own, a hook, torch.no_grad() around an in-place write, "
        ".item(), .numpy() or Python's random numbers in forward"
    )


def _failure(message: str, site: Site, hint: str, subject: Subject) -> Failure:
    frames = (_frame(subject.files, site, site.line),) if site.line is not None else ()
    return Failure(stage="capture", message=message, network=subject.name, frames=frames, hint=hint)


def _frame(files: Files, site: Site, line: int) -> Frame:
    if site.cell is not None:
        return Frame(file=f"cell {site.cell}", line=line, code=linecache.getline(files.cell(site.cell), line).strip())
    path = next((folder / site.file for folder in (files.path.parent, files.root) if site.file), files.path)
    return Frame(file=site.file or path.name, line=line, code=linecache.getline(str(path), line).strip())
