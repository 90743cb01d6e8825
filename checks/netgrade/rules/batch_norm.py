"""Batch norm is on the path to the scores.

What it checks:
    At least one batch norm runs, and the scores depend on it. It uses the batch's own mean and variance in train mode
    and its running statistics in eval mode. BatchNorm1d, BatchNorm2d, subclasses of them and F.batch_norm count, by
    whatever name a class goes; LayerNorm, GroupNorm and InstanceNorm don't.

Why:
    Batch norm lets a small network train fast with a high learning rate, and its two modes are what the exercise is
    about.

Fails:
    A batch norm that is declared and never called, one whose result is dropped, or one without running statistics.

        self.bn = nn.BatchNorm2d(16, track_running_stats=False)  # an image's scores depend on its batch

Passes:
    A batch norm after a convolution.

        x = self.bn(F.relu(self.conv(x)))

Settings:
    None.
"""

from netgrade.facts.model import Facts, Graph, Operator
from netgrade.rules.model import Finding, Settings, Violation
from netgrade.rules.presence import off_path, on_path
from netgrade.rules.vocabulary import those
from netgrade.rules.wording import broken, name

_OTHERS = {"layer_norm": "LayerNorm", "group_norm": "GroupNorm", "instance_norm": "InstanceNorm"}


def check(facts: Facts, _settings: Settings) -> Finding:
    """Look for a batch norm that works as one in both modes."""
    norms = on_path(facts, _batch_norms)
    if not norms:
        return broken(off_path(facts, _batch_norms) or _none(facts), numbers={"batch_norms": 0})
    fault = _frozen(facts) or _batch_statistics(norms)
    if fault:
        return broken(fault, numbers={"batch_norms": 0})
    working = sum(not norm.training for norm in norms)
    return Finding(message=f"{working:,} on the path to the scores", numbers={"batch_norms": working})


def _batch_norms(graph: Graph) -> list[Operator]:
    return those(graph, "batch-norm")


def _none(facts: Facts) -> Violation:
    others = [operator for operator in facts.train.operators if operator.op in _OTHERS]
    if not others:
        return Violation(message="no batch norm runs", hint="call an nn.BatchNorm2d after a convolution")
    found = f"{_OTHERS[others[0].op]} ({name(others[0])}) is not BatchNorm"
    return Violation(message=f"no batch norm runs: {found}", hint="use nn.BatchNorm2d", place=others[0].place)


def _frozen(facts: Facts) -> Violation | None:
    norms = [norm for norm in _batch_norms(facts.train) if norm.effective]
    if any(norm.training for norm in norms):
        return None
    return Violation(
        message=f"{name(norms[0])} is frozen: in train mode too it uses its running statistics",
        hint="leave its mode to network.train() and network.eval()",
        place=norms[0].place,
    )


def _batch_statistics(norms: list[Operator]) -> Violation | None:
    if not all(norm.training for norm in norms):
        return None
    return Violation(
        message=f"{name(norms[0])} uses the batch's own statistics in eval mode too",
        hint="keep track_running_stats=True; with F.batch_norm, pass the running statistics and training=self.training",
        place=norms[0].place,
    )
