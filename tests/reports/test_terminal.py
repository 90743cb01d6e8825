from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from netgrade.assignment import load
from netgrade.facts.model import Facts, HiddenWeight, Place
from netgrade.grading import reports
from netgrade.messages import Examined, Failure, Frame
from netgrade.reports.report import LOADS, Report
from netgrade.reports.terminal import heading, one_line, plain, summary
from netgrade.rules.model import Outcome, Verdict, Violation

if TYPE_CHECKING:
    from tests.conftest import Golden

VIOLATIONS = (
    Verdict(
        rule="dropout",
        outcome="failed",
        message="1 violation",
        violations=(
            Violation(
                message="`drop` runs with p = 0.0 (line 23): it never drops anything",
                hint="give it a rate above 0; networks of this size use 0.02 to 0.10",
                place=Place(line=23),
            ),
        ),
    ),
    Verdict(
        rule="global-average-pooling",
        outcome="failed",
        message="1 violation",
        violations=(
            Violation(
                message="AvgPool2d(7) at line 29 averages the upper left 7×7 of an 11×11 map, not the whole",
                hint="nn.AdaptiveAvgPool2d(1) takes the whole map, whatever its size",
                place=Place(line=29),
            ),
        ),
    ),
)
RAISES = Failure(
    stage="forward",
    network="Net",
    message=(
        "forward raises on a batch of five 1×28×28 images: RuntimeError: shape '[-1, 216]' is invalid for input of "
        "size 12000"
    ),
    error="RuntimeError",
    frames=(Frame(file="submission.py", line=29, code="x = self.fc(x.view(-1, 24 * 9))"),),
    hint="the map has 24 × 10 × 10 values an image here; flatten with x.flatten(1)",
)


@pytest.fixture
def report(examined: Examined) -> Report:
    (report,) = reports(examined, load(folder=Path()), path="models/net.py")
    return replace(report, notes=("matplotlib is missing here and was replaced by a stand-in",))


def ran(*found: Report) -> set[tuple[str, str, str]]:
    return {(report.path, report.network, check.rule) for report in found for check in report.checks}


def text(*found: Report, width: int = 80, verbosity: int = 0) -> str:
    lines = summary(found, ran(*found), width=width, verbosity=verbosity)
    return "".join(f"{line.text}\n" for line in lines)


def broken(report: Report, *verdicts: Verdict) -> Report:
    by_rule = {verdict.rule: verdict for verdict in verdicts}
    return replace(report, verdicts=tuple(by_rule.get(verdict.rule, verdict) for verdict in report.verdicts))


def unloadable(report: Report, failure: Failure = RAISES) -> Report:
    return replace(report, facts=None, failure=failure, verdicts=(), network=failure.network or "", notes=())


@pytest.mark.parametrize("verbosity", [0, 1, 2])
def test_all_is_well(report: Report, golden: "Golden", verbosity: int) -> None:
    golden.check(f"all-well-{'v' * verbosity or 'plain'}.txt", text(report, verbosity=verbosity))


def test_two_faults(report: Report, golden: "Golden") -> None:
    golden.check("two-faults.txt", text(broken(report, *VIOLATIONS)))


def test_a_file_that_cannot_be_graded(report: Report, golden: "Golden") -> None:
    golden.check("loads.txt", text(unloadable(report)))


def test_what_it_printed_last_is_shown(report: Report) -> None:
    failed = unloadable(report)
    assert failed.failure
    failed = replace(failed, failure=replace(failed.failure, output="one\ntwo\nthree\nfour\n"))
    printed = [line.strip() for line in text(failed).splitlines() if "printed" in line]
    assert printed == ["printed  two", "printed  three", "printed  four"]


def test_several_networks(report: Report, golden: "Golden") -> None:
    second = broken(replace(report, network="Net2", notes=()), *VIOLATIONS)
    golden.check("several.txt", text(replace(report, notes=()), second))


def test_many_networks_are_brief(report: Report, golden: "Golden") -> None:
    many = [replace(report, path=f"models/net{number}.py") for number in range(8)]
    many.append(broken(replace(report, path="models/bad.py"), *VIOLATIONS))
    golden.check("many.txt", text(*many))
    assert text(*many, verbosity=1).count("more with -v") == 0
    assert text(*many, verbosity=1).count("  total  ") == 9


def test_quiet_shows_only_what_did_not_pass(report: Report, golden: "Golden") -> None:
    golden.check("quiet.txt", text(report, broken(report, *VIOLATIONS), unloadable(report), verbosity=-1))


@pytest.mark.parametrize("width", [60, 80, 100, 160])
@pytest.mark.parametrize("verbosity", [-1, 0, 1])
def test_every_line_fits_the_terminal_and_no_word_is_lost(report: Report, width: int, verbosity: int) -> None:
    shown = text(broken(report, *VIOLATIONS), unloadable(report), width=width, verbosity=verbosity)
    assert max(map(len, shown.splitlines())) <= max(width, 76)
    words = " ".join(shown.split())
    for violation in (each for verdict in VIOLATIONS for each in verdict.violations):
        assert violation.message in words
        assert f"→ {violation.hint}" in words


def test_every_check_that_ran_is_shown_once_and_no_other(report: Report) -> None:
    some = {key for key in ran(report) if key[2] in ("dropout", "batch-norm")}
    lines = [line.text for line in summary([report], some)]
    assert [line.split()[1] for line in lines if line.startswith("  ✓")] == ["batch-norm", "dropout"]
    assert list(summary([report], set())) == []


@pytest.mark.parametrize(
    ("outcome", "start", "tone"),
    [
        ("passed", "  ✓ macs ", "good"),
        ("failed", "  ✗ macs ", "bad"),
        ("warned", "  ! macs ", "careful"),
        ("skipped", "  – macs ", "faint"),
        ("error", "  ? macs ", "bad"),
    ],
)
def test_the_mark_of_an_outcome(report: Report, outcome: Outcome, start: str, tone: str) -> None:
    changed = replace(report, verdicts=(Verdict(rule="macs", outcome=outcome, message="why"),))
    (line,) = (
        line for line in summary([changed], ran(changed)) if " macs " in line.text and "netgrade" not in line.text
    )
    assert line.text.startswith(start)
    assert line.text.endswith("why")
    assert line.tone == tone


def test_all_ways_in_which_a_rule_is_broken_are_shown(report: Report) -> None:
    violations = tuple(Violation(message=f"fault {number}", hint=f"cure {number}") for number in range(3))
    verdict = Verdict(rule="macs", outcome="failed", message="3 faults", violations=violations)
    shown = text(replace(report, verdicts=(verdict,)))
    assert [shown.count(f"fault {number}") for number in range(3)] == [1, 1, 1]
    assert one_line(verdict) == ("fault 0 (and 2 more)", "cure 0")


def test_what_a_source_line_holds_does_not_wrap(report: Report) -> None:
    frame = Frame(file="net.py", line=3, code="x = " + "self.layer(" * 40)
    shown = text(unloadable(report, replace(RAISES, frames=(frame,))))
    (line,) = (line for line in shown.splitlines() if "net.py:3" in line)
    assert len(line) == 80
    assert line.endswith("…")


def test_a_failure_without_an_exception(report: Report) -> None:
    shown = text(unloadable(report, Failure(stage="find", message="no nn.Module in this file", hint="define one")))
    assert shown.splitlines() == [
        "models/net.py",
        "",
        "  ✗ loads                     no nn.Module in this file",
        "                              → define one",
        "",
    ]


def test_the_heading_tells_frozen_hidden_and_unknown(small_net: Facts, report: Report) -> None:
    first, *rest = small_net.parameters
    facts: Facts = replace(
        small_net,
        parameters=(replace(first, trainable=False), *rest),
        hidden=(HiddenWeight(origin="buffer", name="table", elements=784),),
        macs=None,
        field=None,
        unknown=("stft",),
    )
    assert heading(replace(report, facts=facts)) == (
        "models/net.py · Net · 1,432 parameters (1,360 trainable) · 784 hidden weights · MACs unknown: stft"
    )


def test_a_field_that_covers_the_image_needs_no_pool(small_net: Facts, report: Report) -> None:
    assert heading(replace(report, facts=replace(small_net, field=28))).endswith("receptive field 28")


@pytest.mark.parametrize(
    ("macs", "shown"), [(0, "0 MACs"), (999, "999 MACs"), (97_344, "97.3 k MACs"), (3_388_816, "3.39 M MACs")]
)
def test_macs_are_rounded_in_the_heading(small_net: Facts, report: Report, macs: int, shown: str) -> None:
    assert shown in heading(replace(report, facts=replace(small_net, macs=macs))).split(" · ")


def test_loads_is_a_check_like_others(report: Report) -> None:
    (check,) = unloadable(report).checks
    assert (check.rule, check.outcome) == (LOADS, "failed")
    assert check.message == RAISES.message
    assert check.numbers == {"stage": "forward"}
    assert one_line(check) == (RAISES.message, RAISES.hint)


def test_ascii_for_a_terminal_that_shows_no_other(report: Report) -> None:
    shown = plain(text(broken(report, *VIOLATIONS), verbosity=1))
    assert shown.isascii()
    assert "?" not in shown
    assert "  x dropout " in shown


def test_a_message_without_end_is_cut(report: Report) -> None:
    (violation,) = VIOLATIONS[0].violations
    verdict = replace(VIOLATIONS[0], violations=(replace(violation, message="x" * 2_000_000),))
    shown = text(broken(report, verdict))
    assert 3_900 < shown.count("x") < 4_100
    assert "x…\n" in shown
