"""A run as JSON: a document of its own with a version, so that the inner data may change without breaking a reader.

Its JSON Schema lies beside this file, in `report-1.schema.json`. Within a version fields may be added; none goes, and
none changes its meaning.
"""

import math
from typing import Any, Literal

import msgspec

from netgrade.facts.model import Facts, Operator, Place
from netgrade.facts.training import Epoch, Training, Trial
from netgrade.messages import Failure, Stage
from netgrade.reports.layers import describe, executed, is_layer
from netgrade.reports.report import Report, Run
from netgrade.reports.score import Score, of_check, of_network, of_run
from netgrade.rules.model import Outcome, Verdict, Violation

VERSION: Literal[1] = 1


class _Record(msgspec.Struct, frozen=True, kw_only=True):
    """Every field is always there; null says that there is nothing to say."""


class Points(_Record, frozen=True, kw_only=True):
    """Whole points: what was earned of what the assignment gives."""

    earned: int
    possible: int


class Where(_Record, frozen=True, kw_only=True):
    """A line of the student's source; `cell` counts a notebook's cells from one, `file` names a sibling."""

    line: int
    cell: int | None
    file: str | None


class Fault(_Record, frozen=True, kw_only=True):
    """One way in which a rule is broken: what is, and what to do."""

    message: str
    hint: str
    place: Where | None


class Check(_Record, frozen=True, kw_only=True):
    """One rule on one network; `numbers` are the figures behind the outcome."""

    rule: str
    outcome: Outcome
    points: Points
    message: str
    violations: tuple[Fault, ...]
    numbers: dict[str, int | float | str | None]


class SourceLine(_Record, frozen=True, kw_only=True):
    """A line of a traceback, in the student's own files."""

    file: str
    line: int
    code: str


class NotGraded(_Record, frozen=True, kw_only=True):
    """Why there is nothing to judge: how far the submission came, and what stopped it."""

    stage: Stage
    message: str
    error: str
    hint: str
    frames: tuple[SourceLine, ...]
    output: str


class Layer(_Record, frozen=True, kw_only=True):
    """One layer as it runs; shapes leave the batch out, `field` is the receptive field in pixels."""

    layer: str
    operator: str
    description: str
    place: Where | None
    output: tuple[int, ...]
    parameters: int
    macs: int | None
    field: int | None


class Size(_Record, frozen=True, kw_only=True):
    """The network in figures; MACs are of one image, null where an operator is unknown."""

    input_shape: tuple[int, ...]
    parameters: int
    trainable: int
    hidden_weights: int
    macs: int | None
    receptive_field: int | None
    layers: tuple[Layer, ...]


class Pass(_Record, frozen=True, kw_only=True):
    """One epoch; a loss that is no number is null."""

    epoch: int
    loss: float | None
    train_correct: int
    train_images: int
    test_correct: int
    seconds: float | None


class Attempt(_Record, frozen=True, kw_only=True):
    """The training from one seed; counts are of test images, `start` before any training."""

    seed: int
    start: int
    best: int
    last: int
    ending: str
    message: str
    epochs: tuple[Pass, ...]


class Trained(_Record, frozen=True, kw_only=True):
    """What training has shown; counts of images, never rounded."""

    data_set: str
    full: bool
    device: str
    epochs_planned: int
    test_images: int
    trials: tuple[Attempt, ...]


class Network(_Record, frozen=True, kw_only=True):
    """One network, or a file without one; `not_graded` is null where it was judged."""

    path: str
    network: str
    siblings: tuple[str, ...]
    passed: bool
    points: Points
    checks: tuple[Check, ...]
    not_graded: NotGraded | None
    size: Size | None
    training: Trained | None
    notes: tuple[str, ...]
    sandbox: tuple[str, ...]


class Document(_Record, frozen=True, kw_only=True):
    """A run of netgrade: every network that it graded, by every rule of the assignment, and what it did not judge."""

    version: Literal[1]
    netgrade: str
    torch: str
    assignment: str
    accuracy: float | None
    passed: bool
    points: Points
    networks: tuple[Network, ...]
    left_out: tuple[str, ...]


def schema() -> str:
    """Return the JSON Schema of a report, as it is published."""
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:netgrade:report:{VERSION}",
        "title": f"netgrade report, version {VERSION}",
    }
    found: dict[str, Any] = msgspec.json.schema(Document)
    return _text(head | found)


def render(run: Run) -> str:
    """Return the JSON document of a run."""
    return _text(
        Document(
            version=VERSION,
            netgrade=run.netgrade,
            torch=run.torch,
            assignment=run.assignment,
            accuracy=run.accuracy,
            passed=run.passed,
            points=_points(of_run(run.reports)),
            networks=tuple(map(_network, run.reports)),
            left_out=run.left_out,
        )
    )


def _text(data: object) -> str:
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n"


def _network(report: Report) -> Network:
    return Network(
        path=report.path,
        network=report.network,
        siblings=report.siblings,
        passed=report.passed,
        points=_points(of_network(report)),
        checks=tuple(map(_check, report.checks)),
        not_graded=_not_graded(report.failure) if report.failure else None,
        size=_size(report.facts) if report.facts else None,
        training=_trained(report.facts.training) if report.facts and report.facts.training else None,
        notes=report.notes,
        sandbox=report.sandbox,
    )


def _points(score: Score) -> Points:
    return Points(earned=score.earned, possible=score.possible)


def _check(verdict: Verdict) -> Check:
    return Check(
        rule=verdict.rule,
        outcome=verdict.outcome,
        points=_points(of_check(verdict)),
        message=verdict.message,
        violations=tuple(map(_fault, verdict.violations)),
        numbers={
            name: _finite(number) if isinstance(number, float) else number for name, number in verdict.numbers.items()
        },
    )


def _fault(violation: Violation) -> Fault:
    return Fault(message=violation.message, hint=violation.hint, place=_where(violation.place))


def _where(place: Place | None) -> Where | None:
    return Where(line=place.line, cell=place.cell, file=place.file) if place else None


def _not_graded(failure: Failure) -> NotGraded:
    return NotGraded(
        stage=failure.stage,
        message=failure.message,
        error=failure.error,
        hint=failure.hint,
        frames=tuple(SourceLine(file=each.file, line=each.line, code=each.code) for each in failure.frames),
        output=failure.output,
    )


def _size(facts: Facts) -> Size:
    return Size(
        input_shape=facts.input_shape,
        parameters=facts.total,
        trainable=facts.trainable,
        hidden_weights=facts.hidden_total,
        macs=facts.macs,
        receptive_field=facts.field,
        layers=tuple(_layer(operator) for operator in executed(facts) if is_layer(operator, facts)),
    )


def _layer(operator: Operator) -> Layer:
    return Layer(
        layer=operator.layer,
        operator=operator.op,
        description=describe(operator),
        place=_where(operator.place),
        output=operator.output,
        parameters=operator.parameters,
        macs=operator.macs,
        field=operator.field,
    )


def _trained(training: Training) -> Trained:
    return Trained(
        data_set=training.data_set,
        full=training.full,
        device=training.device,
        epochs_planned=training.planned,
        test_images=training.test_images,
        trials=tuple(map(_attempt, training.trials)),
    )


def _attempt(trial: Trial) -> Attempt:
    return Attempt(
        seed=trial.seed,
        start=trial.start,
        best=trial.best,
        last=trial.last,
        ending=trial.ending,
        message=trial.message,
        epochs=tuple(map(_pass, trial.epochs)),
    )


def _pass(epoch: Epoch) -> Pass:
    return Pass(
        epoch=epoch.number,
        loss=_finite(epoch.loss),
        train_correct=epoch.train_correct,
        train_images=epoch.train_images,
        test_correct=epoch.test_correct,
        seconds=_finite(epoch.seconds),
    )


def _finite(number: float) -> float | None:
    """Return None for what JSON has no number for."""
    return number if math.isfinite(number) else None
