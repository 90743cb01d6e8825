"""`netgrade rules`: lists the rules, or explains one."""

import click

from netgrade.command.options import complete_rules
from netgrade.names import unknown
from netgrade.rules import all_rules, pages


@click.command()
@click.argument("rule", required=False, shell_complete=complete_rules)
@click.option("--markdown", is_flag=True, help="Print the list as a Markdown table with the settings.")
def rules(*, rule: str | None, markdown: bool) -> None:
    """List the rules, or explain one: what it checks and why, what fails, what passes."""
    known = all_rules()
    if rule is not None and rule not in known:
        raise click.UsageError(unknown("rule", rule, known))
    if rule is not None:
        text = pages.page(known[rule])
    elif markdown:
        text = pages.table(known.values())
    else:
        text = pages.overview(known.values())
    click.echo(text, nl=False)
