"""The way of a submission, top to bottom.

    models/netv3.py -> capture child -> blob -> program -> facts -> rules -> report

The sandbox runs the first half in its own processes and hands over facts; the second half is pure and runs here.
"""

from collections.abc import Iterator

from netgrade.assignment import Assignment, Requirement
from netgrade.facts.model import Facts
from netgrade.messages import Examined, Failure
from netgrade.reports.report import Report
from netgrade.rules.model import Outcome, Verdict


def reports(examined: Examined, assignment: Assignment, *, path: str) -> Iterator[Report]:
    """Yield one report for each network of an examined submission, in the order of definition.

    `path` is the submission as the user gave it.
    """
    names = examined.found.candidates if examined.found else ()
    for network in examined.networks:
        name = network.network or ""
        facts, failure = (None, network) if isinstance(network, Failure) else (network, None)
        yield Report(
            path=path,
            network=name,
            assignment=assignment.name,
            facts=facts,
            failure=failure,
            verdicts=judge(facts, assignment) if facts else (),
            notes=examined.found.notes if examined.found else (),
            siblings=tuple(sibling for sibling in names if sibling != name),
            sandbox=examined.sandbox,
        )


def judge(facts: Facts, assignment: Assignment) -> tuple[Verdict, ...]:
    """Hold the facts against every rule of the assignment, in the assignment's order."""
    verdicts: dict[str, Verdict] = {}
    for requirement in assignment.requirements:
        verdicts[requirement.rule.id] = _verdict(facts, requirement, verdicts)
    return tuple(verdicts.values())


def _verdict(facts: Facts, requirement: Requirement, earlier: dict[str, Verdict]) -> Verdict:
    rule = requirement.rule
    for need in rule.needs:
        if need in earlier and earlier[need].outcome not in ("passed", "warned"):
            return Verdict(rule=rule.id, outcome="skipped", message=f"can't be checked until {need} passes")
    finding = rule.check(facts, requirement.settings)
    if finding.unknown:
        return Verdict(rule=rule.id, outcome="error", message=finding.unknown, numbers=finding.numbers)
    violated: Outcome = "failed" if requirement.severity == "fail" else "warned"
    return Verdict(
        rule=rule.id,
        outcome=violated if finding.violations else "passed",
        message=finding.message,
        violations=finding.violations,
        numbers=finding.numbers,
    )
