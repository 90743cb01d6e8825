from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta

from netgrade.tables import TableError, Where, fit, read


class Inner(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    at_most: Annotated[int, Meta(gt=0)] | None = None
    rate: Annotated[float, Meta(gt=0, lt=1)] = 0.1
    kind: Literal["total", "trainable"] = "total"
    words: tuple[Literal["conv", "max-pool"], ...] = ()
    names: tuple[str, ...] = ()
    shape: tuple[int, int] = (1, 1)
    on: bool = False
    steps: Annotated[int, Meta(ge=1, le=2000)] = 1
    extra: dict[str, Any] = {}

    def __post_init__(self) -> None:
        if self.steps == 13:
            raise ValueError("thirteen brings bad luck")


class Outer(msgspec.Struct, frozen=True, kw_only=True):
    size: Annotated[int, Meta(ge=1)]


WHERE = Where("course.toml", ("rules", "inner"))


def test_a_table_that_fits() -> None:
    assert fit({"at-most": 3, "words": ["conv"], "shape": [2, 3]}, Inner, WHERE) == Inner(
        at_most=3, words=("conv",), shape=(2, 3)
    )


def test_a_whole_number_is_a_number() -> None:
    assert fit({"size": 1}, Outer, WHERE) == Outer(size=1)


MISFITS: list[tuple[object, str]] = [
    ({"at-most": -5}, "at-most: must be a whole number, above 0, not -5"),
    ({"at-most": 2.5}, "at-most: must be a whole number, above 0, not 2.5"),
    ({"at-most": True}, "at-most: must be a whole number, above 0, not true"),
    ({"steps": 2001}, "steps: must be a whole number, at least 1 and at most 2,000, not 2001"),
    ({"rate": "0.1"}, 'rate: must be a number, above 0 and below 1, not "0.1"'),
    ({"rate": float("nan")}, "rate: must be a number, above 0 and below 1, not NaN"),
    ({"kind": "totl"}, 'kind: must be one of "total", "trainable", not "totl"; did you mean `total`?'),
    ({"kind": 3}, 'kind: must be one of "total", "trainable", not 3'),
    (
        {"words": ["conv", "maxpool"]},
        'words[1]: must be one of "conv", "max-pool", not "maxpool"; did you mean `max-pool`?',
    ),
    ({"words": [["conv"]]}, 'words[0]: must be one of "conv", "max-pool", not ["conv"]'),
    ({"words": "conv"}, 'words: must be a list, each item one of "conv", "max-pool", not "conv"'),
    ({"names": [1]}, "names: must be a list, each item a string, not [1]"),
    ({"shape": [1, 2, 3]}, "shape: must be a list of 2, each a whole number, not [1, 2, 3]"),
    ({"on": "yes"}, 'on: must be true or false, not "yes"'),
    ({"extra": 1}, "extra: must be a table, not 1"),
    ({"names": "é" * 70}, f'names: must be a list, each item a string, not "{"é" * 56}...'),
]


@pytest.mark.parametrize(("table", "message"), MISFITS)
def test_misfits(table: object, message: str) -> None:
    with pytest.raises(TableError) as caught:
        fit(table, Inner, WHERE)
    assert str(caught.value) == f"course.toml: rules.inner.{message}"


def test_an_unknown_key() -> None:
    with pytest.raises(TableError) as caught:
        fit({"szie": 1}, Outer, WHERE, also=["severity"])
    assert str(caught.value) == (
        "course.toml: rules.inner.szie: unknown key; did you mean `size`? (keys: size, severity)"
    )


def test_a_missing_key() -> None:
    with pytest.raises(TableError) as caught:
        fit({}, Outer, Where("course.toml"))
    assert str(caught.value) == "course.toml: size: missing; give a whole number, at least 1"


def test_settings_that_contradict_each_other() -> None:
    with pytest.raises(TableError) as caught:
        fit({"steps": 13}, Inner, WHERE)
    assert str(caught.value) == "course.toml: rules.inner: thirteen brings bad luck"


def test_no_table_at_all() -> None:
    with pytest.raises(TableError) as caught:
        fit([1], Inner, WHERE)
    assert str(caught.value) == "course.toml: rules.inner: must be a table, not [1]"


def test_read(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('name = "é"\n', encoding="utf-8")
    assert read(tmp_path / "a.toml", shown="a.toml") == {"name": "é"}


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(TableError) as caught:
        read(tmp_path / "a.toml", shown="x/a.toml")
    assert str(caught.value) == "x/a.toml: no such file"


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(TableError) as caught:
        read(tmp_path, shown="a.toml")
    assert str(caught.value) == "a.toml: a folder, not a TOML file"


def test_a_file_as_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(TableError) as caught:
        read(tmp_path / "a" / "b.toml", shown="a/b.toml")
    assert str(caught.value) == "a/b.toml: can't be read: Not a directory"


def test_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"name = '\xe9'\n")
    with pytest.raises(TableError) as caught:
        read(tmp_path / "a.toml", shown="a.toml")
    assert str(caught.value) == "a.toml: not UTF-8: byte 8 is 0xe9"


def test_not_toml(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("classes = 10\nrules =\n", encoding="utf-8")
    with pytest.raises(TableError) as caught:
        read(tmp_path / "a.toml", shown="a.toml")
    assert str(caught.value) == "a.toml: not TOML: Invalid value (at line 2, column 8)"
