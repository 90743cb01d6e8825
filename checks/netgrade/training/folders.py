"""Where data sets are looked for. No torch."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from netgrade.training.datasets import Known

VARIABLE = "NETGRADE_DATA"


class Folder(msgspec.Struct, frozen=True):
    """A folder that may hold data sets, as torchvision lays them out."""

    path: Path
    source: str
    """Who named it: `--data-root`."""

    def __str__(self) -> str:
        return f"{self.path} ({self.source})"


def places(root: str | None, environ: Mapping[str, str]) -> list[Folder]:
    """Return the folders to look in: the one that was given, the environment's, the user's cache; each once.

    Args:
        root: What `--data-root` gives.
        environ: The process's environment.
    """
    named = [(root, "--data-root"), (environ.get(VARIABLE), VARIABLE), (str(cache(environ)), "the cache")]
    folders: dict[Path, Folder] = {}
    for path, source in named:
        if path:
            absolute = Path(os.path.abspath(os.path.expanduser(path)))  # noqa: PTH100, PTH111 - pathlib keeps `..`
            folders.setdefault(absolute, Folder(absolute, source))
    return list(folders.values())


def missing(known: Known, folder: Path) -> str | None:
    """Return the first of a data set's files that a folder lacks, seen from the folder; None if it has them all."""
    return next(
        (str(Path(known.folder, file)) for file in known.files if not (folder / known.folder / file).is_file()), None
    )


def meant(known: Known, folder: Path) -> Path | None:
    """Return the folder that was meant, where one was given that lies too deep, or whose own parts hold the files."""
    above = [folder.parent, folder.parent.parent]
    return next((near for near in above if missing(known, near) is None), None)


def cache(environ: Mapping[str, str]) -> Path:
    """Return the folder of the user's that netgrade may keep what it can do without in."""
    home = Path(environ.get("HOME") or Path("~").expanduser())
    given = environ.get("XDG_CACHE_HOME", "")
    if Path(given).is_absolute():  # the standard has a relative one left out
        return Path(given, "netgrade")
    if sys.platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local", "netgrade")
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "netgrade"
