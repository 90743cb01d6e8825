"""The command `netgrade`: explains the rules, and tries the sandbox."""

import argparse
import sys
from collections.abc import Sequence

from netgrade.names import unknown
from netgrade.rules import all_rules, pages
from netgrade.sandbox.doctor import diagnose, table
from netgrade.sandbox.protocol import Level


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: the command line without the program's name; None for the process's own.

    Returns:
        The exit code: 0, or 1 if `doctor` finds that the sandbox does not hold. A user's mistake ends in SystemExit
        with code 2, as argparse has it.
    """
    parser, rules_parser = _parsers()
    options = parser.parse_args(arguments)
    if options.command == "doctor":
        return _doctor(options.sandbox)
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


def _doctor(level: Level) -> int:
    diagnosis = diagnose(level)
    sys.stdout.write(f"{table(diagnosis)}\n")
    return 0 if all(attempt.right for attempt in diagnosis.attempts) else 1


def _parsers() -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    parser = argparse.ArgumentParser(prog="netgrade", description="Grade a network by the graph that it executes.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    rules = commands.add_parser("rules", help="list the rules, or explain one")
    rules.add_argument("id", nargs="?", metavar="RULE", help="the rule to explain, such as dropout")
    rules.add_argument("--markdown", action="store_true", help="print the list as a Markdown table with the settings")
    doctor = commands.add_parser("doctor", help="try what a submission must not be able to do, and show what held")
    doctor.add_argument("--sandbox", choices=("auto", "off"), default="auto", help="as for pytest (default: auto)")
    return parser, rules


if __name__ == "__main__":
    sys.exit(main())
