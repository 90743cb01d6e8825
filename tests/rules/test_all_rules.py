"""What holds for every rule: it is found, documented and passes on a network that keeps it."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
import torch
from msgspec.structs import replace

import netgrade.rules
from netgrade.facts.model import Facts
from netgrade.facts.training import Training
from netgrade.rules import all_rules, vocabulary
from netgrade.rules.model import Rule

RULES = all_rules()
PARTS = ["What it checks", "Why", "Fails", "Passes", "Settings"]
SETTINGS: dict[str, dict[str, Any]] = {
    "macs": {"below": 1_000_000},
    "operators": {"required": ["conv"], "forbidden": ["max-pool"]},
    "output-shape": {"classes": 10},
    "parameter-budget": {"below": 20_000},
    "receptive-field": {"at-least": 3},
    "test-accuracy": {"accuracy": 99.4},
}
"""Settings for the rules that can't do without."""

every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


def parts(rule: Rule) -> dict[str, str]:
    """Cut a page into its parts."""
    pieces = re.split(r"^(\S.*):$", rule.page, flags=re.MULTILINE)[1:]
    return dict(zip(pieces[::2], pieces[1::2], strict=True))


def test_the_rules() -> None:
    assert list(RULES) == [
        "batch-independence",
        "batch-norm",
        "depthwise-separable",
        "deterministic-eval",
        "dilated",
        "dropout",
        "finite-output",
        "fully-connected",
        "gap-or-fully-connected",
        "global-average-pooling",
        "learns",
        "macs",
        "operators",
        "output-kind",
        "output-shape",
        "parameter-budget",
        "receptive-field",
        "test-accuracy",
        "untrained-start",
        "used-layers",
    ]


def test_every_file_of_the_folder_is_a_rule_or_shared() -> None:
    files = {path.stem for path in Path(netgrade.rules.__file__).parent.glob("*.py")} - {"__init__"}
    shared = {"accuracy", "model", "pages", "presence", "teaching", "vocabulary", "wording"}
    assert {rule.id.replace("-", "_") for rule in RULES.values()} == files - shared


@every_rule
def test_the_page_has_its_parts(rule: Rule) -> None:
    assert re.match(r"[A-Z].*\.\n\n", rule.page)
    assert list(parts(rule)) == PARTS
    assert all(text.strip() for text in parts(rule).values())


@every_rule
def test_both_examples_are_there(rule: Rule) -> None:
    for part in ("Fails", "Passes"):
        assert re.search(r"^ {8}\S", parts(rule)[part], flags=re.MULTILINE), part


@every_rule
def test_the_settings_are_documented(rule: Rule) -> None:
    documented = re.findall(r"^    ([a-z-]+): ", parts(rule)["Settings"], flags=re.MULTILINE)
    assert documented == [field.encode_name for field in msgspec.structs.fields(rule.settings)]
    assert documented or parts(rule)["Settings"].strip() == "None."


@every_rule
def test_what_a_rule_needs_is_a_rule(rule: Rule) -> None:
    assert set(rule.needs) <= set(RULES) - {rule.id}


@every_rule
def test_what_judges_by_a_training_needs_one(rule: Rule, facts: Facts) -> None:
    finding = rule.check(facts, msgspec.convert(SETTINGS.get(rule.id, {}), rule.settings))
    assert finding.unknown.startswith("not trained") == (rule.evidence != "program")
    assert finding.violations == () or rule.evidence == "program"


@every_rule
def test_a_pass_reads_as_one_and_has_its_figures(
    rule: Rule, facts: Facts, edit: Callable[..., Facts], training: Training
) -> None:
    if rule.evidence != "program":
        facts = replace(facts, **{rule.evidence: training})
    if rule.id == "fully-connected":
        facts = edit(facts, "relu", op="linear", layer="fc")
    if rule.id == "depthwise-separable":
        facts = edit(facts, "conv1", channels=(16, 16), groups=16)
    if rule.id == "dilated":
        facts = edit(facts, "conv1", dilation=(2, 2))
    finding = rule.check(facts, msgspec.convert(SETTINGS.get(rule.id, {}), rule.settings))
    assert (finding.violations, finding.unknown) == ((), "")
    assert finding.message
    assert finding.numbers
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", key) for key in finding.numbers)


def test_every_word_of_the_vocabulary_is_on_the_page() -> None:
    said = re.search(r"The words are: (.*?)\. `", RULES["operators"].page, flags=re.DOTALL)
    assert said is not None
    assert re.split(r",\s+", said[1]) == list(get_args(vocabulary.Word))


@pytest.mark.parametrize("op", sorted(vocabulary._WORDS | dict.fromkeys(vocabulary._PRODUCTS)))  # noqa: SLF001 - the names themselves are checked
def test_every_name_of_the_vocabulary_is_an_operator(op: str) -> None:
    assert hasattr(torch.ops.aten, op)


def test_nothing_here_imports_torch() -> None:
    code = (
        "import sys, netgrade.__main__, netgrade.assignment, netgrade.rules as rules; rules.all_rules(); "
        "print(sorted({'torch', 'numpy'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert ran.stdout == "[]\n"
