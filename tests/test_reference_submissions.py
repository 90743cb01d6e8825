"""The reference submissions in models/: their parameters, their layer tables, and what each assignment says of them."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from netgrade import assignment
from netgrade.facts.model import Facts
from netgrade.grading import judge
from netgrade.messages import Task
from netgrade.reports.layers import table
from netgrade.sandbox.client import Server

if TYPE_CHECKING:
    from tests.conftest import Golden

_FOLDER = Path(__file__).parents[1] / "models"
_PARAMETERS = {"net_6k": 6_456, "net_8k": 7_544, "net_12k": 11_950, "netv3": 13_808, "net_19k": 18_962}
_FIELDS = {"net_6k": 26, "net_8k": 22, "net_12k": 38, "netv3": 22, "net_19k": 32}
_BUDGET = {"net_12k": ["parameter-budget"], "netv3": ["parameter-budget"], "net_19k": ["parameter-budget"]}


@pytest.fixture(scope="module")
def facts() -> dict[str, Facts]:
    tasks = {name: Task(path=str(_FOLDER / f"{name}.py"), timeout=120.0) for name in _PARAMETERS}
    with Server.start() as server:
        for task in tasks.values():
            server.submit(task)
        networks = {name: server.result(task).networks[0] for name, task in tasks.items()}
    assert all(isinstance(network, Facts) for network in networks.values()), networks
    return {name: network for name, network in networks.items() if isinstance(network, Facts)}


def test_there_is_no_other() -> None:
    assert {path.stem for path in _FOLDER.glob("*.py")} == set(_PARAMETERS)


@pytest.mark.parametrize("name", _PARAMETERS)
def test_parameters(facts: dict[str, Facts], name: str) -> None:
    assert facts[name].total == facts[name].trainable == _PARAMETERS[name]
    assert facts[name].hidden == ()


@pytest.mark.parametrize("name", _PARAMETERS)
def test_receptive_field(facts: dict[str, Facts], name: str) -> None:
    assert facts[name].field == _FIELDS[name]


@pytest.mark.parametrize("name", _PARAMETERS)
def test_layer_table(facts: dict[str, Facts], name: str, golden: "Golden") -> None:
    lines = list(table(facts[name], verbosity=1, width=100))
    golden.check(f"layers-{name}.txt", "\n".join(lines) + "\n")
    column = [
        int(line.split()[-3].replace(",", "")) for line in lines[1:-1] if line.split()[-3].replace(",", "").isdigit()
    ]
    assert sum(column) == _PARAMETERS[name]


@pytest.mark.parametrize("name", _PARAMETERS)
def test_mnist_20k(facts: dict[str, Facts], name: str) -> None:
    """All keep it but the one without dropout, which breaks that rule alone."""
    assert _broken(facts[name], "mnist-20k") == (["dropout"] if name == "net_12k" else [])


@pytest.mark.parametrize("name", _PARAMETERS)
def test_mnist_8k(facts: dict[str, Facts], name: str) -> None:
    expected = _BUDGET.get(name, []) + (["dropout"] if name == "net_12k" else [])
    assert _broken(facts[name], "mnist-8k") == expected


def _broken(facts: Facts, name: str) -> list[str]:
    return [
        verdict.rule
        for verdict in judge(facts, assignment.load(name, folder=_FOLDER))
        if verdict.outcome not in ("passed", "skipped")
    ]
