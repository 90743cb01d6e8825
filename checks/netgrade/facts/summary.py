"""torchinfo's table of a rebuilt program. torchinfo counts on its own, so that its total is a second opinion."""

import torchinfo

from netgrade.facts.examine import BATCH
from netgrade.facts.parameters import elements
from netgrade.facts.trial import images
from netgrade.program.module import module
from netgrade.program.program import Program, read

_MOST = 1_000
"""Operators, and so lines of the table."""
_WIDTH = 20
"""Characters of a column."""


def summary(blob: bytes) -> str:
    """Return the table of the graph that is trained, for one image, or why there is none.

    A graph that can't run on one image is run on a batch of four. The text has at most some 1,000 lines of
    some 200 characters.

    Raises:
        Refused: the blob is not a program.
    """
    return of_program(read(blob))


def of_program(program: Program) -> str:
    """Return what `summary` does, for a program."""
    if len(program.train) > _MOST:
        return f"torchinfo is not asked about a graph of {len(program.train):,} operators; {_MOST:,} are the most"
    try:
        return _table(program, 1)
    except Exception:  # noqa: BLE001 - torchinfo is not ours, and its table decides nothing
        try:
            return _table(program, BATCH)
        except Exception as error:  # noqa: BLE001 - the same
            return f"torchinfo has no summary of this network: {_why(error)}"


def _table(program: Program, batch: int) -> str:
    found = torchinfo.summary(
        module(program, "train"),
        input_data=images(program.capture.input_shape, batch, 1),
        mode="train",
        col_names=("output_size", "num_params"),
        col_width=_WIDTH,
        row_settings=("var_names",),
        verbose=0,
    )
    found.formatting.macs_units = (
        found.formatting.params_units
    )  # exact, as its parameters are, and not `Units.MEGABYTES`
    ours = sum(
        elements(tensor)
        for stored, tensor in zip(program.capture.stored, program.tensors, strict=True)
        if stored.kind == "parameter"
    )
    if found.total_params == ours:
        return str(found)
    return (
        f"{found}\ntorchinfo counts {found.total_params:,} parameters and netgrade {ours:,}: for netgrade a complex "
        "number is two, and a whole number as many as it has bytes"
    )


def _why(error: Exception) -> str:
    cause = error.__cause__ or error
    return (str(cause) or type(cause).__name__).splitlines()[0][:300]
