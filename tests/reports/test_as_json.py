import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from msgspec.structs import replace

import netgrade
from netgrade.facts.training import Training
from netgrade.reports.as_json import render, schema
from netgrade.reports.report import Report, Run
from netgrade.rules.model import Verdict

if TYPE_CHECKING:
    from tests.conftest import Golden

SCHEMA = Path(netgrade.__file__).parent / "reports" / "report-1.schema.json"


def valid(text: str) -> Any:  # noqa: ANN401, what JSON holds
    document = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(document)
    return document


def test_the_published_schema_is_the_code(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--rewrite-golden"):
        SCHEMA.write_text(schema(), encoding="utf-8")
    published = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert _ordered(published) == _ordered(json.loads(schema())), (
        "write it anew with --rewrite-golden, and mind the version"
    )
    jsonschema.Draft202012Validator.check_schema(json.loads(schema()))


def _ordered(part: Any) -> Any:  # noqa: ANN401, what JSON holds
    """Give the alternatives one order: versions of msgspec list them in different ones, which means the same."""
    if isinstance(part, list):
        return [_ordered(each) for each in part]
    if not isinstance(part, dict):
        return part
    ordered = {key: _ordered(value) for key, value in part.items()}
    return {**ordered, "anyOf": sorted(ordered["anyOf"], key=json.dumps)} if "anyOf" in ordered else ordered


def test_a_run(run: Run, trained: Report, golden: "Golden") -> None:
    text = render(replace(run, reports=(*run.reports, trained)))
    valid(text)
    golden.check("run.json", text)


def test_what_no_report_may_hold_fails_the_schema(run: Run) -> None:
    document = valid(render(run))
    del document["networks"][0]["checks"][0]["points"]
    with pytest.raises(jsonschema.ValidationError, match="'points' is a required property"):
        valid(json.dumps(document))
    with pytest.raises(jsonschema.ValidationError, match="2 is not one of"):
        valid(json.dumps(document | {"version": 2}))


def test_what_is_no_number_is_null(trained: Report, training: Training, run_of: Callable[..., Run]) -> None:
    (trial,) = training.trials
    diverged = replace(trial.epochs[0], loss=math.nan)
    assert trained.facts
    facts = replace(trained.facts, training=replace(training, trials=(replace(trial, epochs=(diverged,)),)))
    verdict = Verdict(rule="macs", outcome="failed", message="", numbers={"spread": math.inf, "least": 0.5})
    document = valid(render(run_of(replace(trained, facts=facts, verdicts=(verdict,)))))
    (network,) = document["networks"]
    assert network["training"]["trials"][0]["epochs"][0]["loss"] is None
    assert network["checks"][0]["numbers"] == {"spread": None, "least": 0.5}


def test_the_schema_has_a_name_with_its_version(run: Run) -> None:
    published = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert published["$id"] == f"urn:netgrade:report:{valid(render(run))['version']}"


def test_hostile_text_comes_back_as_it_was(hostile: Report, run_of: Callable[..., Run]) -> None:
    (network,) = valid(render(run_of(hostile)))["networks"]
    assert (network["path"], network["network"]) == (hostile.path, hostile.network)


def test_a_run_of_nothing(run_of: Callable[..., Run]) -> None:
    document = valid(render(run_of()))
    assert (document["passed"], document["points"]) == (False, {"earned": 0, "possible": 0})
