"""Dominance on random acyclic graphs, against the definition: what every path to the end passes."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from netgrade.facts.flow import downstream, flow, gates
from netgrade.program.model import Graph, Node, Value


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    size = draw(st.integers(1, 9))
    nodes = [
        Node("add.Tensor", tuple(Value(index) for index in draw(st.lists(st.integers(0, n), min_size=1, max_size=3))))
        for n in range(size)
    ]
    return Graph(tuple(nodes), size)


def paths(graph: Graph, node: int) -> Iterator[tuple[int, ...]]:
    """Yield every path of nodes from one to the last."""
    if node == len(graph.nodes) - 1:
        yield (node,)
    for reader in range(node + 1, len(graph.nodes)):
        if Value(node + 1) in graph.nodes[reader].args:
            yield from ((node, *rest) for rest in paths(graph, reader))


@given(graphs())
def test_a_gate_is_the_first_node_that_every_path_passes(graph: Graph) -> None:
    found = gates(flow(graph, 0))
    for node in range(len(graph.nodes)):
        ways = list(paths(graph, node))
        assert (node in found) == bool(ways)
        if ways:
            shared = set.intersection(*(set(way[1:]) for way in ways))
            assert found[node] == (min(shared) if shared else None)


@given(graphs(), st.integers(0, 5))
def test_downstream_is_what_depends_on_a_value(graph: Graph, start: int) -> None:
    depends = {start}
    for position, node in enumerate(graph.nodes):
        if any(argument.index in depends for argument in node.args if isinstance(argument, Value)):
            depends.add(position + 1)
    assert downstream(flow(graph, 0), [start]) == {value - 1 for value in depends if value > start}


def test_what_reaches_the_scores() -> None:
    nodes = (Node("relu.default", (Value(0),)), Node("relu.default", (Value(0),)), Node("relu.default", (Value(2),)))
    found = flow(Graph(nodes, 3), 0)
    assert found.reaching == {1, 2}
    assert found.readers[0] == (0, 1)
    assert found.maker == {1: 0, 2: 1, 3: 2}
