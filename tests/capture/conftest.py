"""What the tests of loading share: submissions written on the spot, loaded in this process, which is then put back."""

import linecache
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from netgrade.capture.device import keep_on_cpu
from netgrade.capture.errors import SubmissionError
from netgrade.capture.load import Loaded, load
from netgrade.capture.standins import StandIn
from netgrade.messages import Failure


class Folder:
    """A student's folder, a repository of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / ".git").mkdir(parents=True)

    def write(self, text: str | bytes, name: str = "model.py") -> Path:
        """Write a file of that name into the folder, and return its path."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def load(
        self, text: str | bytes, network: str | None = None, *, name: str = "model.py", whole_file: bool = False
    ) -> Loaded:
        """Write a file and load it."""
        return load(self.write(text, name), network, whole_file=whole_file)

    def names(self, text: str | bytes, network: str | None = None) -> list[str]:
        """Write a file, load it, and return the names of its networks."""
        return [candidate.name for candidate in self.load(text, network).candidates]

    def failure(self, text: str | bytes, network: str | None = None, *, name: str = "model.py") -> Failure:
        """Write a file that can't be loaded, and return why."""
        path = self.write(text, name)
        with pytest.raises(SubmissionError) as caught:
            load(path, network)
        return caught.value.failure

    @staticmethod
    def net(
        name: str = "Net", *, build: str = "self.fc = nn.Linear(784, 10)", forward: str = "return self.fc(x.flatten(1))"
    ) -> str:
        """Return the text of a network of one class."""
        return (
            f"import torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n\n"
            f"class {name}(nn.Module):\n"
            f"    def __init__(self):\n        super().__init__()\n        {build}\n\n"
            f"    def forward(self, x):\n        {forward}\n"
        )


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    """Give a student's folder, and put back whatever loading from it changes in the process."""
    path, finders, modules, lines = sys.path[:], sys.meta_path[:], set(sys.modules), dict(linecache.cache)
    yield Folder(tmp_path / "repository")
    while mode := keep_on_cpu(()):
        mode.__exit__(None, None, None)
    sys.path[:], sys.meta_path[:] = path, finders
    for name in sorted(set(sys.modules) - modules, reverse=True):  # a namespace package asks for its parent
        known = vars(sys.modules[name])
        places = [known.get("__file__"), *known.get("__path__", ())]
        if isinstance(sys.modules[name], StandIn) or any(place and str(tmp_path) in place for place in places):
            del sys.modules[name]
    linecache.cache.clear()
    linecache.cache.update(lines)
