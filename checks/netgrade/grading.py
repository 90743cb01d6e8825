"""The way of a submission, top to bottom.

    models/netv3.py -> capture child -> blob -> program -> facts -> rules -> report

The sandbox runs the first half in its own processes and hands over facts; the second half is pure and runs here.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from netgrade import __version__
from netgrade.assignment import Assignment, Requirement
from netgrade.facts.model import Facts
from netgrade.facts.training import Training
from netgrade.messages import Examined, Failure, Task
from netgrade.names import unknown
from netgrade.reports.report import Report, Run
from netgrade.reports.sources import sources
from netgrade.reports.terminal import torch_version
from netgrade.rules import all_rules
from netgrade.rules.model import Evidence, Outcome, Verdict, Violation
from netgrade.rules.wording import listing
from netgrade.submissions import Submission, command, names, shown


def task(submission: Submission, assignment: Assignment, *, timeout: float, alone: bool) -> Task:
    """Return what the sandbox is asked to do for a submission.

    Args:
        submission: The file, and the network of it if one is named.
        assignment: Gives the images' shape and the number of classes.
        timeout: Seconds for one network.
        alone: The file may read no other of its folder; see `submissions.strangers`.
    """
    return Task(
        path=str(submission.path),
        network=submission.network,
        input_shape=assignment.input_shape,
        classes=assignment.classes,
        timeout=timeout,
        alone=alone,
    )


def mistake(submission: Submission, examined: Examined) -> str | None:
    """Return what is wrong with the name that the user asked for, or None."""
    for network in examined.networks:
        if isinstance(network, Failure) and network.stage == "find" and submission.network and network.candidates:
            which = unknown("network", submission.network, network.candidates)
            rule = submission.network in all_rules()
            way = f"; a rule is chosen with -k: {command(submission.given, submission.network)}" if rule else ""
            return f"--model-path {shown(submission.given)}::{submission.network}: {which}{way}"
    return None


_TRAINING: tuple[Evidence, ...] = ("training",)


def reports(examined: Examined, assignment: Assignment, *, path: str) -> Iterator[Report]:
    """Yield one report for each network of an examined submission, in the order of definition.

    `path` is what the submission is called in this run.
    """
    candidates = examined.found.candidates if examined.found else ()
    summaries = examined.summaries or ("",) * len(examined.networks)
    for network, summary in zip(examined.networks, summaries, strict=True):
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
            siblings=tuple(sibling for sibling in candidates if sibling != name),
            sandbox=examined.sandbox,
            summary=summary,
            possible=sum(each.points for each in assignment.requirements if each.rule.evidence != "training"),
        )


def run(
    reports: Sequence[Report],
    assignment: Assignment,
    submissions: Sequence[Submission],
    left_out: Iterable[str] = (),
) -> Run:
    """Return all that the formats of `--report` render, the lines of the submissions included.

    `left_out` says what was not judged, a text for each reason.
    """
    return Run(
        reports=tuple(reports),
        assignment=assignment.name,
        netgrade=__version__,
        torch=torch_version(),
        accuracy=assignment.training.accuracy if assignment.training else None,
        sources=sources({name: path for path, name in names(submissions).items()}),
        left_out=tuple(left_out),
    )


def judge(
    facts: Facts, assignment: Assignment, *, evidence: Collection[Evidence] = ("program", "learning")
) -> tuple[Verdict, ...]:
    """Hold the facts against the rules of the assignment, in the assignment's order.

    Args:
        facts: of one network.
        assignment: what it is held to.
        evidence: the rules that judge by anything else are left out. What a rule needs must have passed, if that is
            judged here too.
    """
    verdicts: dict[str, Verdict] = {}
    for requirement in assignment.requirements:
        if requirement.rule.evidence in evidence:
            verdicts[requirement.rule.id] = _verdict(facts, requirement, verdicts)
    return tuple(verdicts.values())


def obstacle(report: Report, *, anyway: bool) -> Verdict | None:
    """Return the verdict that stands for a training that isn't done, because of what is known without it.

    Args:
        report: on everything but the training.
        anyway: train a network even if it breaks a rule.
    """
    if report.failure:
        message = f"not trained, because it can't be loaded: {report.failure.message}"
        return _failed(message, report.failure.hint or "mend that first")
    broken = [verdict.rule for verdict in report.verdicts if verdict.outcome in ("failed", "error")]
    if not broken or anyway:
        return None
    return _failed(f"not trained, because of {listing(broken)}", "mend that first, or train with --train-anyway")


def with_training(report: Report, training: Training, assignment: Assignment) -> Report:
    """Return the report with what training has shown, and the verdicts on it."""
    if report.facts is None:
        return report
    training = msgspec.structs.replace(training, allowed=assignment.epochs)
    facts = msgspec.structs.replace(report.facts, training=training)
    verdicts = judge(facts, assignment, evidence=_TRAINING)
    return msgspec.structs.replace(report, facts=facts, trained=verdicts)


def without_training(report: Report, assignment: Assignment, verdict: Verdict) -> Report:
    """Return the report with the verdict on a network that was not trained.

    It is that of the last rule that judges by training: what has one cause is counted once. The others are skipped.
    """
    *others, last = (each for each in assignment.requirements if each.rule.evidence == "training")
    why = f"can't be checked until the network is trained; {last.rule.id} says why it isn't"
    aside = verdict if verdict.outcome == "skipped" else Verdict(rule="", outcome="skipped", message=why)
    trained = (*((aside, each) for each in others), (verdict, last))
    return msgspec.structs.replace(
        report,
        trained=tuple(
            msgspec.structs.replace(each, rule=requirement.rule.id, points=requirement.points)
            for each, requirement in trained
        ),
    )


def training_rules(assignment: Assignment) -> tuple[str, ...]:
    """Return the rules of an assignment that judge by training, in its order."""
    return tuple(each.rule.id for each in assignment.requirements if each.rule.evidence == "training")


def _failed(message: str, hint: str) -> Verdict:
    violation = Violation(message=message, hint=hint)
    return Verdict(rule="", outcome="failed", message=message, violations=(violation,))


def _verdict(facts: Facts, requirement: Requirement, earlier: dict[str, Verdict]) -> Verdict:
    rule = requirement.rule
    for need in rule.needs:
        if need in earlier and earlier[need].outcome not in ("passed", "warned"):
            reason = f"can't be checked until {need} passes"
            return Verdict(rule=rule.id, outcome="skipped", message=reason, points=requirement.points)
    finding = rule.check(facts, requirement.settings)
    if finding.unknown:
        return Verdict(
            rule=rule.id,
            outcome="error",
            message=finding.unknown,
            numbers=finding.numbers,
            points=requirement.points,
        )
    violated: Outcome = "failed" if requirement.severity == "fail" else "warned"
    return Verdict(
        rule=rule.id,
        outcome=violated if finding.violations else "passed",
        message=finding.message,
        violations=finding.violations,
        numbers=finding.numbers,
        points=requirement.points,
    )
