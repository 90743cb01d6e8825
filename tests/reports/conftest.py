"""Runs to be rendered: a network that passes, one with a rule in every outcome, a file that can't be graded."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from netgrade.assignment import load
from netgrade.facts.model import Place
from netgrade.facts.training import Epoch, Training, Trial
from netgrade.grading import reports
from netgrade.messages import Examined, Failure, Frame
from netgrade.reports.report import Report, Run
from netgrade.rules.model import Verdict, Violation

HOSTILE = (
    "<script>alert(1)</script> | `a` **b** [x](javascript:y) @you #1 %0A::error::z,\n"
    "::warning::&amp; www.a.b </title>]]>"
)
FAULTS = (
    Verdict(
        rule="dropout",
        outcome="failed",
        message="1 violation",
        violations=(
            Violation(
                message="`drop` runs with p = 0.0 (line 23): it never drops anything",
                hint="give it a rate above 0",
                place=Place(line=23),
            ),
        ),
        points=3,
    ),
    Verdict(
        rule="used-layers",
        outcome="warned",
        message="1 violation",
        violations=(Violation(message="`spare` is never used", hint="take it away"),),
    ),
    Verdict(rule="batch-independence", outcome="skipped", message="can't be checked until output-shape passes"),
    Verdict(rule="batch-norm", outcome="error", message="no formula for `stft`", points=2),
)


@pytest.fixture
def passing(examined: Examined) -> Report:
    (report,) = reports(examined, load(folder=Path()), path="models/net.py")
    return report


@pytest.fixture
def failing(passing: Report) -> Report:
    """12 points are possible beside the failed, the skipped and the unjudged rule: 7 are earned."""
    faults = {verdict.rule: verdict for verdict in FAULTS}
    return replace(
        passing,
        path="models/bad.py",
        network="Bad",
        verdicts=tuple(faults.get(verdict.rule, verdict) for verdict in passing.verdicts),
        notes=("matplotlib is missing here and was replaced by a stand-in",),
        siblings=("Other",),
    )


@pytest.fixture
def unloadable(passing: Report) -> Report:
    failure = Failure(
        stage="forward",
        network="Net",
        message="forward raises on a batch of five 1×28×28 images: RuntimeError: shape '[-1, 216]' is invalid",
        error="RuntimeError",
        frames=(
            Frame(file="broken.py", line=29, code="x = self.body(x)"),
            Frame(file="blocks.py", line=7, code="return x.view(-1, 24 * 9)"),
        ),
        hint="flatten with x.flatten(1)",
        output="loading\nready\n",
    )
    return replace(passing, path="models/broken.py", facts=None, failure=failure, verdicts=())


@pytest.fixture
def training() -> Training:
    """Three epochs on MNIST, the last of which reaches 99.43 %."""
    correct = (9_712, 9_901, 9_943)
    epochs = tuple(
        Epoch(
            number=number,
            loss=0.5 / number,
            train_correct=50_000 + number,
            train_images=60_000,
            test_correct=right,
            seconds=1.5,
        )
        for number, right in enumerate(correct, 1)
    )
    trials = (Trial(seed=0, start=1_012, epochs=epochs),)
    return Training(data_set="MNIST", full=True, device="cpu", planned=3, test_images=10_000, trials=trials)


@pytest.fixture
def trained(passing: Report, training: Training) -> Report:
    assert passing.facts
    return replace(passing, path="models/trained.py", facts=replace(passing.facts, training=training))


@pytest.fixture
def hostile(failing: Report) -> Report:
    """Every text of it is made to break out of where it is shown."""
    assert failing.facts
    place = Place(line=3, file="../a:b,c%d\n.py")
    violation = Violation(message=HOSTILE, hint=HOSTILE, place=place)
    operators = tuple(
        replace(each, layer=HOSTILE, module=HOSTILE, place=place) for each in failing.facts.eval.operators
    )
    facts = replace(failing.facts, network=HOSTILE, eval=replace(failing.facts.eval, operators=operators))
    verdict = Verdict(rule="dropout", outcome="failed", message=HOSTILE, violations=(violation,))
    return replace(
        failing, path=f"models/{HOSTILE}.py", network=HOSTILE, facts=facts, verdicts=(verdict,), notes=(HOSTILE,)
    )


@pytest.fixture
def run_of() -> Callable[..., Run]:
    def run(*found: Report) -> Run:
        return Run(reports=found, assignment="mnist-20k", netgrade="0.1.0", torch="2.15.0", accuracy=99.4)

    return run


@pytest.fixture
def run(passing: Report, failing: Report, unloadable: Report, run_of: Callable[..., Run]) -> Run:
    return run_of(passing, failing, unloadable)
