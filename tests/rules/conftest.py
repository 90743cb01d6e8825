"""Literal facts of a small network that keeps the common rules, and a way to change them.

10  conv1  3×3, 1 → 16
10  relu
11  bn1
12  drop1  0.1
13  conv2  1×1, 16 → 10
14  gap
    flatten, log_softmax
"""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from netgrade.facts.model import Facts, Graph, Operator, Parameter, Place, Pool, Scores
from netgrade.facts.training import Epoch, Training, Trial

MAP = (16, 26, 26)

CONV1 = Operator(
    index=0,
    op="conv2d",
    layer="conv1",
    module="Conv2d",
    place=Place(line=10),
    input=(1, 28, 28),
    output=MAP,
    parameters=144,
    macs=97_344,
    field=3,
    effective=True,
    kernel=(3, 3),
    stride=(1, 1),
    padding=(0, 0),
    dilation=(1, 1),
    channels=(1, 16),
)
RELU = Operator(index=1, op="relu", layer="relu", place=Place(line=10), input=MAP, output=MAP, effective=True)
BN1 = Operator(
    index=2,
    op="batch_norm",
    layer="bn1",
    module="BatchNorm2d",
    place=Place(line=11),
    input=MAP,
    output=MAP,
    parameters=32,
    effective=True,
    training=True,
)
DROP1 = Operator(
    index=3,
    op="dropout",
    layer="drop1",
    module="Dropout",
    place=Place(line=12),
    input=MAP,
    output=MAP,
    effective=True,
    rate=0.1,
    training=True,
)
CONV2 = Operator(
    index=4,
    op="conv2d",
    layer="conv2",
    module="Conv2d",
    place=Place(line=13),
    input=MAP,
    output=(10, 26, 26),
    parameters=160,
    macs=108_160,
    field=3,
    effective=True,
    kernel=(1, 1),
    stride=(1, 1),
    padding=(0, 0),
    dilation=(1, 1),
    channels=(16, 10),
)
GAP = Operator(
    index=5,
    op="adaptive_avg_pool2d",
    layer="gap",
    module="AdaptiveAvgPool2d",
    place=Place(line=14),
    input=(10, 26, 26),
    output=(10, 1, 1),
    effective=True,
)
FLATTEN = Operator(
    index=6, op="flatten", layer="", place=Place(line=15), input=(10, 1, 1), output=(10,), effective=True
)
LOG_SOFTMAX = Operator(
    index=7, op="log_softmax", layer="", place=Place(line=16), input=(10,), output=(10,), effective=True
)
POOL = Pool(
    operator=5,
    op="adaptive_avg_pool2d",
    layer="gap",
    module="AdaptiveAvgPool2d",
    place=Place(line=14),
    kind="global",
    input=(10, 26, 26),
    window=(26, 26),
    effective=True,
)
FACTS = Facts(
    network="Net",
    input_shape=(1, 28, 28),
    parameters=(
        Parameter(name="conv1.weight", shape=(16, 1, 3, 3), elements=144, trainable=True, used=True),
        Parameter(name="bn1.weight", shape=(16,), elements=16, trainable=True, used=True),
        Parameter(name="bn1.bias", shape=(16,), elements=16, trainable=True, used=True),
        Parameter(name="conv2.weight", shape=(10, 16, 1, 1), elements=160, trainable=True, used=True),
    ),
    hidden=(),
    train=Graph(operators=(CONV1, RELU, BN1, DROP1, CONV2, GAP, FLATTEN, LOG_SOFTMAX), pools=(POOL,)),
    eval=Graph(
        operators=(
            CONV1,
            RELU,
            replace(BN1, training=False),
            replace(DROP1, training=False),
            CONV2,
            GAP,
            FLATTEN,
            LOG_SOFTMAX,
        ),
        pools=(POOL,),
    ),
    scores=Scores(
        shapes={1: (1, 10), 5: (5, 10), 8: (8, 10)},
        kind="log-probabilities",
        operator="log_softmax",
        place=Place(line=16),
    ),
    macs=205_504,
    field=3,
)

_GRAPHS = {"train": ("train",), "eval": ("eval",), "both": ("train", "eval")}


@pytest.fixture
def facts() -> Facts:
    return FACTS


@pytest.fixture
def edit() -> Callable[..., Facts]:
    """Return a function that changes a layer, or the operators of one name, in one graph or both."""

    def change(facts: Facts, name: str, mode: str = "both", **changes: Any) -> Facts:  # noqa: ANN401 - any field
        for which in _GRAPHS[mode]:
            graph = getattr(facts, which)
            assert name in {operator.op for operator in graph.operators} | {each.layer for each in graph.operators}
            operators = tuple(
                replace(operator, **changes) if name in (operator.op, operator.layer) else operator
                for operator in graph.operators
            )
            facts = replace(facts, **{which: replace(graph, operators=operators)})
        return facts

    return change


@pytest.fixture
def edit_pool() -> Callable[..., Facts]:
    """Return a function that changes the one pool in one graph or both."""

    def change(facts: Facts, mode: str = "both", **changes: Any) -> Facts:  # noqa: ANN401 - any field
        for which in _GRAPHS[mode]:
            graph = getattr(facts, which)
            pools = tuple(replace(pool, **changes) for pool in graph.pools)
            facts = replace(facts, **{which: replace(graph, pools=pools)})
        return facts

    return change


@pytest.fixture
def edit_scores() -> Callable[..., Facts]:
    """Return a function that changes the scores."""

    def change(facts: Facts, **changes: Any) -> Facts:  # noqa: ANN401 - any field
        return replace(facts, scores=replace(facts.scores, **changes))

    return change


def _trial(*counts: int, seed: int = 0, start: int = 980, **others: Any) -> Trial:  # noqa: ANN401 - any field
    epochs = (
        Epoch(number=number, loss=0.1, train_correct=59_000, train_images=60_000, test_correct=count, seconds=1.0)
        for number, count in enumerate(counts, 1)
    )
    return Trial(seed=seed, start=start, epochs=tuple(epochs), **others)


@pytest.fixture
def trial() -> Callable[..., Trial]:
    """Return a function that makes a trial of the test images that were right after each epoch."""
    return _trial


@pytest.fixture
def trained() -> Callable[..., Training]:
    """Return a function that makes a training of such trials, on MNIST."""

    def make(*trials: Trial, **others: Any) -> Training:  # noqa: ANN401 - any field
        planned = max((len(trial.epochs) for trial in trials), default=1)
        common = {"data_set": "MNIST", "full": True, "device": "cpu", "planned": planned, "test_images": 10_000}
        return Training(trials=trials, **{**common, **others})

    return make


@pytest.fixture
def training(trained: Callable[..., Training]) -> Training:
    """Four epochs on MNIST that end well."""
    return trained(_trial(9_800, 9_964, 9_958, 9_962))
