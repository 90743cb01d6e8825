"""The way of systems that can't fork, macOS and Windows, taken here by force: check, the plugin, training."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_NETV3 = Path(__file__).parents[1] / "models" / "netv3.py"
_PROCESS = """
from pathlib import Path

from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        raise RuntimeError(Path("/proc/self/cmdline").read_text().replace("\\0", " ")[-30:])

    def forward(self, x):
        return x
"""
"""Tells what its process was started as: a forked one bears its parent's name."""
_SMALL = """
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)

    def forward(self, x):
        return self.fc(x.flatten(1))
"""
_ASSIGNMENT = """
input-shape = [1, 28, 28]
classes = 10

[rules.parameter-budget]
below = 20000

[rules.learns]
at-least = 20.0

[training]
data-set = "digits"
epochs = 1
accuracy = 20.0
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every test goes this way")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(_NETV3, tmp_path / "netv3.py")
    (tmp_path / "process.py").write_text(_PROCESS, encoding="utf-8")
    (tmp_path / "small.py").write_text(_SMALL, encoding="utf-8")
    (tmp_path / "small.toml").write_text(_ASSIGNMENT, encoding="utf-8")
    return tmp_path


def _run(folder: Path, *arguments: str, fork: bool = False) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NETGRADE_FORK": "1" if fork else "0", "COLUMNS": "200"}
    return subprocess.run(  # noqa: S603 - fixed words
        [sys.executable, "-m", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("fork", "name"), [(False, "netgrade.sandbox.jobs"), (True, "netgrade.sandbox.server")])
def test_the_variable_decides(folder: Path, name: str, *, fork: bool) -> None:
    done = _run(folder, "netgrade", "check", "--sandbox=off", "process.py", fork=fork)
    assert f"{name}\n" in done.stdout, done.stdout + done.stderr


def test_check(folder: Path) -> None:
    done = _run(folder, "netgrade", "check", "-q", "netv3.py", "small.py")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "✗ small.py · Net · 7,850 parameters" in done.stdout
    assert done.stdout.endswith("\n3 failed, 17 passed\n")


def test_the_plugin(folder: Path) -> None:
    done = _run(folder, "pytest", "-p", "no:cacheprovider", "--model-path=netv3.py", "--model-path=small.py")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    assert "3 failed, 17 passed, 4 deselected" in done.stdout


def test_a_training_is_the_same_to_the_bit(folder: Path) -> None:
    digests = set()
    for fork in (False, True):
        done = _run(
            folder,
            *("pytest", "-p", "no:cacheprovider", "-m", "gpu_train or not gpu_train"),
            *("--train-device=cpu", f"--train-output={fork}"),
            *("--model-path=small.py", "--assignment=small.toml"),
            fork=fork,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "4 passed" in done.stdout
        (record,) = (folder / str(fork)).glob("*.json")
        digests.add(json.loads(record.read_text(encoding="utf-8"))["trial"]["digest"])
    (digest,) = digests
    assert digest
