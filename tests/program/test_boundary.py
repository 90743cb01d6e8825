"""What the trusted side makes of blobs that no honest capture child sends."""

import json
import resource
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
import safetensors.torch
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from netgrade.program.bounds import check_memory
from netgrade.program.codec import MAX_BLOB, decode, encode
from netgrade.program.errors import Refused
from netgrade.program.model import Capture, Graph, Node, Scaled, Stored, Value
from netgrade.program.program import build, checked, read

WEIGHT = torch.ones(10, 784)
LINEAR = (
    Node("flatten.using_ints", (Value(0), 1)),
    Node("linear.default", (Value(2), Value(1))),
)


def capture(
    *nodes: Node, output: int = 3, stored: tuple[Stored, ...] = (Stored("w", "parameter", trainable=True),)
) -> Capture:
    graph = Graph(nodes or LINEAR, output)
    return Capture(format=1, network="Net", input_shape=(1, 28, 28), stored=stored, train=graph, eval=graph)


def blob(change: Callable[[dict[str, Any]], None] = lambda _: None, **tensors: torch.Tensor) -> bytes:
    """Return a blob whose JSON was changed on the way."""
    document = json.loads(msgspec.json.encode(capture()))
    change(document)
    return safetensors.torch.save(tensors or {"0": WEIGHT}, metadata={"netgrade": json.dumps(document)})


def test_a_capture_comes_back_as_it_was() -> None:
    decoded, (weight,) = decode(encode(capture(), [WEIGHT]))
    assert decoded == capture()
    assert torch.equal(weight, WEIGHT)


def test_a_rebuilt_program_runs() -> None:
    program = read(encode(capture(), [WEIGHT]))
    scores = program.scores("eval", torch.ones(2, 1, 28, 28), program.fresh_tensors())
    assert torch.equal(scores, torch.full((2, 10), 784.0))


def test_views_are_stored_without_the_rest_of_their_storage() -> None:
    large = torch.zeros(1000, 784)
    assert len(encode(capture(), [large[:10]])) < 40_000


@pytest.mark.parametrize(
    ("bytes_", "message"),
    [
        (b"", "the capture is not of format 1"),
        (b"\x08\x00\x00\x00\x00\x00\x00\x00{}      ", "the capture is not of format 1"),
        (b"\xff" * 64, "the capture is not of format 1"),
        (b"\x80\x04\x95", "the capture is not of format 1"),
        (bytes(MAX_BLOB + 1), "the capture has 268,435,457 bytes; at most 268,435,456 are read"),
    ],
)
def test_what_is_no_capture(bytes_: bytes, message: str) -> None:
    with pytest.raises(Refused, match=message):
        decode(bytes_)


def _set(*path: Any, to: Any) -> Callable[[dict[str, Any]], None]:  # noqa: ANN401 - any JSON
    def change(document: dict[str, Any]) -> None:
        place: Any = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to

    return change


@pytest.mark.parametrize(
    "change",
    [
        _set("format", to=2),
        _set("network", to="x" * 201),
        _set("network", to=None),
        _set("code", to="import os"),
        _set("input_shape", to=[]),
        _set("input_shape", to=[1, 28, 0]),
        _set("input_shape", to=[1, 28, 10**9]),
        _set("stored", 0, "kind", to="input"),
        _set("train", "output", to=-1),
        _set("train", "nodes", to=[{"op": "relu.default", "args": [{"type": "value", "index": 0}]}] * 20_001),
        _set("train", "nodes", 0, "op", to="x" * 81),
        _set("train", "nodes", 0, "args", to=[{"type": "code", "text": "1"}]),
        _set("train", "nodes", 0, "args", to=[[[1]]]),
        _set("train", "nodes", 0, "args", to=[{"a": 1}]),
        _set("train", "nodes", 0, "args", 0, "index", to=-1),
        _set("train", "nodes", 0, "args", 0, "index", to="0"),
        _set("train", "nodes", 0, "results", to=0),
        _set("train", "nodes", 0, "kwargs", to={"x" * 41: 1}),
        _set("train", "nodes", 0, "site", to={"layer": "x" * 201}),
        _set("train", "nodes", 0, "grad", to="no"),
    ],
)
def test_every_field_is_typed_and_bounded(change: Callable[[dict[str, Any]], None]) -> None:
    with pytest.raises(Refused, match="the capture is not of format 1"):
        decode(blob(change))


def test_deep_json_is_refused() -> None:
    text = "[" * 100_000 + "]" * 100_000
    deep = safetensors.torch.save({"0": WEIGHT}, metadata={"netgrade": text})
    with pytest.raises(Refused, match="the capture is not of format 1"):
        decode(deep)


def test_tensors_that_are_not_those_listed() -> None:
    with pytest.raises(Refused, match="the capture lists 1 tensors and holds 2 others"):
        decode(blob(**{"0": WEIGHT, "1": WEIGHT.clone()}))
    with pytest.raises(Refused, match="the capture lists 1 tensors and holds 1 others"):
        decode(blob(w=WEIGHT))


def test_types_that_are_not_known() -> None:
    with pytest.raises(Refused, match=r"the tensor `w` has the type torch\.float8_e5m2, which netgrade does not know"):
        decode(blob(**{"0": WEIGHT.to(torch.float8_e5m2)}))
    with pytest.raises(Refused, match=r"the tensor `w` is trainable and of type torch\.int64"):
        decode(blob(**{"0": WEIGHT.long()}))


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (Node("system.default", (Value(0),)), "the operator `system` is not one that netgrade knows"),
        (Node("__class__.default", (Value(0),)), "the operator `__class__` is not one that netgrade knows"),
        (Node("from_file.default", ("/etc/passwd",)), "the operator `from_file` is not one that netgrade knows"),
        (Node("relu_.default", (Value(0),)), "the operator `relu_` is not one that netgrade knows"),
        (Node("relu.__call__", (Value(0),)), "has no operator `relu` of the form `__call__`"),
        (Node("relu.out", (Value(0),), {"out": Value(1)}), "the operator `relu.out` writes to its arguments"),
        (Node("relu.default", (Value(2),)), "`relu.default` reads a value that is made after it"),
        (Node("relu.default", (Value(999_999),)), "`relu.default` reads a value that is made after it"),
        (Node("relu.default", (3,)), "`relu.default` can't run on a batch of 8"),
        (Node("relu.default", ("x",)), "`relu.default` takes Tensor as 'self', not 'x'"),
        (Node("relu.default", ()), "`relu.default` lacks the argument 'self'"),
        (Node("relu.default", (Value(0), Value(0))), "`relu.default` takes 1 arguments, not 2"),
        (
            Node("relu.default", (Value(0),), {"self": Value(0)}),
            "`relu.default` takes no further argument called 'self'",
        ),
        (Node("relu.default", (Value(0),), {"x": 1}), "`relu.default` takes no further argument called 'x'"),
        (Node("dropout.default", (Value(0), "0.1", True)), "`dropout.default` takes float as 'p', not '0.1'"),
        (Node("flatten.using_ints", (Value(0), 2**70)), "takes int as 'start_dim', not 1180591620717411303424"),
        (Node("randn.generator", ((2,),), {"generator": Value(0)}), "as 'generator', not Value"),
        (Node("unbind.int", (Value(0),), results=3), "`unbind.int` makes 8 values, not 3"),
        (
            Node("batch_norm.default", (Value(0), None, None, Value(0), Value(0), True, 0.1, 1e-5, False)),
            "`batch_norm.default` keeps its running_mean in a value that is not a buffer",
        ),
        (Node("reshape.default", (Value(0), (7, 7))), "`reshape.default` can't run on a batch of 8"),
        (Node("randn.default", ((100_000, 100_000),)), "more than 2 GiB for a batch of 8, the limit; the one of shape"),
        (Node("ones.default", ((2**40, 2**40),)), "can't run on a batch of 8|more than 2 GiB"),
        (Node("repeat.default", (Value(0), (4000, 400, 1, 1))), "more than 2 GiB"),
        (Node("constant_pad_nd.default", (Value(0), (10**6,) * 4)), "more than 2 GiB"),
    ],
)
def test_nodes_that_are_refused(node: Node, message: str) -> None:
    with pytest.raises(Refused, match=message):
        build(capture(node, output=2), (WEIGHT,))


@pytest.mark.parametrize(
    "node",
    [
        Node("_weight_norm.default", (Value(1), Value(2))),
        Node("_weight_norm.default", (), {"v": Value(1), "g": Value(2), "dim": 0}),
    ],
)
def test_a_weight_norm_that_would_write_beyond_its_memory(node: Node) -> None:
    """Torch takes these shapes: found by fuzzing."""
    stored = (Stored("v", "parameter"), Stored("g", "parameter"))
    program = checked(capture(node, stored=stored), (WEIGHT, WEIGHT))
    message = r"`_weight_norm` needs a length for each slice along dimension 0 of .* \(1000, 4\), and gets 2"
    with pytest.raises(Refused, match=message):
        program.scores("eval", torch.ones(1, 1, 28, 28), [torch.ones(1000, 4), torch.ones(2)])


def test_scores_that_nobody_makes() -> None:
    with pytest.raises(Refused, match="the scores are a value that no operator makes"):
        checked(capture(output=4), (WEIGHT,))


def test_a_chain_of_doublings_is_stopped_by_its_memory() -> None:
    nodes = [
        Node("cat.default", ((Value(max(0, 2 * (n > 0) + n - (n > 0))), Value(n + 1 if n else 0)),)) for n in range(40)
    ]
    with pytest.raises(Refused, match="more than 2 GiB"):
        build(capture(*nodes, output=41), (WEIGHT,))


def test_memory_is_counted_without_allocating() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    program = checked(capture(Node("randn.default", ((10**6, 10**6),)), output=2), (WEIGHT,))
    with pytest.raises(Refused, match=r"more than 2 GiB for a batch of 8, the limit; the one of shape 1000000×1000000"):
        check_memory(program.eval, (1, 28, 28), (WEIGHT,), batch=8)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 512 * 1024  # kilobytes


def test_an_operator_that_chooses_its_device_follows_the_images() -> None:
    program = checked(capture(Node("zeros.default", ((2, 2),)), output=2), (WEIGHT,))
    made = program.scores("eval", torch.empty((2, 1, 28, 28), device="meta"), [WEIGHT.to("meta")])
    assert made.device.type == "meta"


def test_a_number_in_proportion_to_the_batch() -> None:
    assert [Scaled(3).at(5), Scaled(1, 2).at(8), Scaled(1, 2).at(5)] == [15, 4, 2]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_blob_is_refused_or_runs(data: st.DataObject) -> None:
    """No byte of a blob can raise anything but Refused."""
    damaged = bytearray(blob())
    header = int.from_bytes(damaged[:8], "little") + 8
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, header - 1))] = data.draw(st.integers(0, 255))
    try:
        read(bytes(damaged))
    except Refused:
        return


ARGUMENT = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**64), 2**64),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.builds(Value, st.integers(0, 3)),
    st.builds(Scaled, st.integers(1, 100)),
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(
        ["conv2d.default", "batch_norm.default", "cat.default", "view.default", "index.Tensor", "lstm.input"]
    ),
    st.lists(st.one_of(ARGUMENT, st.lists(ARGUMENT, max_size=3).map(tuple)), max_size=10),
)
def test_any_arguments_are_refused_or_run(op: str, args: list[Any]) -> None:
    try:
        build(capture(Node(op, tuple(args)), output=2), (WEIGHT,))
    except Refused:
        return


def test_only_parameters_are_trained() -> None:
    with pytest.raises(Refused, match="the tensor `w` is trainable and a buffer; only parameters are trained"):
        decode(blob(_set("stored", 0, "kind", to="buffer")))


def test_a_frozen_batch_norm_may_read_its_statistics_from_a_view() -> None:
    nodes = (Node("select.int", (Value(1), 1, 0)), Node("slice.Tensor", (Value(2), 0, 0, 1)))
    frozen = Node("batch_norm.default", (Value(0), None, None, Value(3), Value(3), False, 0.1, 1e-5, False))
    assert build(capture(*nodes, frozen, output=4), (WEIGHT,))
    training = Node("batch_norm.default", (Value(0), None, None, Value(3), Value(3), True, 0.1, 1e-5, False))
    with pytest.raises(Refused, match="keeps its running_mean in a value that is not a buffer"):
        build(capture(*nodes, training, output=4), (WEIGHT,))
