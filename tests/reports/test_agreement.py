"""All formats tell one score and one verdict, whatever the rules found."""

import json
import re
from html import unescape

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from netgrade.messages import Failure
from netgrade.reports.as_json import render, schema
from netgrade.reports.badge import endpoint
from netgrade.reports.formats import FORMATS
from netgrade.reports.report import Report, Run
from netgrade.reports.score import of_run
from netgrade.rules.model import Verdict, Violation

OUTCOMES = st.sampled_from(["passed", "warned", "failed", "skipped", "error"])
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=30)
VERDICTS = st.lists(
    st.builds(
        Verdict,
        rule=st.from_regex(r"[a-z]{1,8}(-[a-z]{1,8})?", fullmatch=True),
        outcome=OUTCOMES,
        message=WORDS,
        violations=st.lists(st.builds(Violation, message=WORDS, hint=WORDS), max_size=2).map(tuple),
        numbers=st.dictionaries(WORDS, st.integers() | st.floats() | WORDS, max_size=2),
        points=st.integers(0, 10**7),
    ),
    max_size=4,
).map(tuple)
REPORTS = st.builds(
    Report,
    path=WORDS,
    network=WORDS,
    assignment=st.just("course"),
    facts=st.none(),
    failure=st.none() | st.builds(Failure, stage=st.just("forward"), message=WORDS, output=WORDS),
    verdicts=VERDICTS,
    trained=VERDICTS,
    notes=st.lists(WORDS, max_size=2).map(tuple),
    possible=st.integers(0, 10**7),
)
RUNS = st.lists(REPORTS, min_size=1, max_size=4).map(
    lambda found: Run(reports=tuple(found), assignment="course", netgrade="0.1.0", torch="2.15.0")
)
VALIDATOR = Draft202012Validator(json.loads(schema()))


@settings(deadline=None)
@given(RUNS)
def test_all_formats_agree(run: Run) -> None:
    document = json.loads(render(run))
    VALIDATOR.validate(document)
    score = of_run(run.reports)
    assert document["points"] == {"earned": score.earned, "possible": score.possible}
    for whole, parts in [(document, document["networks"]), *((each, each["checks"]) for each in document["networks"])]:
        assert whole["points"]["earned"] == sum(part["points"]["earned"] for part in parts)
        assert whole["points"]["possible"] == sum(part["points"]["possible"] for part in parts)
    count = sum(each["passed"] for each in document["networks"])
    word = f"{count} of {len(run.reports)} passed" if len(run.reports) > 1 else "passed" if count else "failed"
    headline = f"{word} · {score}"
    shown = {name: render_as(run) for name, render_as in FORMATS.items()}
    assert f"netgrade: {headline}" in shown["markdown"].partition("\n")[0]
    assert shown["github"].splitlines()[-1] == f"netgrade: {headline}"
    assert f"<title>netgrade, course: {headline}</title>" in shown["badge-svg"]
    badge = json.loads(endpoint(run))
    assert badge["message"] == f"{word} · {score.earned:,}/{score.possible:,}"
    assert badge["isError"] == (not document["passed"])
    title = unescape(re.findall(r"<title>(.*?)</title>", shown["html"], re.DOTALL)[0])
    assert title.endswith(f"{headline} · netgrade")
