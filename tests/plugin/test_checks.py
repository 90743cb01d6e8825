"""Items, outcomes and what pytest's own options make of them."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from netgrade.facts.model import Facts
from netgrade.messages import Failure, Frame

if TYPE_CHECKING:
    from tests.plugin.conftest import Start

RULES = (
    "parameter-budget",
    "batch-norm",
    "dropout",
    "global-average-pooling",
    "output-shape",
    "output-kind",
    "finite-output",
    "deterministic-eval",
    "batch-independence",
    "used-layers",
)
RAISES = Failure(
    stage="forward",
    network="Net",
    message="forward raises on a batch of five 1×28×28 images: RuntimeError: shape '[-1, 216]' is invalid",
    error="RuntimeError",
    frames=(Frame(file="net.py", line=29, code="x = self.fc(x.view(-1, 24 * 9))"),),
    hint="flatten with x.flatten(1)",
)


def ids(result: pytest.RunResult, word: str) -> list[str]:
    return re.findall(rf"^{word} (\S+)", result.stdout.str(), re.MULTILINE)


def test_one_item_a_rule(start: "Start", small_net: Facts) -> None:
    start.has("models/net.py", small_net)
    result = start.run("--model-path", "models/net.py", "-rA")
    assert ids(result, "PASSED") == [f"models/net.py::{rule}" for rule in RULES]
    assert result.ret == 0
    assert start.planted == []


def test_the_summary_tells_layers_totals_and_rules(start: "Start", small_net: Facts) -> None:
    start.has("models/net.py", small_net)
    result = start.run("--model-path=models/net.py")
    result.stdout.fnmatch_lines(
        [
            "netgrade 0.1.0 · mnist-20k · torch *",
            "=* netgrade 0.1.0 · mnist-20k · torch * · sandbox: limits =*",
            "models/net.py · Net · 1,432 parameters · 188 k MACs · receptive field 8, whole image after the pool",
            "  line  layer     operator      output  parameters  field     MACs",
            "    20  block1.0  conv 3×3     8×26×26          72      3   48,672",
            "     …  (5 lines more with -v)",
            "        total                                1,432         188,224",
            "  ✓ parameter-budget          1,432, fewer than 20,000 by 18,568",
            "=* 10 passed, 2 deselected in *",
        ]
    )


def test_verbose_ids_and_the_whole_table(start: "Start", small_net: Facts) -> None:
    start.has("models/net.py", small_net)
    result = start.run("--model-path=models/net.py", "-v")
    result.stdout.fnmatch_lines(["models/net.py::parameter-budget PASSED *", "    24  pool      max pool 2×2 *"])
    result.stdout.no_fnmatch_line("*more with -v*")


def test_a_broken_rule_fails_with_message_and_hint_and_no_traceback(start: "Start", large: Facts) -> None:
    start.has("net.py", large)
    result = start.run("--model-path=net.py")
    assert result.ret == 1
    result.assert_outcomes(failed=1, passed=9)
    assert result.stdout.str().count("take away at least 1,361; the largest tensors:") == 2
    result.stdout.fnmatch_lines(
        [
            "_* net.py · Large · parameter-budget _*",
            "21,360 is not fewer than 20,000",
            "→ take away at least 1,361; *",
            "  ✗ parameter-budget          21,360 is not fewer than 20,000",
            " *   → take away at least 1,361; *",
            "  netgrade rules parameter-budget explains the rule",
            "FAILED net.py::parameter-budget*",  # with the message, from pytest 9 on
        ]
    )
    assert "items.py" not in result.stdout.str()


def test_several_networks_of_a_file(start: "Start", small_net: Facts, large: Facts) -> None:
    start.has("models/all.py", small_net, large)
    result = start.run("--model-path", "models/all.py", "-rA")
    assert ids(result, "FAILED") == ["models/all.py::Large::parameter-budget"]
    assert ids(result, "PASSED")[:2] == ["models/all.py::Net::parameter-budget", "models/all.py::Net::batch-norm"]
    result.stdout.fnmatch_lines(
        ["models/all.py has 2 networks; grade one of them with --model-path=models/all.py::Large"]
    )


def test_one_of_several_networks_keeps_its_id(start: "Start", small_net: Facts) -> None:
    start.has("models/all.py", small_net, names=("Net", "Other"))
    result = start.run("--model-path", "models/all.py::Net", "-rA", "-k", "dropout")
    assert ids(result, "PASSED") == ["models/all.py::Net::dropout"]
    assert start.log[1] == "submit all.py Net 60 (1, 28, 28) 10"
    result.stdout.no_fnmatch_line("*has 2 networks*")


def test_a_submission_that_cannot_be_loaded_is_one_failed_item(start: "Start", small_net: Facts) -> None:
    start.has("broken.py", RAISES)
    start.has(
        "nothing.py", replace(RAISES, network=None, message="no nn.Module", error="", frames=(), hint="define one")
    )
    start.has("net.py", small_net)
    result = start.run("--model-path=.", "-rA")
    assert result.ret == 1
    assert ids(result, "FAILED") == ["broken.py::loads", "nothing.py::loads"]
    result.assert_outcomes(failed=2, passed=10)
    result.stdout.fnmatch_lines(
        [
            "broken.py · Net",
            "  ✗ loads                     forward raises on a batch of five 1×28×28 images",
            "                                net.py:29  x = self.fc(x.view(-1, 24 [*] 9))",
            "                                RuntimeError: shape '[[]-1, 216]' is invalid",
            "                              → flatten with x.flatten(1)",
        ]
    )
    result.stdout.no_fnmatch_line("*netgrade rules loads*")


def test_one_network_of_several_that_cannot_be_loaded(start: "Start", small_net: Facts) -> None:
    start.has("all.py", small_net, replace(RAISES, network="Other"))
    result = start.run("--model-path=all.py", "-rf")
    assert ids(result, "FAILED") == ["all.py::Other::loads"]


def test_a_warned_rule_passes_even_where_warnings_are_errors(start: "Start", small_net: Facts) -> None:
    first, *rest = small_net.parameters
    start.has("net.py", replace(small_net, parameters=(replace(first, used=False), *rest)))
    result = start.run("--model-path=net.py", "-Werror", "--junitxml=junit.xml")
    assert result.ret == 0
    result.assert_outcomes(passed=10)
    result.stdout.fnmatch_lines(["  ! used-layers *", "  netgrade rules used-layers explains the rule"])
    assert properties(start.folder / "junit.xml")["used-layers"]["outcome"] == "warned"


def test_a_rule_that_waits_for_another_is_skipped_with_the_reason(start: "Start", small_net: Facts) -> None:
    start.has(
        "net.py", replace(small_net, scores=replace(small_net.scores, shapes={1: (1, 32), 5: (5, 32), 8: (8, 32)}))
    )
    result = start.run("--model-path=net.py", "-rs")
    result.stdout.fnmatch_lines(
        [
            "  – batch-independence        can't be checked until output-shape passes",
            "SKIPPED [[]*] net.py: can't be checked until output-shape passes",
        ]
    )
    assert result.parseoutcomes()["failed"] == 1


def test_a_rule_that_cannot_judge_is_an_error(start: "Start", small_net: Facts) -> None:
    start.write("course.toml", "input-shape = [1, 28, 28]\nclasses = 10\n[rules.macs]\nat-most = 10\n")
    start.has("net.py", replace(small_net, macs=None, unknown=("stft",)))
    result = start.run("--model-path=net.py", "--assignment=course.toml")
    assert result.ret == 1
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["_* ERROR at setup of net.py · Net · macs _*", "can't judge: *stft*", "  ? macs *stft*"]
    )


def properties(path: Path) -> dict[str, dict[str, str]]:
    cases = ET.parse(path).getroot().iter("testcase")  # noqa: S314, our own file
    told = [{each.get("name"): each.get("value") for each in case.iter("property")} for case in cases]
    return {each["rule"]: each for each in told}


def test_junit_holds_the_properties_and_the_numbers(start: "Start", large: Facts) -> None:
    start.has("models/net.py", large)
    start.run("--model-path=./models/net.py", "--junitxml=junit.xml")
    told = properties(start.folder / "junit.xml")
    assert list(told) == list(RULES)
    assert told["parameter-budget"] == {
        "submission": "./models/net.py",
        "network": "Large",
        "rule": "parameter-budget",
        "outcome": "failed",
        "total": "21360",
        "trainable": "21360",
        "hidden": "0",
        "counted": "21360",
        "limit": "20000",
    }
    failure = ET.parse(start.folder / "junit.xml").getroot().find(".//failure")  # noqa: S314, our own file
    assert failure is not None
    assert failure.get("message") == "21,360 is not fewer than 20,000\n→ " + str(failure.text).split("→ ")[1]


def test_k_shows_what_ran_alone(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    result = start.run("--model-path=net.py", "-k", "batch-norm or dropout")
    result.assert_outcomes(passed=2, deselected=10)
    marked = re.findall(r"^  ✓ (\S+)", result.stdout.str(), re.MULTILINE)
    assert marked == ["batch-norm", "dropout"]


def test_deselect(start: "Start", small_net: Facts) -> None:
    start.has("models/net.py", small_net)
    result = start.run("--model-path=models", "--deselect=models/net.py::dropout")
    result.assert_outcomes(passed=9, deselected=3)


def test_last_failed_of_a_file_in_and_one_outside_of_the_root(start: "Start", large: Facts) -> None:
    start.has("start/in.py", large)
    start.has("out.py", large)
    start.write("start/pytest.ini", "[pytest]\n")
    both = ("--rootdir=start", "--model-path=start/in.py", "--model-path=out.py")
    start.run(*both).assert_outcomes(failed=2, passed=18, deselected=4)
    start.run(*both, "--lf").assert_outcomes(failed=2, deselected=22)


def test_exit_first(start: "Start", large: Facts) -> None:
    start.has("net.py", large)
    result = start.run("--model-path=net.py", "-x")
    result.assert_outcomes(failed=1)
    assert re.findall(r"^  [✓✗] (\S+)", result.stdout.str(), re.MULTILINE) == ["parameter-budget"]


def test_quiet_is_silent_when_all_is_well(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    result = start.run("--model-path=net.py", "-q")
    assert re.fullmatch(r"\.{10} +\[100%\]\s+10 passed, 2 deselected in [\d.]+s", result.stdout.str().strip())


def test_quiet_shows_what_is_broken_without_a_table(start: "Start", large: Facts) -> None:
    start.has("net.py", large)
    result = start.run("--model-path=net.py", "-q", "--tb=no", "-rN")
    shown = [line for line in result.stdout.lines if line.startswith(("✗", "  "))]
    assert shown[0] == "✗ net.py · Large · 21,360 parameters"
    assert shown[1] == "  ✗ parameter-budget          21,360 is not fewer than 20,000"
    assert shown[2].strip().startswith("→ take away")


def test_collect_only_lists_the_checks_and_no_summary(start: "Start", small_net: Facts) -> None:
    start.has("all.py", small_net, names=("Net", "Other"))
    result = start.run("--model-path=all.py", "--collect-only")
    result.stdout.fnmatch_lines(["<File all.py>", "  <Network Net>", "    <Check parameter-budget>"])
    result.stdout.no_fnmatch_line("*✓*")


def test_without_a_terminal_plugin(start: "Start", large: Facts) -> None:
    start.has("net.py", large)
    assert start.run("--model-path=net.py", "-p", "no:terminal").ret == 1


def test_an_ascii_terminal_gets_ascii(start: "Start", small_net: Facts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    start.has("net.py", small_net)
    result = start.run("--model-path=net.py")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["net.py | Net | 1,432 parameters | *", "  + parameter-budget   *"])


def test_xdist_gives_the_same_verdicts_and_tables(start: "Start", small_net: Facts, large: Facts) -> None:
    start.has("all.py", small_net, large)
    start.has("broken.py", RAISES)
    alone = start.run("--model-path=.")
    before = start.log
    spread = start.run("--model-path=.", "-p", "xdist", "-n2")
    assert spread.parseoutcomes() == {"failed": 2, "passed": 19}
    assert alone.parseoutcomes() == {"failed": 2, "passed": 19, "deselected": 6}  # xdist counts none of these

    def summary(result: pytest.RunResult) -> list[str]:
        lines = result.stdout.lines
        (begin,) = (index for index, line in enumerate(lines) if "sandbox: limits" in line)
        (end,) = (index for index, line in enumerate(lines) if "short test summary" in line)
        return lines[begin:end]

    assert summary(spread) == summary(alone)
    assert start.log[len(before) :] == before


def test_a_file_outside_of_the_root_has_a_path_from_it(start: "Start", small_net: Facts) -> None:
    start.has("net.py", small_net)
    start.write("start/pytest.ini", "[pytest]\n")
    result = start.run("--rootdir=start", "--model-path=net.py", "-k", "dropout", "--collect-only", "-q")
    result.stdout.fnmatch_lines(["../net.py::dropout"])


def test_two_files_of_one_name(start: "Start", small_net: Facts) -> None:
    start.has("a/model.py", small_net)
    start.has("b b/model.py", small_net)
    result = start.run("--model-path=a/model.py", "--model-path=b b/model.py", "--collect-only", "-q", "-k", "dropout")
    assert result.stdout.lines[:2] == ["a/model.py::dropout", "b b/model.py::dropout"]


def test_a_path_with_control_characters_is_shown_by_their_codes(start: "Start", small_net: Facts) -> None:
    start.has("nets/a\x1b[31m\nb.py", small_net)
    result = start.run("--model-path=nets", "-v", "--junitxml=junit.xml")
    assert "\x1b" not in result.stdout.str()
    result.stdout.fnmatch_lines([r"nets/a\x1b[[]31m\nb.py::dropout PASSED *", r"nets/a\x1b[[]31m\nb.py · Net · *"])
    assert properties(start.folder / "junit.xml")["dropout"]["submission"] == r"nets/a\x1b[31m\nb.py"
