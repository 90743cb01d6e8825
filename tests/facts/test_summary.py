"""torchinfo's table of the rebuilt program: its total is ours, and nothing in it fails a network."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
import torchinfo
from torch import Tensor, nn

from netgrade.facts import summary
from netgrade.facts.model import Facts
from netgrade.facts.summary import of_program
from netgrade.messages import Task
from netgrade.program.program import Program
from netgrade.sandbox.client import Server

if TYPE_CHECKING:
    from tests.conftest import Golden

_ROOT = Path(__file__).parents[2]
_SAMPLES = [
    *sorted((_ROOT / "models").glob("*.py")),
    *(
        _ROOT / "tests" / "submissions" / name
        for name in (
            "architecture/looped_50_times.py",
            "architecture/linear_by_einsum.py",
            "budget/frozen_part.py",
            "budget/in_buffer.py",
            "budget/parameter_in_eval_only.py",
            "budget/tied_by_name.py",
            "budget/tied_weights.py",
            "budget/unused_parameters.py",
            "budget/weight_norm.py",
            "forward/dense_connections.py",
            "presence/stochastic_depth.py",
        )
    ),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server.start() as started:
        for path in _SAMPLES:
            started.submit(_task(path))
        yield started


def _task(path: Path) -> Task:
    return Task(path=str(path), timeout=120.0, summary=True)


def _total(text: str) -> int:
    (line,) = (line for line in text.splitlines() if line.startswith("Total params: "))
    return int(line.removeprefix("Total params: ").replace(",", ""))


@pytest.mark.parametrize("path", _SAMPLES, ids=lambda path: path.stem)
def test_its_total_is_ours(server: Server, path: Path) -> None:
    examined = server.result(_task(path))
    for facts, text in zip(examined.networks, examined.summaries, strict=True):
        assert isinstance(facts, Facts)
        assert _total(text) == facts.total
        assert "netgrade" not in text


def test_a_table(server: Server, golden: "Golden") -> None:
    (text,) = server.result(_task(_ROOT / "models" / "netv3.py")).summaries
    lines = [line.rstrip() for line in text.splitlines()]
    golden.check("torchinfo-netv3.txt", "\n".join(lines) + "\n")
    rows = [line.split()[-1].replace(",", "") for line in lines if line.startswith(("├", "└"))]
    assert sum(int(each) for each in rows if each.isdigit()) == 13_808


def test_nobody_pays_who_does_not_ask(server: Server) -> None:
    task = Task(path=str(_SAMPLES[0]), timeout=120.0)
    server.submit(task)
    assert server.result(task).summaries == ()


class Flat(nn.Module):
    """It fails on a single image, which is left without its first dimension."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Conv2d(1, 10, 28)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(x).squeeze().log_softmax(1)


class Complex(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(784, 10, dtype=torch.complex64))

    def forward(self, x: Tensor) -> Tensor:
        return (x.flatten(1).to(torch.complex64) @ self.weight).real


def test_what_can_not_run_on_one_image_is_shown_for_four(program_of: Callable[..., Program]) -> None:
    text = of_program(program_of(Flat))
    assert "Conv2d (head)" in text
    assert "[4, 10]" in text


def test_what_torchinfo_counts_otherwise_is_said(program_of: Callable[..., Program]) -> None:
    text = of_program(program_of(Complex))
    assert text.endswith(
        "\ntorchinfo counts 7,840 parameters and netgrade 15,680: for netgrade a complex number is two, and a whole "
        "number as many as it has bytes"
    )


def test_a_failure_of_torchinfo_is_one_line(
    program_of: Callable[..., Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("Failed to run torchinfo") from ValueError("no such\nlayer")

    monkeypatch.setattr(torchinfo, "summary", fail)
    assert of_program(program_of(Flat)) == "torchinfo has no summary of this network: no such"


def test_a_graph_that_is_too_long_is_not_shown(
    program_of: Callable[..., Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summary, "_MOST", 2)
    assert of_program(program_of(Flat)) == "torchinfo is not asked about a graph of 3 operators; 2 are the most"
