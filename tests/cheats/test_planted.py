"""Nothing that lies beside a submission runs in the process that the user starts."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_CHEAT = Path(__file__).parent / "verdict" / "planted_beside.py"
_MODULES = (
    "conftest", "sitecustomize", "usercustomize", "json", "msgspec", "pytest", "torch", "netgrade", "planted", "setup",
)  # fmt: skip
_TEXTS = {
    "pytest.ini": "[pytest]\naddopts = --collect-only -p planted\n",
    "pyproject.toml": '[tool.pytest.ini_options]\naddopts = "--collect-only -p planted"\n',
    "tox.ini": "[pytest]\naddopts = --collect-only -p planted\n",
    "netgrade-99.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: netgrade\nVersion: 99.0\n",
    "netgrade-99.0.dist-info/entry_points.txt": "[pytest11]\nplanted = planted\n",
    "planted.pth": "import planted\n",
}


@pytest.fixture
def submission(tmp_path: Path) -> Path:
    """A submission amid everything that Python or pytest might run; what runs leaves a mark beside the folder."""
    folder = tmp_path / "handed in"
    (folder / "netgrade-99.0.dist-info").mkdir(parents=True)
    for name in _MODULES:
        text = f"try:\n    open({str(tmp_path / 'mark')!r}, 'a').write({name!r} + '\\n')\nexcept OSError:\n    pass\n"
        (folder / f"{name}.py").write_text(text)
    for name, text in _TEXTS.items():
        (folder / name).write_text(text)
    return Path(shutil.copy(_CHEAT, folder / "model.py"))


def test_nothing_beside_a_submission_runs(tmp_path: Path, submission: Path) -> None:
    start = tmp_path / "start"
    start.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON"))}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pytest", f"--model-path={submission}"],
        cwd=start,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "21,850 is not fewer than 20,000" in done.stdout
    assert not (tmp_path / "mark").exists(), (tmp_path / "mark").read_text()
