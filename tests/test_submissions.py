import os
import sys
from collections.abc import Iterator
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
    shown,
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
    assert given(expand(["net.py", "./net.py", "link.py", "nets/../net.py"], folder)) == ["net.py", "link.py"]


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
    given = ("a\nb.py", r"a\nb.py", r"a\\nb.py", "net.py")
    submissions = [Submission(given=each, path=folder / str(number)) for number, each in enumerate(given)]
    assert [*names(submissions).values()] == [r"a\nb.py", r"a\\nb.py", r"a\\\\nb.py", "net.py"]


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


links = pytest.mark.skipif(sys.platform == "win32", reason="links take a right of their own there")


@links
def test_a_circle_of_links_in_a_folder(folder: Path) -> None:
    (folder / "nets" / "c.py").symlink_to("c.py")
    with pytest.raises(PathError) as raised:
        expand(["nets"], folder)
    assert str(raised.value) == "--model-path nets: nets/c.py is a link that leads back to itself; remove it"


@links
@pytest.mark.parametrize(
    ("target", "lead"), [("c.py", "back to itself"), ("gone.py", "to gone.py, which does not exist")]
)
def test_a_link_to_nothing(folder: Path, target: str, lead: str) -> None:
    (folder / "c.py").symlink_to(target)
    with pytest.raises(PathError) as raised:
        expand(["c.py"], folder)
    assert str(raised.value) == f"--model-path c.py: this is a link {lead}; name the file itself"


@links
def test_a_link_takes_nobodys_place(folder: Path) -> None:
    (folder / "nets" / "a_link.py").symlink_to("b.py")
    everything = given(expand(["nets"], folder))
    assert "nets/a_link.py" in everything
    assert "nets/b.py" in everything


@links
def test_links_of_folders_are_not_followed(folder: Path) -> None:
    (folder / "nets" / "again").symlink_to("..", target_is_directory=True)
    assert given(expand(["nets"], folder)) == ["nets/a.py", "nets/b.py", "nets/deep er/model.v2.ipynb"]


@links
def test_a_pipe(folder: Path) -> None:
    os.mkfifo(folder / "c.py")
    with pytest.raises(PathError) as raised:
        expand(["c.py"], folder)
    assert str(raised.value) == "--model-path c.py: neither a file nor a folder; copy its content into a file"


def test_a_folder_that_cant_be_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files are not left out without a word. The superuser may read it, so the refusal is made here."""
    closed, scandir = folder / "nets" / "deep er", os.scandir

    def refused(path: str) -> Iterator[os.DirEntry[str]]:
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr("os.scandir", refused)
    with pytest.raises(PathError) as raised:
        expand(["nets"], folder)
    assert str(raised.value) == (
        f"--model-path nets: the folder {closed} can't be read: Permission denied; make it readable, or name what is "
        "to be graded one by one"
    )


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are Unicode there")
@pytest.mark.parametrize("value", [os.fsdecode(b"nets/n\xffame.py"), "nets"])
def test_a_name_that_is_not_utf_8(folder: Path, value: str) -> None:
    Path(os.fsdecode(bytes(folder) + b"/nets/n\xffame.py")).touch()
    with pytest.raises(PathError) as raised:
        expand([value], folder)
    assert str(raised.value) == (
        rf"--model-path: the name of {folder}/nets/n\udcffame.py is not valid UTF-8; rename it, or its folder"
    )


@pytest.mark.parametrize(
    "names",
    [("Case.py", "case.py"), ("\u00e9.py", "e\u0301.py"), ("a\u200bb.py", "ab.py"), ("\u0430.py", "a.py")],
    ids=["case", "normalisation", "zero width", "look-alike"],
)
def test_names_that_look_alike_are_two_files(tmp_path: Path, names: tuple[str, str]) -> None:
    for name in names:
        (tmp_path / name).touch()
    if len(list(tmp_path.iterdir())) < 2:
        pytest.skip("this file system takes the two for one")
    assert {each.path.name for each in expand(["."], tmp_path)} == set(names)


@pytest.mark.skipif(os.sep == "\\", reason="a backslash is no part of a name there")
def test_two_paths_are_never_shown_alike() -> None:
    """Verdicts are kept by what is shown: one file's must not become another's."""
    odd = ["\u200b", "\\u200b", "\\\\u200b", "\n", "\\n", "\xa0", " ", "\\xa0", "\x1b[2J", "\\x1b[2J", "\t"]
    paths = [f"a{each}b.py" for each in odd] + ["##[x.py", "## [x.py", "##\\x5bx.py", "::x.py", ": :x.py", "\u202ex.py"]
    texts = [shown(path) for path in paths]
    assert len(set(texts)) == len(paths)
    assert all(text.isprintable() for text in texts)
    assert not [text for text in texts if "##[" in text or text.startswith("::")]


@pytest.mark.parametrize("path", ["models/netv3.py", "a folder/Bücher [2].py", "x::y.py"])
def test_a_usual_path_is_shown_as_it_is(path: str) -> None:
    assert shown(path) == path
