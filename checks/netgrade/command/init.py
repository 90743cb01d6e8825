"""`netgrade init`: writes what a new course's repository needs, and asks before it overwrites anything."""

import re
from importlib import resources
from pathlib import Path, PurePosixPath

import click

from netgrade.assignment import DEFAULT, built_in
from netgrade.command.options import complete_assignments
from netgrade.names import unknown

_FILES = {
    "course.toml": "course.toml",
    ".github/workflows/netgrade.yml": "workflow.yml",
    ".pre-commit-config.yaml": "hooks.yaml",
}
"""What is written, and the template that it is made of."""
_ACTION = "OWNER/netgrade@COMMIT"
_SAFE = re.compile(r"\w[\w./-]*", re.ASCII)
"""Names that mean the same in YAML, a shell and GitHub's expressions."""
_USES = re.compile(r"[\w.-]+/[\w./-]+@[\w./-]+", re.ASCII)


@click.command()
@click.argument("folder", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--extends",
    default=DEFAULT,
    show_default=True,
    metavar="NAME",
    shell_complete=complete_assignments,
    help="The built-in assignment to start from.",
)
@click.option("--models", default="models", show_default=True, metavar="FOLDER", help="Where the submissions lie.")
@click.option(
    "--action",
    default=_ACTION,
    show_default=True,
    metavar="OWNER/REPOSITORY@COMMIT",
    help="The Action that the workflow uses.",
)
@click.option("--force", "--yes", is_flag=True, help="Overwrite files without asking.")
def init(*, folder: Path, extends: str, models: str, action: str, force: bool) -> None:
    """Write an assignment, a workflow and a hook file into FOLDER, the course's repository.

    A file that is there already is left as it is unless you say otherwise.
    """
    names = built_in()
    if extends not in names:
        raise click.UsageError(unknown("assignment", extends, names))
    texts = _texts(extends, _safe_folder(models), _safe_action(action))
    # Ask everything first: who gives up at a question has nothing changed.
    chosen = {name: text for name, text in texts.items() if _wanted(folder / name, name, text, force=force)}
    for name, text in chosen.items():
        _write(folder / name, name, text)
    if ".github/workflows/netgrade.yml" in chosen and action == _ACTION:
        click.echo(f"Next: in .github/workflows/netgrade.yml write netgrade's repository and a commit for {_ACTION}.")


def _texts(extends: str, folder: str, action: str) -> dict[str, str]:
    values = {"ASSIGNMENT": extends, "FOLDER": folder, "PATTERN": re.escape(folder), "ACTION": action}
    templates = resources.files("netgrade.command").joinpath("templates")
    texts = {name: templates.joinpath(template).read_text(encoding="utf-8") for name, template in _FILES.items()}
    return {name: re.sub(r"@([A-Z]+)@", lambda found: values[found[1]], text) for name, text in texts.items()}


def _safe_folder(models: str) -> str:
    folder = PurePosixPath(models)
    if folder.is_absolute() or ".." in folder.parts or not _SAFE.fullmatch(str(folder)):
        raise click.UsageError(
            f"--models {models}: name a folder inside the repository, of letters, digits, `_`, `.`, `-` and `/`"
        )
    return str(folder)


def _safe_action(action: str) -> str:
    if not _USES.fullmatch(action):
        raise click.UsageError(f"--action {action}: write OWNER/REPOSITORY@COMMIT, the way a workflow's `uses:` has it")
    return action


def _wanted(path: Path, name: str, text: str, *, force: bool) -> bool:
    """Whether a file is to be written."""
    if path.is_dir():
        raise click.ClickException(f"{name} is a folder, and a file is to be written there; move it away")
    if not path.exists():
        return True
    if path.read_bytes() == text.encode():
        click.echo(f"unchanged  {name}")
        return False
    if force or click.confirm(f"{name} is there already. Overwrite it?", default=False):
        return True
    click.echo(f"kept       {name}")
    return False


def _write(path: Path, name: str, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise click.ClickException(f"{name} can't be written: {error.strerror}") from None
    click.echo(f"wrote      {name}")
