"""The command `netgrade`: grades and trains without pytest, shows a network, explains the rules, sets a course up.

A thin shell around click, which parses the arguments and completes them in a shell. Like the plugin it never imports
torch, and it reads no configuration: what a folder says of pytest or of netgrade is not asked for.
"""

import os
import sys
import traceback
from collections.abc import Sequence

import click

from netgrade import __version__
from netgrade.command.check import check
from netgrade.command.doctor import doctor
from netgrade.command.init import init
from netgrade.command.rules import rules
from netgrade.command.show import show
from netgrade.command.train import train
from netgrade.sandbox.client import SandboxError
from netgrade.submissions import SUFFIXES

INTERRUPTED, FAULT, MISTAKE = 2, 3, 4
"""Exit codes beside 0 and 1, as pytest's."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="netgrade", message="%(prog)s %(version)s")
def group() -> None:
    """Grade a network by the graph that it executes."""


for _command in (check, train, show, rules, init, doctor):
    group.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: The command line without the program's name; None for the process's own.

    Returns:
        0; 1 if a rule failed or `doctor` finds that the sandbox does not hold; 2 if the user interrupted it; 3 if
        netgrade itself failed; 4 for a mistake in the command or the assignment; 5 if `train` could judge nothing.
    """
    # click decodes a name that is no text in this system's encoding with surrogates, which can't be printed.
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")
    given = [_as_path(each) for each in (sys.argv[1:] if arguments is None else arguments)]
    try:
        code = group.main(given, prog_name="netgrade", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return MISTAKE
    except click.Abort:
        click.echo("netgrade: interrupted", err=True)
        return INTERRUPTED
    except SandboxError as error:
        click.echo(f"netgrade: {error}", err=True)
        return FAULT
    except Exception:  # noqa: BLE001 - Python's own exit code for it would be 1, which says that a rule failed
        traceback.print_exc()
        click.echo("netgrade itself failed; the fault is not a submission's", err=True)
        return FAULT
    return code if isinstance(code, int) else 0


def _as_path(argument: str) -> str:
    """Keep a file whose name begins with `-` from being taken for an option: a hook gives names as they are."""
    named = argument.startswith("-") and argument.endswith(SUFFIXES) and os.path.lexists(argument)
    return f"./{argument}" if named else argument
