"""One network in a warm process: captured, without a fork, and examined."""

import importlib.util
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from torch import nn

from netgrade.capture.files import Files
from netgrade.capture.network import capture_network
from netgrade.facts.examine import examine

if TYPE_CHECKING:
    from tests.benchmarks.conftest import Measure

_MODELS = Path(__file__).parents[2] / "models"
_SHAPE = (1, 28, 28)
_ROUNDS = 30

every_model = pytest.mark.parametrize("path", sorted(_MODELS.glob("*.py")), ids=lambda path: path.stem)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Compute as the capture child and the grader child do."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def limited() -> Iterator[None]:
    """Have memory bounded as in the grader child, which then needs no pass on the meta device."""
    before = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (64 * 2**30, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_DATA, before)


def network(path: Path) -> type[nn.Module]:
    """Import the one network of a reference submission."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (found,) = (each for each in vars(module).values() if isinstance(each, type) and each.__module__ == path.stem)
    return found


@every_model
def test_capture(measure: "Measure", path: Path) -> None:
    model, files = network(path), Files(path=path, root=path.parent)
    assert measure(
        f"capture of {path.stem}",
        lambda: capture_network(path.stem, model, _SHAPE, files),
        rounds=_ROUNDS,
        warm_up=3,
        goal="at most 0.03 s",
    )


@every_model
@pytest.mark.usefixtures("limited")
def test_examine(measure: "Measure", path: Path) -> None:
    blob = capture_network(path.stem, network(path), _SHAPE, Files(path=path, root=path.parent))
    facts = measure(
        f"examination of {path.stem}",
        lambda: examine(blob, _SHAPE),
        rounds=_ROUNDS,
        warm_up=3,
        goal="at most 0.03 s",
    )
    assert facts.network == path.stem
