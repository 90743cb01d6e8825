"""Trainings from the command, in real processes, on a data set of a few images."""

import json
from typing import TYPE_CHECKING

import pytest
import torch

from netgrade.facts.model import Facts
from netgrade.training.record import read

if TYPE_CHECKING:
    from tests.conftest import Tiny
    from tests.plugin.conftest import Start

TRAIN = ("--model-path=net.py", "--assignment=tiny.toml", "--data-root=data")
ON_CPU = (*TRAIN, "-m", "gpu_train", "--train-device=cpu")
no_cuda = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")


@pytest.fixture
def given(start: "Start", tiny: "Tiny", monkeypatch: pytest.MonkeyPatch) -> "Start":
    """Put a network, its assignment, 80 training and 50 test images in the folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(start.folder / "cache"))
    tiny.put(start.folder)
    return start


def test_a_plain_run_leaves_it_out_and_says_so(given: "Start") -> None:
    result = given.grade(*TRAIN)
    assert result.ret == 0
    assert "1 training left out: add -m gpu_train" in result.stdout.str()
    assert not (given.folder / "netgrade-out").exists()


def test_it_trains_and_keeps_a_record(given: "Start") -> None:
    result = given.grade(*ON_CPU, "-rA", "--seed=3")
    printed = result.stdout.str()
    assert "PASSED net.py::test-accuracy" in printed
    assert "PASSED net.py::untrained-start" in printed
    assert result.ret == 0
    record = read(given.folder / "netgrade-out" / "net-seed3.json")
    assert (record.network, record.data_set, record.device, record.full) == ("Net", "KMNIST", "cpu", False)
    assert (record.trial.seed, record.trial.ending, len(record.trial.epochs)) == (3, "finished", 3)
    assert record.trial.digest
    for epoch in record.trial.epochs:
        assert f"{epoch.loss:.4f}" in printed
    assert not list((given.folder / "netgrade-out").glob("*.checkpoint"))


def test_a_network_that_breaks_a_rule_is_not_trained_but_anyway(given: "Start", tiny: "Tiny") -> None:
    given.write("net.py", tiny.large)
    result = given.grade(*ON_CPU)
    assert result.ret == 1
    assert "not trained, because of parameter-budget" in result.stdout.str()
    assert result.parseoutcomes() == {"failed": 1, "skipped": 1, "deselected": 1}
    assert not (given.folder / "netgrade-out").exists()
    result = given.grade(*ON_CPU, "--train-anyway", "-rA")
    assert "PASSED net.py::test-accuracy" in result.stdout.str()
    assert "not trained" not in result.stdout.str()


def test_a_file_that_cannot_be_loaded_fails_here_too(given: "Start") -> None:
    given.write("net.py", "import nothing_of_that_name\n")
    result = given.grade(*ON_CPU)
    assert result.ret == 1
    assert "can't be loaded" in result.stdout.str()


@no_cuda
def test_without_a_gpu_it_is_skipped_and_not_green(given: "Start") -> None:
    result = given.grade(*TRAIN, "-m", "gpu_train", "-q")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert (
        "nothing was judged, so this run is not green: every check was skipped: torch finds no CUDA device here (torch "
    ) in result.stdout.str()


@no_cuda
def test_a_gpu_that_is_asked_for_and_missing_is_an_error(given: "Start") -> None:
    result = given.grade(*TRAIN, "-m", "gpu_train", "--train-device=cuda")
    assert result.ret not in (0, pytest.ExitCode.NO_TESTS_COLLECTED)
    assert "torch finds no CUDA device here" in result.stdout.str()
    assert result.parseoutcomes() == {"errors": 1, "skipped": 1, "deselected": 1}


MISTAKES = {
    "--epochs=0": "ERROR: --epochs: must be a whole number, at least 1 and at most 10,000, not 0",
    "--epochs=4": "ERROR: --epochs: 4 is above the 3 of tiny.toml, which are the most",
    "--epochs=x": "argument --epochs: invalid int value: 'x'",
    "--seed=-1": "ERROR: --seed: must be a whole number, at least 0 and at most 2,147,483,648, not -1",
    "--seeds=0": 'ERROR: --seeds: must be a whole number, at least 1 and at most 100, or "auto", not 0',
    "--seeds=many": 'ERROR: --seeds: must be a whole number, at least 1 and at most 100, or "auto", not "many"',
    "--accuracy-at=lsat": 'such as "last-3", not "lsat"; did you mean `last`?',
    "--accuracy-at=last-4": '--accuracy-at: accuracy-at = "last-4" takes at least 4 epochs, not 3',
    "--model-timeout=nan": "argument --model-timeout: 'nan' is no number of seconds above 0",
    "--model-timeout=inf": "argument --model-timeout: 'inf' is no number of seconds above 0",
    "--data-root=dta": "ERROR: --data-root dta: no such folder; did you mean `data`?",
    "--data-root=no/such": "--data-root no/such: no such folder; make it first, and the data are downloaded into it",
    "--train-output=net.py/a": "net.py is no folder; name another",
    "--train-device=gpu": "argument --train-device: invalid choice: 'gpu'",
    "-pxdist -n2": "ERROR: -n with -m: networks are trained one after the other; leave -n out",
}


@pytest.mark.parametrize("option", MISTAKES)
def test_a_usage_error(given: "Start", small_net: Facts, option: str) -> None:
    given.has("net.py", small_net)
    result = given.run(*ON_CPU, *option.split())
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert MISTAKES[option] in result.stderr.str()


def test_a_plain_run_needs_no_folder_for_records(given: "Start", small_net: Facts) -> None:
    given.has("net.py", small_net)
    assert given.run(*TRAIN, "--train-output=net.py/a").ret == 0


@pytest.mark.parametrize(
    ("options", "way"),
    [
        (["-m", "not slow"], "-m, -k or --deselect took them out"),
        (["-m", "not x"], "add -m gpu_train"),
        (["-m", "not slow", "-p", "xdist", "-n2"], "-m, -k or --deselect took them out"),
        (["-m", "not x", "-p", "xdist", "-n2"], "add -m gpu_train"),
        (["-k", "parameter or accuracy"], "add -m gpu_train"),
        (["-m", "slow or not slow", "-k", "parameter"], "-m, -k or --deselect took them out"),
    ],
    ids=str,
)
def test_what_selects_no_training_trains_nothing(
    given: "Start", small_net: Facts, options: list[str], way: str
) -> None:
    given.has("net.py", small_net)
    result = given.run(*TRAIN, *options, "--report=json=a.json")
    assert result.ret == 0
    assert result.parseoutcomes()["passed"] == 1
    left_out = f"1 training left out: {way}"
    assert left_out in result.stdout.str()
    assert json.loads((given.folder / "a.json").read_text(encoding="utf-8"))["left_out"] == [left_out]


def test_one_of_two_checks_deselected_is_no_training_left_out(given: "Start") -> None:
    result = given.grade(*ON_CPU, "--epochs=1", "--deselect=net.py::untrained-start")
    assert "left out" not in result.stdout.str()
    assert result.parseoutcomes() == {"passed": 1, "deselected": 2}


def test_a_run_in_which_everything_was_skipped_by_others_is_not_green(given: "Start", small_net: Facts) -> None:
    given.has("net.py", small_net)
    hook = (
        "def pytest_collection_modifyitems(items):\n    [item.add_marker(pytest.mark.skip('later')) for item in items]"
    )
    given.write("conftest.py", f"import pytest\n\n\n{hook}\n")
    result = given.run(*TRAIN, "-q")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "nothing was judged, so this run is not green: every check was skipped: later" in result.stdout.str()


def test_look_alikes_keep_their_verdicts(given: "Start", small_net: Facts, large: Facts) -> None:
    given.has("nets/a\nb.py", large)
    given.has(r"nets/a\nb.py", small_net)
    result = given.run("--model-path=nets", *TRAIN[1:2], "--report=json=a.json")
    result.assert_outcomes(failed=1, passed=1, deselected=4)
    found = json.loads((given.folder / "a.json").read_text(encoding="utf-8"))["networks"]
    assert [(each["path"], each["network"], each["passed"]) for each in found] == [
        (r"nets/a\nb.py", "Large", False),
        (r"nets/a\\nb.py", "Net", True),
    ]


def test_files_of_a_folder_that_are_left_out_are_named(given: "Start", small_net: Facts) -> None:
    given.has("nets/a.py", small_net)
    given.write("nets/_b.py", "x = 1\n")
    result = given.run("--model-path=nets", *TRAIN[1:2], "--report=markdown=a.md")
    assert "left out: nets/_b.py; name such a file itself to have it graded" in result.stdout.str()
    assert r"left out\: nets/\_b.py; name such a file" in (given.folder / "a.md").read_text(encoding="utf-8")


def test_fewer_epochs_are_trained(given: "Start") -> None:
    assert given.grade(*ON_CPU, "--epochs=1").ret == 0
    record = json.loads((given.folder / "netgrade-out" / "net-seed0.json").read_text(encoding="utf-8"))
    assert (record["planned"], len(record["trial"]["epochs"])) == (1, 1)


def test_an_assignment_that_asks_for_no_training_is_not_green(given: "Start", tiny: "Tiny") -> None:
    given.write("tiny.toml", tiny.assignment.partition("[training]")[0])
    assert given.grade(*ON_CPU).ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_data_that_are_damaged_are_an_error_that_names_the_file(given: "Start") -> None:
    path = given.folder / "data" / "KMNIST" / "raw" / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:1000])
    result = given.grade(*ON_CPU)
    assert result.ret == 1
    assert "train-images-idx3-ubyte can't be used" in result.stdout.str().replace("\n", "")


TWO = """from torch import nn


class A(nn.Module):
    def __init__(self, width=10):
        super().__init__()
        self.fc = nn.Linear(784, width)
        self.head = nn.Linear(width, 10)

    def forward(self, x):
        return self.head(self.fc(x.flatten(1)).relu())


class B(A):
    def __init__(self):
        super().__init__(12)
"""


def test_two_networks_of_a_file_keep_their_captures_and_records(given: "Start") -> None:
    given.write("net.py", TWO)
    paths = ("--model-path=./net.py::B", "--model-path=net.py::A")
    result = given.grade(*paths, *ON_CPU[1:], "--epochs=1", "-rA", "-q")
    for name in ("A", "B"):
        assert f"net.py::{name}::untrained-start" in result.stdout.str()
    records = map(read, sorted((given.folder / "netgrade-out").glob("*.json")))
    assert {(each.network, each.parameters) for each in records} == {("A", 7_960), ("B", 9_550)}


def test_learns_is_judged_in_a_plain_run(given: "Start") -> None:
    result = given.grade(*TRAIN, "--learns", "-rA")
    assert "net.py::learns" in result.stdout.str()
    assert "of 1,000 test images after 6 epochs on 2,000 images" in result.stdout.str().replace("\n", " ")
