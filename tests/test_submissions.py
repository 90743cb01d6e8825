from pathlib import Path

import pytest

from netgrade.submissions import (
    PathError,
    Submission,
    command,
    expand,
    left_out,
    names,
    positional_fault,
    rule_fault,
    strangers,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("net.py", "nets/b.py", "nets/a.py", "nets/deep er/model.v2.ipynb", "notes.txt", "empty/readme.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def given(submissions: tuple[Submission, ...]) -> list[str]:
    return [f"{each.given}::{each.network}" if each.network else each.given for each in submissions]


def test_a_file(folder: Path) -> None:
    assert expand(["net.py"], folder) == (Submission(given="net.py", path=folder / "net.py"),)


def test_a_class_of_a_file(folder: Path) -> None:
    assert expand(["net.py::Net"], folder) == (Submission(given="net.py", path=folder / "net.py", network="Net"),)


def test_an_absolute_path(folder: Path) -> None:
    path = str(folder / "net.py")
    assert expand([path], folder / "nets") == (Submission(given=path, path=folder / "net.py"),)


def test_a_path_in_the_home_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    assert expand(["~/net.py"], folder / "nets") == (Submission(given="~/net.py", path=folder / "net.py"),)


@pytest.mark.parametrize("name", ["~net.py", "~nobody.at.all/net.py"])
def test_a_name_that_begins_like_a_home_folder(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    with pytest.raises(PathError, match="no such file"):
        expand([name], folder)
    (folder / name).touch()
    assert expand([name], folder) == (Submission(given=name, path=folder / name),)


@pytest.mark.parametrize("value", ["\udcff.py", "\udcff.py::Net", "nets"])
def test_a_name_that_is_no_text(folder: Path, value: str) -> None:
    for name in ("\udcff.py", "nets/\udcff.py"):
        try:
            (folder / name).touch()
        except OSError:
            pytest.skip("here a name is always text")
    with pytest.raises(PathError) as raised:
        expand([value], folder)
    file = "nets/\udcff.py" if value == "nets" else "\udcff.py"
    assert str(raised.value) == f"--model-path {file}: the name is no text in UTF-8; rename the file"


def test_a_folder_is_every_submission_in_it_and_below_in_order(folder: Path) -> None:
    assert given(expand(["nets"], folder)) == ["nets/a.py", "nets/b.py", "nets/deep er/model.v2.ipynb"]


def test_the_start_folder_itself(folder: Path) -> None:
    assert given(expand(["."], folder / "nets")) == ["a.py", "b.py", "deep er/model.v2.ipynb"]


@pytest.mark.parametrize(
    "name",
    [
        ".hidden/a.py",
        ".venv/lib/a.py",
        "__pycache__/a.py",
        ".ipynb_checkpoints/a.ipynb",
        "env/a.py",
        "__init__.py",
        "conftest.py",
        "setup.py",
        ".a.py",
        "_a.py",
        "a.txt",
    ],
)
def test_what_is_no_submission_of_a_folder(folder: Path, name: str) -> None:
    path = folder / "nets" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    (folder / "nets/env").mkdir(exist_ok=True)
    (folder / "nets/env/pyvenv.cfg").touch()
    assert given(expand(["nets"], folder)) == ["nets/a.py", "nets/b.py", "nets/deep er/model.v2.ipynb"]


def test_a_file_named_by_itself_is_taken_whatever_it_is_called(folder: Path) -> None:
    (folder / "_draft.py").touch()
    assert given(expand(["_draft.py"], folder)) == ["_draft.py"]


def test_the_same_file_twice_is_one(folder: Path) -> None:
    (folder / "link.py").symlink_to("net.py")
    assert given(expand(["net.py", "./net.py", "link.py", "nets/../net.py"], folder)) == ["net.py"]


def test_a_file_with_and_without_a_class_is_graded_whole(folder: Path) -> None:
    assert given(expand(["net.py::A", "net.py", "net.py::B"], folder)) == ["net.py"]


def test_two_classes_of_a_file(folder: Path) -> None:
    assert given(expand(["net.py::B", "net.py::A", "net.py::B"], folder)) == ["net.py::B", "net.py::A"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "--model-path : no path; name a .py or .ipynb file, or a folder of them"),
        ("::Net", "--model-path ::Net: no path; name a .py or .ipynb file, or a folder of them"),
        ("nett.py", "--model-path nett.py: no such file or folder; did you mean `net.py`?"),
        ("zzzzz.py", "--model-path zzzzz.py: no such file or folder; check the path"),
        ("no/where/net.py", "--model-path no/where/net.py: no such file, nor a folder no/where; check the path"),
        (
            "notes.txt",
            "--model-path notes.txt: not a .py or .ipynb file; name the file that defines the network, or its folder",
        ),
        ("empty", "--model-path empty: no .py or .ipynb file in this folder; name the file, or its folder"),
        ("nets::A", "--model-path nets::A: nets is a folder; name one file of it: FILE.py::A"),
        (
            "net.py::",
            "--model-path net.py::: no network after `::`; write net.py::Class, or net.py for every network",
        ),
        (
            "net.py::batch-norm",
            (
                "--model-path net.py::batch-norm: `batch-norm` is no class or function; a rule is chosen with -k: "
                "pytest --model-path=net.py -k batch-norm"
            ),
        ),
        (
            "net.py::Net::dropout",
            (
                "--model-path net.py::Net::dropout: `Net::dropout` is no class or function; a rule is chosen with -k: "
                "pytest --model-path=net.py::Net -k dropout"
            ),
        ),
    ],
)
def test_a_value_that_names_no_submission(folder: Path, value: str, message: str) -> None:
    with pytest.raises(PathError) as raised:
        expand([value], folder)
    assert str(raised.value) == message


def test_a_positional_check_names_k(folder: Path) -> None:
    submissions = expand(["nets"], folder)
    fault = positional_fault(["tests", "./nets/b.py::Net::dropout"], submissions, folder)
    assert fault == (
        "./nets/b.py::Net::dropout: a rule is chosen with -k: pytest --model-path=nets/b.py::Net -k dropout"
    )


def test_a_positional_submission_is_no_test_file(folder: Path) -> None:
    fault = positional_fault(["nets/b.py"], expand(["nets"], folder), folder)
    assert fault == "nets/b.py: this file is graded by --model-path and no test file; leave the argument out"


def test_other_positional_arguments_stand(folder: Path) -> None:
    assert positional_fault(["net.py", "nets", "tests/test_net.py::test_a"], expand(["nets"], folder), folder) is None


def test_a_check_that_is_run_without_model_path() -> None:
    fault = rule_fault(["tests", "all.py::Model_2::batch-norm"], ["test_*.py"])
    assert fault == (
        "all.py::Model_2::batch-norm: batch-norm is a rule, no test: pytest --model-path=all.py::Model_2 -k batch-norm"
    )


@pytest.mark.parametrize(
    "argument",
    ["net.py", "test_net.py::dropout", "net.py::test_dropout", "net.py::presence", "net.txt::dropout", "net.py::../x"],
)
def test_what_is_left_to_pytest(argument: str) -> None:
    assert rule_fault([argument], ["test_*.py", "*_test.py"]) is None


def test_a_command_is_quoted_where_a_shell_would_split_it() -> None:
    assert command("my nets/a.py", "dropout") == "pytest '--model-path=my nets/a.py' -k dropout"


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("import torch\nfrom torch import nn\n", True),
        ("from b import Block\n", False),
        ("from .b import Block\n", False),
        ("    import torch, b\n", False),
        ("from lib.blocks import Block\n", False),
        ('{"source": ["import torch\\n",\n    "from b import Block\\n"]}', False),
    ],
)
def test_files_of_one_folder_are_strangers_unless_they_import_each_other(
    tmp_path: Path, text: str, *, alone: bool
) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "b.py").write_text("import torch\n")
    (tmp_path / "a.py").write_text(text)
    found = strangers(expand(["a.py", "b.py"], tmp_path))
    assert (tmp_path / "a.py" in found, tmp_path / "b.py" in found) == (alone, True)


def test_a_file_by_itself_is_no_stranger(tmp_path: Path) -> None:
    (tmp_path / "a.py").touch()
    (tmp_path / "b.py").touch()
    assert strangers(expand(["a.py"], tmp_path)) == frozenset()


def test_no_two_files_are_called_alike(folder: Path) -> None:
    given = ("a\nb.py", r"a\nb.py", r"a\nb.py (2)", "net.py")
    submissions = [Submission(given=each, path=folder / str(number)) for number, each in enumerate(given)]
    assert [*names(submissions).values()] == [r"a\nb.py", r"a\nb.py (2)", r"a\nb.py (2) (2)", "net.py"]


def test_a_file_that_is_named_in_two_ways_is_called_by_the_first(folder: Path) -> None:
    submissions = expand(["./net.py::A", "net.py::B"], folder)
    assert [submission.network for submission in submissions] == ["A", "B"]
    assert names(submissions) == {folder / "net.py": "./net.py"}


def test_what_a_folder_holds_and_is_not_graded_is_named(tmp_path: Path) -> None:
    for name in ("_draft.py", "conftest.py", "_old/net.py", ".hidden.py", "net.py", "_empty/a.txt", "__pycache__/a.py"):
        (tmp_path / "nets" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "nets" / name).write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "nets/__init__.py").touch()
    assert left_out(["nets"], tmp_path) == (
        "left out: nets/_draft.py, nets/_old/, nets/conftest.py; name such a file itself to have it graded"
    )
    assert left_out(["nets/net.py", "nets/_draft.py"], tmp_path) == ""


def test_of_many_a_few_are_named(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / f"_{number}.py").write_text("x = 1\n", encoding="utf-8")
    assert left_out([str(tmp_path)], tmp_path).endswith("/_4.py and 3 more; name such a file itself to have it graded")


def test_a_folder_behind_a_link_is_named(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there/net.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets/linked").symlink_to(tmp_path / "there")
    assert left_out(["nets"], tmp_path).startswith("left out: nets/linked/; ")
