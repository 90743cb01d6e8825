import re

import pytest
from msgspec.structs import replace

from netgrade.facts.model import Facts, Graph, Operator, Place
from netgrade.reports.layers import describe, executed, table, where


def lines(facts: Facts, *, verbosity: int = 1, width: int = 100, marked: tuple[Place, ...] = ()) -> list[str]:
    return list(table(facts, verbosity=verbosity, width=width, marked=marked))


def column(text: list[str], title: str) -> list[str]:
    """The cells under a title, which end where the title ends."""
    end = text[0].index(title) + len(title)
    return [re.split(r"\s{2,}|\s(?=\d)", line[:end])[-1].strip() for line in text[1:]]


def numbers(cells: list[str]) -> list[int]:
    return [int(cell.replace(",", "")) for cell in cells if re.fullmatch(r"[\d,]+", cell)]


@pytest.mark.parametrize("title", ["parameters", "MACs"])
def test_what_the_whole_table_counts_adds_up_to_its_total(small_net: Facts, title: str) -> None:
    *layers, total = numbers(column(lines(small_net, verbosity=2), title))
    assert total == sum(layers) == {"parameters": small_net.total, "MACs": small_net.macs}[title]


@pytest.mark.parametrize("extra", range(4, 30, 5))
def test_a_shortened_table_says_how_many_layers_it_leaves_out(small_net: Facts, extra: int) -> None:
    conv = small_net.eval.operators[0]
    operators = tuple(replace(conv, place=Place(line=line)) for line in range(extra + 5))
    facts = replace(small_net, eval=Graph(operators=operators), train=Graph(operators=()))
    rows = lines(facts, verbosity=0)[1:-1]
    (gap,) = (row for row in rows if "more with -v" in row)
    assert int(re.findall(r"\((\d+) lines more with -v\)", gap)[0]) + len(rows) - 1 == len(operators)
    assert [row.split()[0] for row in rows] == ["0", "1", "2", "…", str(extra + 3), str(extra + 4)]


def test_eight_layers_are_not_shortened(small_net: Facts) -> None:
    operators = small_net.eval.operators[:1] * 8
    facts = replace(small_net, eval=Graph(operators=operators), train=Graph(operators=()))
    assert len(lines(facts, verbosity=0)) == 10


def test_a_layer_that_a_violation_names_is_shown_in_a_shortened_table(small_net: Facts) -> None:
    text = lines(small_net, verbosity=0, marked=(Place(line=27),))
    assert [line.split()[0] for line in text[1:-1]] == ["20", "22", "23", "…", "27", "…", "30", "32"]
    assert text[4].endswith("(2 lines more with -v)")


def test_activations_and_changes_of_shape_are_shown_at_two_vs_alone(small_net: Facts) -> None:
    assert [line.split()[2] for line in lines(small_net, verbosity=1) if "relu" in line or "flatten" in line] == []
    shown = [line.split()[2] for line in lines(small_net, verbosity=2) if "relu" in line or "flatten" in line]
    assert shown == ["relu", "relu", "flatten"]


@pytest.mark.parametrize("width", [60, 72, 80, 100])
def test_long_names_are_cut_to_the_terminal(small_net: Facts, width: int) -> None:
    long = replace(
        small_net.eval.operators[0], layer="features.denseblock1.denselayer12.conv1", dilation=(2, 2), stride=(2, 1)
    )
    facts = replace(small_net, eval=Graph(operators=(long,)), train=Graph(operators=()))
    text = lines(facts, width=width)
    assert len({len(line) for line in text}) == 1
    assert max(map(len, text)) <= max(width, 76)
    assert "…" in text[1]
    assert "yer12.conv1" in text[1]


def test_a_dropout_that_eval_mode_leaves_out_stands_where_it_runs(small_net: Facts) -> None:
    gone = Graph(operators=tuple(each for each in small_net.eval.operators if each.op != "dropout"))
    facts = replace(small_net, eval=gone)
    assert [each.layer for each in executed(facts)] == [each.layer for each in small_net.eval.operators]


def test_a_functional_dropout_in_both_modes_is_one_row(small_net: Facts) -> None:
    assert executed(small_net) == list(small_net.eval.operators)


def test_what_the_file_calls_a_layer_can_break_no_line(small_net: Facts) -> None:
    odd = replace(small_net.eval.operators[0], layer="a\nb\tc")
    facts = replace(small_net, eval=Graph(operators=(odd,)), train=Graph(operators=()))
    assert "  20  a b c  conv 3×3  " in lines(facts)[1]
    assert all(line.isprintable() for line in lines(facts))


def operator(op: str, **fields: object) -> Operator:
    return Operator(**{"index": 0, "op": op, "layer": "", "output": (8, 5, 5), **fields})


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (operator("conv2d", kernel=(3, 3), stride=(1, 1), dilation=(1, 1), channels=(1, 8)), "conv 3×3"),
        (operator("conv2d", kernel=(1, 3), stride=(2, 2), channels=(4, 8)), "conv 1×3, stride 2"),
        (operator("conv2d", kernel=(3, 3), stride=(2, 1), dilation=(2, 2)), "conv 3×3, stride 2×1, dilation 2"),
        (operator("conv2d", kernel=(3, 3), groups=8, channels=(8, 8)), "depthwise 3×3"),
        (operator("conv2d", kernel=(3, 3), groups=8, channels=(8, 16)), "depthwise 3×3"),
        (operator("conv2d", kernel=(3, 3), groups=2, channels=(8, 8)), "conv in 2 groups 3×3"),
        (operator("conv1d", kernel=(5,), channels=(1, 8)), "conv 5"),
        (operator("conv_transpose2d", kernel=(2, 2), stride=(2, 2)), "transposed conv 2×2, stride 2"),
        (operator("linear", channels=(32, 16)), "linear 32→16"),
        (operator("batch_norm"), "batch norm"),
        (operator("group_norm"), "group norm"),
        (operator("dropout", rate=0.1), "dropout 0.1"),
        (operator("feature_dropout", rate=0.25), "feature dropout 0.25"),
        (operator("alpha_dropout", rate=0.5), "alpha dropout 0.5"),
        (operator("max_pool2d", kernel=(2, 2), stride=(2, 2)), "max pool 2×2"),
        (operator("max_pool2d", kernel=(3, 3), stride=(2, 2)), "max pool 3×3, stride 2"),
        (operator("avg_pool2d", kernel=(6,)), "average pool 6×6"),
        (operator("adaptive_avg_pool2d", output=(8, 1, 1)), "average pool to 1×1"),
        (operator("log_softmax"), "log-softmax"),
        (operator("pixel_shuffle"), "pixel shuffle"),
    ],
)
def test_an_operator_in_a_few_words(given: Operator, text: str) -> None:
    assert describe(given) == text


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (None, "–"),
        (Place(line=24), "24"),
        (Place(line=3, cell=7), "7:3"),
        (Place(line=12, file="blocks.py"), "blocks.py:12"),
    ],
)
def test_where(place: Place | None, text: str) -> None:
    assert where(place) == text
