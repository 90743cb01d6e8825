"""What the drawing makes of a graph: boxes, what they take, blocks, and the lines beside them."""

from collections.abc import Callable, Mapping

import pytest
from msgspec.structs import replace

from netgrade.facts.model import Facts, Graph, Operator
from netgrade.reports.boxes import IMAGE, boxes, links
from netgrade.reports.diagram import diagram


def conv(index: int, layer: str, *reads: int) -> Operator:
    return Operator(
        index=index, op="conv2d", layer=layer, output=(8, 28, 28), parameters=72, kernel=(3, 3), reads=reads
    )


def other(index: int, op: str, layer: str, *reads: int) -> Operator:
    return Operator(index=index, op=op, layer=layer, output=(8, 28, 28), reads=reads, rate=0.1, field=5)


@pytest.fixture
def drawn(small_net: Facts) -> Callable[..., Facts]:
    def facts(*operators: Operator, train: tuple[Operator, ...] = ()) -> Facts:
        return replace(small_net, eval=Graph(operators=operators), train=Graph(operators=train or operators))

    return facts


@pytest.fixture
def residual(drawn: Callable[..., Facts]) -> Facts:
    """A stem and a block of two convolutions that is passed by."""
    return drawn(
        conv(0, "stem"),
        other(1, "relu", "", 0),
        conv(2, "body.first", 1),
        other(3, "batch_norm", "body.norm", 2),
        conv(4, "body.second", 3),
        other(5, "add", "body", 4, 1),
        other(6, "relu", "body", 5),
        other(7, "view", "", 6),
        conv(8, "head", 7),
    )


def test_a_box_holds_what_follows_it_alone(residual: Facts) -> None:
    assert [(box.layer, box.more, box.sources) for box in boxes(residual)] == [
        ("stem", ["relu"], (IMAGE,)),
        ("body.first", ["batch norm"], (0,)),
        ("body.second", [], (1,)),
        ("body", ["relu"], (0, 2)),
        ("head", [], (3,)),
    ]


def test_what_two_read_ends_its_box(drawn: Callable[..., Facts]) -> None:
    """The sum takes the convolution's own result, so the norm that also reads it can't be inside of the box."""
    facts = drawn(conv(0, "a"), other(1, "batch_norm", "n", 0), conv(2, "b", 1), other(3, "add", "", 0, 2))
    assert [(box.layer, box.more, box.sources) for box in boxes(facts)] == [
        ("a", [], (IMAGE,)),
        ("n", [], (0,)),
        ("b", [], (1,)),
        ("", [], (0, 2)),
    ]


def test_dropout_that_runs_in_train_mode_alone_is_shown(drawn: Callable[..., Facts]) -> None:
    first, last = conv(0, "a"), conv(1, "b", 0)
    train = (first, other(1, "dropout", "drop", 0), replace(last, index=2, reads=(1,)))
    assert [box.more for box in boxes(drawn(first, last, train=train))] == [["dropout 0.1"], []]


@pytest.mark.parametrize(
    ("names", "blocks"),
    [
        (["a.x", "a.y", "b.x", "b.y"], ["a", "a", "b", "b"]),
        (["net.a.x", "net.a.y", "net.b"], ["net.a", "net.a", ""]),
        (["a.x", "b", "a.y"], ["", "", ""]),
        (["", "", ""], ["", "", ""]),
        (["a", "a", "b"], ["a", "a", ""]),
    ],
)
def test_neighbours_with_one_first_name_are_a_block(
    drawn: Callable[..., Facts], names: list[str], blocks: list[str]
) -> None:
    reads: Mapping[int, tuple[int, ...]] = {0: ()}
    operators = [conv(index, name, *reads.get(index, (index - 1,))) for index, name in enumerate(names)]
    assert [box.block for box in boxes(drawn(*operators))] == blocks


def test_lines_that_overlap_take_lanes_of_their_own(drawn: Callable[..., Facts]) -> None:
    facts = drawn(
        conv(0, "a"),
        conv(1, "b", 0),
        conv(2, "c", 1),
        other(3, "add", "", 0, 2),
        other(4, "add", "", 1, 3),
        conv(5, "d", 4),
        other(6, "add", "", 4, 5),
    )
    assert links(boxes(facts)) == [(0, 3, 0), (1, 4, 1), (4, 6, 0)]


def test_the_drawing_says_in_words_what_its_lines_say(residual: Facts) -> None:
    text = diagram(residual)
    assert "In the order of execution, with 1 skip connection." in text
    assert (text.count('class="skip"'), text.count('class="flow"'), text.count('class="join"')) == (1, 5, 1)
    assert '<span class="more">takes stem and body.second · relu</span>' in text
    assert text.count('<li class="block">body</li>') == 1
    assert '<span class="soft">second</span>' in text
    assert '<span class="field">sees 5</span>' in text


def test_a_plain_network_has_no_skip_connection(small_net: Facts) -> None:
    text = diagram(small_net)
    assert "In the order of execution. The inner square" in text
    assert (text.count('class="skip"'), text.count('class="flow"')) == (0, 5)


def test_a_long_network_is_cut(drawn: Callable[..., Facts]) -> None:
    operators = [conv(index, f"l{index}", *([index - 1] if index else [])) for index in range(201)]
    assert "<p>1 box more, see the table</p>" in diagram(drawn(*operators))
    text = diagram(drawn(*operators, conv(201, "l201", 0, 200)))
    assert "<p>2 boxes more, see the table</p>" in text
    assert text.count('class="box') == 201
