"""What a command line says of training, and its mistakes. No torch."""

import os
from pathlib import Path

import msgspec

from netgrade.names import did_you_mean
from netgrade.training.messages import Device


class OptionError(ValueError):
    """An option that can't be used; the text names it, the value and what to do."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How and where networks are trained."""

    device: Device
    output: Path
    """Folder for records and curves, absolute."""
    data_root: Path | None
    """Absolute; None for the usual places."""
    anyway: bool
    """Train a network even if it breaks a rule."""
    timeout: float
    """Seconds for one seed."""


def options(  # noqa: PLR0913 - one an option
    *, device: Device, output: str, data_root: str | None, anyway: bool, timeout: float, start: Path
) -> Options:
    """Return the options, with paths seen from the folder that the command starts in.

    Raises:
        OptionError: There is no such folder of data, or none can be made for the records.
    """
    root = start / Path(data_root).expanduser() if data_root else None
    if root and data_root and not root.is_dir():
        raise OptionError(f"--data-root {data_root}: {_no_folder(root)}")
    return Options(
        device=device, output=start / Path(output).expanduser(), data_root=root, anyway=anyway, timeout=timeout
    )


def hold_output(options: Options, option: str) -> None:
    """Look whether records can be written, before minutes are spent on a training.

    Args:
        options: Of the command line.
        option: What the folder's option is called.

    Raises:
        OptionError: They can't.
    """
    folder = options.output
    while not os.path.lexists(folder):
        folder = folder.parent
    if not folder.is_dir():
        raise OptionError(f"{option} {options.output}: {folder} is no folder; name another")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OptionError(f"{option} {options.output}: nothing may be written into {folder}; name another folder")


def _no_folder(root: Path) -> str:
    if root.exists():
        return "no folder; name the one that holds the data, such as the one above MNIST"
    beside = [entry.name for entry in root.parent.iterdir() if entry.is_dir()] if root.parent.is_dir() else []
    return f"no such folder{did_you_mean(root.name, beside) or '; make it first, and the data are downloaded into it'}"
