"""`netgrade doctor`: tries what the sandbox holds on this machine."""

import click

from netgrade.sandbox.doctor import diagnose, table
from netgrade.sandbox.protocol import Level


@click.command()
@click.option(
    "--sandbox", type=click.Choice(("auto", "off")), default="auto", show_default=True, help="As for `check`."
)
def doctor(*, sandbox: Level) -> int:
    """Try what a submission must not be able to do, and show what held."""
    diagnosis = diagnose(sandbox)
    click.echo(table(diagnosis))
    return int(not all(attempt.right for attempt in diagnosis.attempts))
