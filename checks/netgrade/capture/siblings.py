"""Lets a submission import the files beside it."""

import sys
import zlib
from collections.abc import Iterable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from netgrade.capture.files import Files

_OURS = frozenset({"PIL", "msgspec", "netgrade", "safetensors", "torchvision"})
"""Packages that a sibling of the same name must not replace, besides Python's own and those already imported."""


class _Siblings:
    """Finds some modules in the submission's folders, before the installed packages of the same names."""

    def __init__(self, names: frozenset[str], folders: list[str]) -> None:
        self._names = names
        self._folders = folders

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:
        del target  # part of the protocol
        if path is not None or name not in self._names or name in sys.modules:
            return None
        spec = PathFinder.find_spec(name, self._folders)
        return spec if spec and spec.origin else None


def join(files: Files, imports: Iterable[str]) -> str:
    """Make the files beside a submission importable, for the rest of the process.

    The submission's folder and those above it, up to its repository's, are searched after Python's own modules and the
    installed packages. Only what the submission itself imports is first looked for beside it: many an installation
    holds a stray package called `utils` or `models`.

    Args:
        files: the submission.
        imports: top-level names of the modules that it imports.

    Returns:
        The package that its relative imports start from.
    """
    folders = [str(folder) for folder in _folders(files)]
    sys.path += [folder for folder in folders if folder not in sys.path]
    names = frozenset(imports) - sys.stdlib_module_names - _OURS
    sys.meta_path.insert(0, _Siblings(names, folders))
    return _package(files)


def is_sibling(files: Files, module: str) -> bool:
    """Return whether a module of this top-level name lies beside the submission, or above it in its repository."""
    return any((folder / f"{module}.py").is_file() or (folder / module).is_dir() for folder in _folders(files))


def hidden(files: Files, module: str) -> str | None:
    """Return the sibling that Python's own or an installed module of the same name hides, if there is one."""
    file = files.path.parent / f"{module}.py"
    loaded = getattr(sys.modules.get(module), "__file__", None)
    return file.name if file.is_file() and loaded != str(file) else None


def _folders(files: Files) -> list[Path]:
    return [folder for folder in files.path.parents if folder.is_relative_to(files.root)]


def _package(files: Files) -> str:
    """Register a package for each folder from the repository's down, without running any `__init__.py`."""
    name = f"netgrade_submission_{zlib.crc32(bytes(files.path)):08x}"
    folder = files.root
    _register(name, str(folder))
    for part in files.path.parent.relative_to(files.root).parts:
        folder /= part
        name = f"{name}.{part.replace('.', '_')}"
        _register(name, str(folder))
    return name


def _register(name: str, folder: str) -> None:
    module = ModuleType(name)
    module.__path__ = [folder]
    sys.modules[name] = module
