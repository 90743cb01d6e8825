"""Wheel and sdist hold what git knows and nothing else, and say what they are."""

import re
import tomllib
from collections.abc import Mapping
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.metadata import Metadata
from packaging.requirements import Requirement

if TYPE_CHECKING:
    from conftest import Archives

_ROOT = Path(__file__).parents[2]
_INFO = re.compile(r"netgrade-[\d.]+\.dist-info/(.+)")


def _info(wheel: Mapping[str, bytes]) -> dict[str, bytes]:
    return {found[1]: content for name, content in wheel.items() if (found := _INFO.fullmatch(name))}


def _project() -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return table


@pytest.fixture
def metadata(archives: "Archives") -> Metadata:
    return Metadata.from_email(_info(archives.wheel)["METADATA"], validate=True)


def test_the_wheel_holds_the_package_as_git_knows_it_and_nothing_else(archives: "Archives") -> None:
    package = {
        name.removeprefix("checks/"): content
        for name, content in archives.tracked.items()
        if name.startswith("checks/netgrade/")
    }
    held = {name: content for name, content in archives.wheel.items() if not _INFO.fullmatch(name)}
    assert sorted(held) == sorted(package)
    assert held == package
    assert package["netgrade/py.typed"] == b""


def test_the_sdist_holds_what_git_knows_and_nothing_else(archives: "Archives") -> None:
    held = {name: content for name, content in archives.sdist.items() if name != "PKG-INFO"}
    assert sorted(held) == sorted(archives.tracked)
    assert held == archives.tracked


def test_the_wheel_of_the_sdist_is_the_wheel_of_the_checkout(archives: "Archives") -> None:
    assert archives.wheel_of_sdist == archives.wheel


def test_what_the_wheel_says_of_itself(archives: "Archives", metadata: Metadata) -> None:
    info = _info(archives.wheel)
    assert sorted(info) == ["METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"]
    assert info["licenses/LICENSE"] == archives.tracked["LICENSE"]
    wheel = message_from_bytes(info["WHEEL"])
    assert (wheel["Root-Is-Purelib"], wheel["Tag"]) == ("true", "py3-none-any")
    assert info["entry_points.txt"].decode().split() == [
        *("[console_scripts]", "netgrade", "=", "netgrade.command:main"),
        *("[pytest11]", "netgrade.plugin", "=", "netgrade.plugin"),
    ]
    project = _project()
    assert (metadata.name, str(metadata.version)) == ("netgrade", project["version"])
    assert metadata.license_expression == "MIT"
    assert metadata.license_files == ["LICENSE"]
    assert str(metadata.requires_python) == project["requires-python"]
    assert metadata.summary == project["description"]
    assert metadata.description == archives.tracked["README.md"].decode()
    assert metadata.description_content_type == "text/markdown"
    assert metadata.provides_extra == sorted(project["optional-dependencies"])


def test_a_check_alone_installs_no_plotting_and_no_linter(metadata: Metadata) -> None:
    needed = [each for each in metadata.requires_dist or [] if not each.marker or each.marker.evaluate({"extra": ""})]
    assert sorted(each.name for each in needed) == [
        *("click", "msgspec", "numpy", "pytest", "safetensors", "torch", "torchinfo", "torchvision")
    ]


def test_the_tests_need_all_that_training_does() -> None:
    extras = _project()["optional-dependencies"]
    assert set(extras["train"]) <= set(extras["test"])


def test_the_oldest_versions_are_the_lower_bounds() -> None:
    project = _project()
    bounds = {
        needed.name: next(iter(needed.specifier)).version
        for text in [*project["dependencies"], *project["optional-dependencies"]["test"]]
        if (needed := Requirement(text))
    }
    lines = (_ROOT / "tests" / "packaging" / "oldest.txt").read_text(encoding="utf-8").splitlines()
    pinned = [Requirement(line) for line in lines if line and not line.startswith("#")]
    assert [str(each.specifier)[:2] for each in pinned] == ["=="] * len(pinned)
    versions = {each.name: next(iter(each.specifier)).version for each in pinned}
    assert versions.keys() <= bounds.keys()
    assert {*versions} >= {Requirement(text).name for text in project["dependencies"]}
    assert all(f"{versions[name]}.".startswith(f"{bounds[name]}.") for name in versions)
