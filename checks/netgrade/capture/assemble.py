"""Puts a train and an eval recording together as one capture: one list of tensors, values numbered in sequence."""

import dataclasses
from collections.abc import Mapping, Sequence

from torch import Tensor

from netgrade.capture.drafts import Draft, Kept
from netgrade.capture.unify import Recording
from netgrade.program.model import Argument, Capture, Graph, Node, Stored, Value, operands


def assemble(
    name: str, input_shape: Sequence[int], train: Recording, evaluation: Recording
) -> tuple[Capture, list[Tensor]]:
    """Return the capture and its tensors.

    Parameters are stored whether or not anything reads them; buffers and constants only if an operator does.

    Args:
        name: the class or factory.
        input_shape: of one image.
        train: the unified recording in train mode.
        evaluation: the unified recording in eval mode.
    """
    kept = [item for recording in (train, evaluation) for item in recording.kept if item.kind != "constant"]
    constants = [item for recording in (train, evaluation) for item in recording.kept if item.kind == "constant"]
    trimmed = {"train": _without_bookkeeping(train), "eval": _without_bookkeeping(evaluation)}
    read = {
        _identity(recording.kept[-1 - index]) for recording in trimmed.values() for index in _stored_reads(recording)
    }
    unique = {_identity(item): item for item in (*kept, *constants)}
    stored = [item for key, item in unique.items() if item.kind == "parameter" or key in read]
    place = {_identity(item): 1 + number for number, item in enumerate(stored)}
    capture = Capture(
        format=1,
        network=name,
        input_shape=tuple(input_shape),
        stored=tuple(
            Stored(item.name[:200], item.kind, item.trainable, item.site)  # type: ignore[arg-type]  # mypy widens the recorder's kinds
            for item in stored
        ),
        train=_graph(trimmed["train"], place, len(stored)),
        eval=_graph(trimmed["eval"], place, len(stored)),
    )
    return capture, [item.tensor for item in stored]


def _identity(item: Kept) -> int:
    return id(item.tensor if item.original is None else item.original)


def _without_bookkeeping(recording: Recording) -> Recording:
    """Leave out what only brings a buffer up to date, such as batch norm's step counter."""
    drafts = list(recording.drafts)
    while True:
        read = {index for draft in drafts for index in _reads(draft)} | {recording.output}
        kept = [draft for draft in drafts if not (draft.state and draft.first not in read)]
        if len(kept) == len(drafts):
            return dataclasses.replace(recording, drafts=drafts)
        drafts = kept


def _reads(draft: Draft) -> list[int]:
    return [index for argument in (*draft.args, *draft.kwargs.values()) for index in operands(argument)]


def _stored_reads(recording: Recording) -> set[int]:
    read = {index for draft in recording.drafts for index in _reads(draft)} | {recording.output}
    return {index for index in read if index < 0}


def _graph(recording: Recording, place: Mapping[int, int], stored: int) -> Graph:
    numbers = {0: 0}
    numbers |= {
        -1 - position: place[_identity(item)]
        for position, item in enumerate(recording.kept)
        if _identity(item) in place
    }
    following = 1 + stored
    nodes = []
    for draft in recording.drafts:
        nodes.append(
            Node(
                op=draft.op,
                args=tuple(_renumbered(argument, numbers) for argument in draft.args),
                kwargs={name: _renumbered(argument, numbers) for name, argument in draft.kwargs.items()},
                results=draft.results,
                grad=draft.grad,
                site=draft.site,
            )
        )
        for result in range(draft.results):
            numbers[draft.first + result] = following + result
        following += draft.results
    return Graph(nodes=tuple(nodes), output=numbers[recording.output])


def _renumbered(argument: Argument, numbers: Mapping[int, int]) -> Argument:
    if isinstance(argument, tuple):
        return tuple(Value(numbers[item.index]) if isinstance(item, Value) else item for item in argument)
    return Value(numbers[argument.index]) if isinstance(argument, Value) else argument
