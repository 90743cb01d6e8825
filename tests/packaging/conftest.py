"""The archives, built once from the files that git knows of this checkout, with a developer's litter beside them."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
LITTER = (
    "netgrade-out/netv3-seed0.json",
    "scratch.py",
    "site/index.html",
    "checks/other/__init__.py",
    "checks/netgrade/__pycache__/plugin.cpython-313.pyc",
    "dist/netgrade-0.0.1.tar.gz",
)
"""What lies about in a developer's folder and belongs in no archive."""


class Archives(NamedTuple):
    """What was built, and what it was built from."""

    tracked: Mapping[str, bytes]
    """The files that git knows, by their path."""
    sdist: Mapping[str, bytes]
    """The files of the sdist, by their path below its one folder."""
    wheel: Mapping[str, bytes]
    wheel_of_sdist: Mapping[str, bytes]
    """The wheel that is made where nothing but the sdist is, as pip does."""


@pytest.fixture(scope="session")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Archives:
    tracked = _tracked()
    folder = tmp_path_factory.mktemp("archives")
    checkout = folder / "checkout"
    for name, content in tracked.items():
        _lay(checkout / name, content)
        (checkout / name).chmod((ROOT / name).stat().st_mode & 0o777)
    for name in LITTER:
        _lay(checkout / name, b"litter\n")
    sdist = _build(checkout, "sdist", folder / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    return Archives(
        tracked=tracked,
        sdist={
            path.relative_to(unpacked).as_posix(): path.read_bytes() for path in unpacked.rglob("*") if path.is_file()
        },
        wheel=_members(_build(checkout, "wheel", folder / "wheel")),
        wheel_of_sdist=_members(_build(unpacked, "wheel", folder / "wheel of sdist")),
    )


def _tracked() -> dict[str, bytes]:
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("what git knows is not known here: no checkout, or no git")
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    if listed.returncode:  # as in a checkout of another user
        pytest.skip(f"what git knows is not known here: {listed.stderr.strip()}")
    return {name: (ROOT / name).read_bytes() for name in listed.stdout.split("\0") if (ROOT / name).is_file()}


def _build(source: Path, target: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    done = subprocess.run(  # noqa: S603 - fixed words
        command, cwd=source, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.iterdir()
    return built


def _members(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _lay(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
