"""From the values of `--model-path` to the submissions they name. No torch, no pytest.

A value is FILE.py, FILE.py::Class, FILE.ipynb or a folder, seen from the folder that the command starts in. Nothing is
imported here: a file is known by its name alone.
"""

import errno
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import NoReturn

from netgrade.names import did_you_mean

SUFFIXES = (".py", ".ipynb")
_IMPORT = re.compile(r'^[\s"]*(?:from|import)\s+([\w., ]+)', re.MULTILINE)
_LONGEST = 1_000_000
"""Characters of a file that are looked through for imports."""
_COMMAND = re.compile(r"^ *::|##\[")
"""What a runner of workflows takes for a command."""
_WORD = re.compile(r"\w+")
_NAMED = 5
"""Files left out that are named."""
_HELPERS = frozenset({"conftest.py", "setup.py"})
"""Names that other tools give a meaning: never a submission of a folder."""


class PathError(ValueError):
    """A value of `--model-path` names no submission; the message says which and what to do."""


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One file to be graded, or one network of it."""

    given: str
    """The path as the user gave it, without a network; for a file of a folder, that folder's path and the rest."""
    path: Path
    """Absolute."""
    network: str | None = None
    """The class or factory asked for; None for every network of the file."""


def expand(values: Iterable[str], start: Path) -> tuple[Submission, ...]:
    """Return the submissions that the values name, in their order, each once. A link is one of its own.

    A folder stands for every .py and .ipynb file in it and in the folders below, but for those that begin with a dot or
    an underscore, virtual environments, conftest.py and setup.py. A file named with and without a network is graded as
    a whole.

    Raises:
        PathError: A value names no submission.
    """
    found: dict[tuple[Path, str | None], Submission] = {}
    for submission in (submission for value in values for submission in _expand(value, start)):
        _check_name(submission.path)
        # A link in a folder must not stand for the file that it leads to, which may be somebody else's.
        found.setdefault((submission.path, submission.network), submission)
    return tuple(
        submission for (path, network), submission in found.items() if network is None or (path, None) not in found
    )


def left_out(values: Iterable[str], start: Path) -> str:
    """Name the files and folders that the folders among the values hold and that are not graded; nothing if none.

    What nobody takes for a submission is not named: what begins with a dot, virtual environments, empty files.
    """
    folders = ((value, start / _at_home(value, start)) for value in values if "::" not in value)
    found = [shown(path) for value, folder in folders if folder.is_dir() for path in _others(value, folder)]
    if not found:
        return ""
    more = f" and {len(found) - _NAMED:,} more" if len(found) > _NAMED else ""
    return f"left out: {', '.join(found[:_NAMED])}{more}; name such a file itself to have it graded"


def strangers(submissions: Sequence[Submission]) -> frozenset[Path]:
    """Return the files that lie in one folder with other submissions, and import nothing that lies there.

    Such a folder holds several people's work: what one of them runs has no business in another's file.
    """
    folders: dict[Path, set[Path]] = {}
    for submission in submissions:
        folders.setdefault(submission.path.parent, set()).add(submission.path)
    shared = {folder: paths for folder, paths in folders.items() if len(paths) > 1}
    return frozenset(
        path
        for folder, paths in shared.items()
        for path in paths
        if _imported(path).isdisjoint(entry.stem for entry in folder.iterdir() if entry != path)
    )


def _imported(path: Path) -> frozenset[str]:
    """Return the names in a file's import statements, as its text reads; a notebook's lines are strings in JSON."""
    if not path.is_file():
        return frozenset()
    with path.open(encoding="utf-8", errors="replace") as file:
        text = file.read(_LONGEST)
    return frozenset(name for line in _IMPORT.findall(text) for name in _WORD.findall(line))


def positional_fault(arguments: Sequence[str], submissions: Sequence[Submission], start: Path) -> str | None:
    """Return why a positional argument can't stand beside these submissions, or None.

    pytest would import the file in its own process, so a submission is never collected as a test file.
    """
    given = {submission.path.resolve(): submission for submission in submissions}
    for argument in arguments:
        head, _, names = argument.partition("::")
        submission = given.get((start / head).resolve())
        if submission is None:
            continue
        if not names:
            return f"{argument}: this file is graded by --model-path and no test file; leave the argument out"
        *network, rule = names.split("::")
        return f"{argument}: a rule is chosen with -k: {command('::'.join([submission.given, *network]), rule)}"
    return None


def rule_fault(arguments: Sequence[str], test_files: Sequence[str]) -> str | None:
    """Return why a positional argument can't be meant for pytest, in a run that grades nothing, or None.

    `models/netv3.py::dropout` is the id of a check, as pytest shows it; pytest would import the file to look for a test
    of that name.

    Args:
        arguments: The positional arguments.
        test_files: Patterns of the names of pytest's own test files, which are left to it.
    """
    for argument in arguments:
        path, *names = argument.split("::")
        is_test = any(fnmatch(Path(path).name, pattern) for pattern in test_files)
        if names and path.endswith(SUFFIXES) and not is_test and _is_check(names[-1]):
            return f"{argument}: {names[-1]} is a rule, no test: {command('::'.join([path, *names[:-1]]), names[-1])}"
    return None


def shown(path: str) -> str:
    """Return a path as it may be shown: on one line, without control characters. Its name may be a stranger's.

    Two paths are never shown alike, for verdicts are kept by what is shown: a backslash in a name is doubled.
    """
    text = "".join(map(_visible, path))
    # Nothing that a runner of workflows takes for a command: `neutral` would tell it from no other name with a space.
    return _COMMAND.sub(lambda match: f"{match[0][:-1]}{_code(match[0][-1])}", text)


def _visible(character: str) -> str:
    if character == "\\" and os.sep != character:
        return _code(character)
    return character if character.isprintable() else _code(character)


def _code(character: str) -> str:
    code = character.encode("unicode_escape", "backslashreplace").decode("ascii")
    return code if code != character else f"\\x{ord(character):02x}"


def names(submissions: Iterable[Submission]) -> dict[Path, str]:
    """Return what each file is called wherever it is shown: as it was given first. No two files are called alike."""
    found: dict[Path, str] = {}
    for submission in submissions:
        found.setdefault(submission.path, shown(submission.given))
    return found


def command(path: str, rule: str | None = None) -> str:
    """Return the command that grades a submission, by one rule alone if one is named."""
    quoted = f"'--model-path={path}'" if " " in path else f"--model-path={path}"
    return f"pytest {quoted} -k {rule}" if rule else f"pytest {quoted}"


def _expand(value: str, start: Path) -> Iterator[Submission]:
    given, separator, network = value.partition("::")
    path = Path(os.path.abspath(start / _at_home(given, start)))  # noqa: PTH100 - a link keeps its own name and folder
    if not given:
        raise PathError(f"--model-path {value}: no path; name a .py or .ipynb file, or a folder of them")
    if path.is_dir():
        if separator:
            raise PathError(f"--model-path {value}: {given} is a folder; name one file of it: FILE.py::{network}")
        yield from _members(given, path)
        return
    if not path.is_file():
        raise PathError(_odd(value, path) or _missing(value, given, path))
    if path.suffix not in SUFFIXES:
        raise PathError(
            f"--model-path {value}: not a .py or .ipynb file; name the file that defines the network, or its folder"
        )
    if separator and not network.isidentifier():
        raise PathError(_not_a_network(value, given, network))
    yield Submission(given=given, path=path, network=network or None)


def _at_home(given: str, start: Path) -> Path:
    """Expand `~`, which no shell does after `=`; a hook gives names as they are, so one that exists comes first."""
    path = Path(given)
    if not given.startswith("~") or (start / path).exists():
        return path
    try:
        return path.expanduser()
    except RuntimeError:  # there is no user of that name
        return path


def _members(given: str, folder: Path) -> Iterator[Submission]:
    """Yield the submissions of a folder and the folders in it, in alphabetical order."""
    members = sorted(_walk(given, folder))
    if not members:
        raise PathError(f"--model-path {given}: no .py or .ipynb file in this folder; name the file, or its folder")
    for path in members:
        name = (Path(given) / path.relative_to(folder)).as_posix()
        if _is_circle(path):
            raise PathError(f"--model-path {given}: {name} is a link that leads back to itself; remove it")
        yield Submission(given=name, path=path)


def _walk(given: str, folder: Path) -> Iterator[Path]:
    """Yield all that is called like a submission; a folder that can't be read is no reason to leave its files out."""

    def fail(error: OSError) -> NoReturn:
        raise PathError(
            f"--model-path {given}: the folder {error.filename} can't be read: {error.strerror}; make it readable, or "
            "name what is to be graded one by one"
        )

    for root, folders, files in os.walk(folder, onerror=fail):
        here = Path(root)
        folders[:] = [name for name in folders if _is_walked(here / name)]
        yield from (here / name for name in files if _is_member(here / name))


def _is_walked(folder: Path) -> bool:
    return folder.name[0] not in "._" and not (folder / "pyvenv.cfg").is_file()


def _is_member(path: Path) -> bool:
    """Whether a file of a folder is a submission, by its name."""
    return path.name.endswith(SUFFIXES) and path.name[0] not in "._" and path.name not in _HELPERS


def _others(given: str, folder: Path) -> Iterator[str]:
    """Yield what `_walk` passes by, in alphabetical order; a folder ends in a slash."""
    for path in sorted(_passed_by(folder)):
        yield (Path(given) / path.relative_to(folder)).as_posix() + ("/" if path.is_dir() else "")


def _passed_by(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        here = Path(root)
        for name in folders:
            aside = (name[0] == "_" or (here / name).is_symlink()) and name[0] != "." and name != "__pycache__"
            if aside and any((here / name).rglob("*.py")):
                yield here / name
        folders[:] = [name for name in folders if _is_walked(here / name)]
        for name in files:
            path = here / name
            if (
                name.endswith(SUFFIXES)
                and name[0] != "."
                and not _is_member(path)
                and path.is_file()
                and path.stat().st_size
            ):
                yield path


def _is_circle(path: Path) -> bool:
    if not path.is_symlink():
        return False
    try:
        path.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


def _check_name(path: Path) -> None:
    """Refuse a name that no report could be written with.

    Raises:
        PathError: It is not valid UTF-8.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError:
        name = str(path).encode(errors="backslashreplace").decode()
        raise PathError(f"--model-path: the name of {name} is not valid UTF-8; rename it, or its folder") from None


def _odd(value: str, path: Path) -> str:
    """Say what a path is that is neither a file nor a folder; empty where nothing is there."""
    if path.is_symlink() and not path.exists():
        lead = "back to itself" if _is_circle(path) else f"to {os.readlink(path)}, which does not exist"  # noqa: PTH115 - its own words
        return f"--model-path {value}: this is a link {lead}; name the file itself"
    return f"--model-path {value}: neither a file nor a folder; copy its content into a file" if path.exists() else ""


def _missing(value: str, given: str, path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"--model-path {value}: no such file, nor a folder {Path(given).parent}; check the path"
    beside = sorted(entry.name for entry in folder.iterdir() if entry.suffix in SUFFIXES)
    next_step = did_you_mean(path.name, beside) or "; check the path"
    return f"--model-path {value}: no such file or folder{next_step}"


def _not_a_network(value: str, given: str, network: str) -> str:
    if not network:
        return f"--model-path {value}: no network after `::`; write {given}::Class, or {given} for every network"
    names = network.split("::")
    way = command(f"{given}::{names[0]}" if len(names) > 1 else given, names[-1])
    return f"--model-path {value}: `{network}` is no class or function; a rule is chosen with -k: {way}"


def _is_check(name: str) -> bool:
    """Whether a check is called so. The rules are only imported where a file has that name: it takes time."""
    file = Path(__file__).parent / "rules" / f"{name.replace('-', '_')}.py"
    if not (name.replace("-", "").isidentifier() and file.is_file()):
        return name == "loads"
    from netgrade.rules import all_rules  # noqa: PLC0415

    return name in all_rules()
