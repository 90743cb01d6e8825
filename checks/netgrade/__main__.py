"""The command `netgrade`: today it explains the rules."""

import argparse
import sys
from collections.abc import Sequence

from netgrade.names import unknown
from netgrade.rules import all_rules, pages


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the command line without the program's name; None for the process's own.

    Returns:
        The exit code, 0. A user's mistake ends in SystemExit with code 2, as argparse has it.
    """
    parser, rules_parser = _parsers()
    options = parser.parse_args(arguments)
    rules = all_rules()
    if options.id and options.id not in rules:
        rules_parser.error(unknown("rule", options.id, rules))
    if options.id:
        text = pages.page(rules[options.id])
    elif options.markdown:
        text = pages.table(rules.values())
    else:
        text = pages.overview(rules.values())
    sys.stdout.write(text)
    return 0


def _parsers() -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    parser = argparse.ArgumentParser(prog="netgrade", description="Grade a network by the graph that it executes.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    rules = commands.add_parser("rules", help="list the rules, or explain one")
    rules.add_argument("id", nargs="?", metavar="RULE", help="the rule to explain, such as dropout")
    rules.add_argument("--markdown", action="store_true", help="print the list as a Markdown table with the settings")
    return parser, rules


if __name__ == "__main__":
    sys.exit(main())
