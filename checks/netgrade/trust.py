"""Whose configuration is read: the start folder's own, and no other's. No torch, no pytest.

Before any plugin is loaded, pytest takes the value after `--model-path ` for a path argument of its own, makes that
folder its root and reads the ini file there with its `addopts`, which can turn a failing run green. After
`--model-path=` it doesn't. What no plugin can see is `-p` in a foreign ini file: pytest has run that code before this.
"""

import argparse
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path


def is_own(folder: Path, start: Path) -> bool:
    """Whether a folder is the start folder or lies above it."""
    return start.resolve().is_relative_to(folder.resolve())


def foreign(inipath: Path | None, start: Path, arguments: Sequence[str]) -> str | None:
    """Return why a run under this configuration is refused, or None.

    Args:
        inipath: The configuration file in force; None if there is none.
        start: The folder that the command starts in.
        arguments: The command line, as typed, after what PYTEST_ADDOPTS adds to it.
    """
    if inipath is None or is_own(inipath.parent, start) or _chosen(arguments, start) == inipath.resolve():
        return None
    spaced = [after for option, after in pairwise(arguments) if option == "--model-path"]
    way = f"write --model-path={spaced[0]}, with `=`" if spaced else "start pytest in that folder"
    return (
        f"pytest took its configuration from {inipath}, outside the folder that the command starts in ({start}): "
        f"it can turn a failing run green, so nothing was graded; {way}, or choose the configuration with -c FILE"
    )


def own_conftest(inipath: Path | None, start: Path) -> Path | None:
    """Return the nearest conftest.py of the start folder, or of those above it up to the configuration in force."""
    top = configuration_folder(inipath, start)
    for folder in (start, *start.parents):
        if (folder / "conftest.py").is_file():
            return folder / "conftest.py"
        if folder == top:
            break
    return None


def configuration_folder(inipath: Path | None, start: Path) -> Path:
    """Return the topmost folder whose conftest.py may be read."""
    return inipath.parent if inipath and is_own(inipath.parent, start) else start


def _chosen(arguments: Sequence[str], start: Path) -> Path | None:
    """Return the configuration file that the user chose."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("-c", "--config-file", dest="file")
    try:
        chosen = parser.parse_known_args(arguments)[0].file
    except argparse.ArgumentError:
        return None
    return (start / chosen).resolve() if chosen else None
