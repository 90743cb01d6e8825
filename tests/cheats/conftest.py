"""Ends a run with -rA or -v with a table of the cheats and what came of each."""

import pytest


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter", config: pytest.Config) -> None:
    reports = [*terminalreporter.stats.get("passed", ()), *terminalreporter.stats.get("failed", ())]
    rows = [(dict(report.user_properties), report.outcome) for report in reports]
    cheats = sorted(
        (properties["cheat"], properties.get("outcome", "no result"), outcome)
        for properties, outcome in rows
        if "cheat" in properties
    )
    if not cheats or not (config.option.verbose > 0 or "A" in config.option.reportchars):
        return
    terminalreporter.section("cheats")
    width = max(len(cheat) for cheat, _, _ in cheats)
    for cheat, found, outcome in cheats:
        wrong = "" if outcome == "passed" else "   ← not as declared"
        terminalreporter.write_line(f"{cheat:<{width}}  {found}{wrong}")
