from collections.abc import Callable

import pytest

from netgrade.facts.model import Facts, Place
from netgrade.rules.batch_norm import check
from netgrade.rules.model import Settings, Violation

Edit = Callable[..., Facts]


def test_one_in_both_modes_passes(facts: Facts) -> None:
    finding = check(facts, Settings())
    assert finding.message == "1 on the path to the scores"
    assert finding.violations == ()
    assert finding.numbers == {"batch_norms": 1}


def test_none_at_all(facts: Facts, edit: Edit) -> None:
    finding = check(edit(facts, "batch_norm", op="relu"), Settings())
    assert finding.violations == (
        Violation(message="no batch norm runs", hint="call an nn.BatchNorm2d after a convolution"),
    )
    assert finding.numbers == {"batch_norms": 0}


@pytest.mark.parametrize(
    ("op", "called"), [("layer_norm", "LayerNorm"), ("group_norm", "GroupNorm"), ("instance_norm", "InstanceNorm")]
)
def test_other_norms_are_named(facts: Facts, edit: Edit, op: str, called: str) -> None:
    finding = check(edit(facts, "batch_norm", op=op), Settings())
    assert finding.violations == (
        Violation(
            message=f"no batch norm runs: {called} (`bn1` at line 11) is not BatchNorm",
            hint="use nn.BatchNorm2d",
            place=Place(line=11),
        ),
    )


def test_dead_in_both_modes(facts: Facts, edit: Edit) -> None:
    finding = check(edit(facts, "batch_norm", effective=False), Settings())
    assert finding.violations == (
        Violation(
            message="`bn1` at line 11 runs, but the scores don't depend on it",
            hint="use its result on the way to what forward returns",
            place=Place(line=11),
        ),
    )


@pytest.mark.parametrize("mode", ["train", "eval"])
def test_dead_in_one_mode(facts: Facts, edit: Edit, mode: str) -> None:
    finding = check(edit(facts, "batch_norm", mode, effective=False), Settings())
    assert finding.message == f"`bn1` at line 11 runs, but in {mode} mode the scores don't depend on it"


def test_several_dead_ones_are_counted(facts: Facts, edit: Edit) -> None:
    two = edit(edit(facts, "relu", op="batch_norm", layer="bn0"), "batch_norm", effective=False)
    assert check(two, Settings()).message == (
        "`bn0` at line 10 runs, but the scores don't depend on it (nor on 1 more)"
    )


@pytest.mark.parametrize(("mode", "other"), [("train", "eval"), ("eval", "train")])
def test_run_in_one_mode_only(facts: Facts, edit: Edit, mode: str, other: str) -> None:
    finding = check(edit(facts, "batch_norm", other, op="relu"), Settings())
    assert finding.violations == (
        Violation(
            message=f"`bn1` at line 11 runs in {mode} mode only",
            hint="let forward call it in both modes, whatever self.training is",
            place=Place(line=11),
        ),
    )


def test_frozen_in_train_mode(facts: Facts, edit: Edit) -> None:
    finding = check(edit(facts, "batch_norm", "train", training=False), Settings())
    assert finding.violations == (
        Violation(
            message="`bn1` at line 11 is frozen: in train mode too it uses its running statistics",
            hint="leave its mode to network.train() and network.eval()",
            place=Place(line=11),
        ),
    )


def test_batch_statistics_in_eval_mode(facts: Facts, edit: Edit) -> None:
    finding = check(edit(facts, "batch_norm", "eval", training=True), Settings())
    assert finding.violations == (
        Violation(
            message="`bn1` at line 11 uses the batch's own statistics in eval mode too",
            hint="keep track_running_stats=True; with F.batch_norm, pass the running statistics and "
            "training=self.training",
            place=Place(line=11),
        ),
    )


def test_one_good_one_among_bad_ones_is_enough(facts: Facts, edit: Edit) -> None:
    two = edit(facts, "relu", op="batch_norm", layer="bn0", training=True)
    assert check(two, Settings()).message == "1 on the path to the scores"


def test_a_functional_one_is_named_by_its_operator(facts: Facts, edit: Edit) -> None:
    finding = check(edit(facts, "batch_norm", layer="", effective=False), Settings())
    assert finding.message == "batch_norm at line 11 runs, but the scores don't depend on it"
