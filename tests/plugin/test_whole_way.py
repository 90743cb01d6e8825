"""The whole way, from the command to the verdicts, on real networks. Each run imports torch: there are few."""

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Golden
    from tests.plugin.conftest import Start

MODELS = Path(__file__).parents[2] / "models"
PARAMETERS = {"net_12k": 11_950, "net_19k": 18_962, "net_6k": 6_456, "net_8k": 7_544, "netv3": 13_808}

TWO = """
import torch.nn.functional as F
from torch import nn


class Flat(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return self.fc(x.flatten(1))


class FiveOnly(Flat):
    def forward(self, x):
        return self.fc(x.view(5, -1))
"""


def tables(printed: str) -> str:
    """The heading and the table of each network."""
    found = re.findall(r"^models/\S+ · .*?^        total .*?$\n", printed, re.MULTILINE | re.DOTALL)
    return "\n".join(found)


def test_the_reference_submissions(start: "Start", golden: "Golden") -> None:
    shutil.copytree(MODELS, start.folder / "models", ignore=shutil.ignore_patterns("__pycache__"))
    start.write("two.py", TWO)
    result = start.grade("--model-path", "models", "--model-path=two.py", "-v", "-rf")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert re.findall(r"^FAILED (\S+)", result.stdout.str(), re.MULTILINE) == [
        "models/net_12k.py::dropout",
        "two.py::Flat::batch-norm",
        "two.py::Flat::dropout",
        "two.py::Flat::global-average-pooling",
        "two.py::FiveOnly::loads",
    ]
    found = re.findall(r"^models/(\w+)\.py · \w+ · ([\d,]+) parameters", result.stdout.str(), re.MULTILINE)
    assert {name: int(number.replace(",", "")) for name, number in found} == PARAMETERS
    for table in re.findall(r"  line .*?total .*?$", tables(result.stdout.str()), re.MULTILINE | re.DOTALL):
        *layers, total = [line.split() for line in table.partition("MACs\n")[2].splitlines() if line]
        for column in (-3, -1):
            figures = [int(cells[column].replace(",", "")) for cells in layers if cells[column] != "–"]
            assert sum(figures) == int(total[1 if column == -3 else 2].replace(",", ""))
    golden.check("reference-submissions.txt", tables(result.stdout.str()))
    result.stdout.fnmatch_lines(
        [
            "two.py · FiveOnly",
            "  ✗ loads  *forward raises on a batch of *",
            "*two.py:17  return self.fc(x.view(5, -1))",
            "*RuntimeError: shape '[[]5, -1]' is invalid *",
            "two.py has 2 networks; grade one of them with --model-path=two.py::FiveOnly",
        ]
    )


def test_a_network_that_the_file_does_not_have(start: "Start") -> None:
    start.write("two.py", TWO)
    result = start.grade("--model-path", "two.py::Flatt")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: --model-path two.py::Flatt: unknown network `Flatt`; did you mean `Flat`? (networks: Flat, FiveOnly)"]
    )


def test_the_server_under_xdist(start: "Start") -> None:
    shutil.copy(MODELS / "net_12k.py", start.folder)
    result = start.grade("--model-path=net_12k.py", "-p", "xdist", "-n2", "-k", "dropout or batch-norm")
    assert result.parseoutcomes() == {"failed": 1, "passed": 1}
    result.stdout.fnmatch_lines(["net_12k.py · Net12K · 11,950 parameters · *"])
