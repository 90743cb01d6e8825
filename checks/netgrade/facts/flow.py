"""How values flow through a graph: who reads what, what the scores depend on, what every path must pass."""

from collections.abc import Iterable, Sequence

import msgspec

from netgrade.program.model import Graph, reads


class Flow(msgspec.Struct, frozen=True):
    """The structure of one graph. Nodes are named by position, values by number."""

    operands: tuple[tuple[int, ...], ...]
    """For each node, the values it reads."""
    results: tuple[range, ...]
    """For each node, the values it makes."""
    maker: dict[int, int]
    """For each value that a node makes, that node."""
    readers: dict[int, tuple[int, ...]]
    """For each value, the nodes that read it, in order."""
    output: int
    """The value that is the scores."""
    reaching: frozenset[int]
    """The nodes from which a path leads to the scores."""


def flow(graph: Graph, stored: int) -> Flow:
    """Derive a graph's structure; `stored` is the number of stored tensors, whose values come first."""
    operands = tuple(reads(node) for node in graph.nodes)
    results: list[range] = []
    following = 1 + stored
    for node in graph.nodes:
        results.append(range(following, following + node.results))
        following += node.results
    maker = {value: position for position, made in enumerate(results) for value in made}
    readers: dict[int, list[int]] = {}
    for position, values in enumerate(operands):
        for value in dict.fromkeys(values):
            readers.setdefault(value, []).append(position)
    return Flow(
        operands,
        tuple(results),
        maker,
        {value: tuple(positions) for value, positions in readers.items()},
        graph.output,
        frozenset(_ancestors(graph.output, operands, maker)),
    )


def _ancestors(output: int, operands: Sequence[tuple[int, ...]], maker: dict[int, int]) -> set[int]:
    found: set[int] = set()
    waiting = [output]
    while waiting:
        position = maker.get(waiting.pop())
        if position is not None and position not in found:
            found.add(position)
            waiting += operands[position]
    return found


def downstream(way: Flow, values: Iterable[int]) -> frozenset[int]:
    """Return the nodes that depend on any of these values."""
    known = set(values)
    found = set()
    for position, operands in enumerate(way.operands):
        if not known.isdisjoint(operands):
            found.add(position)
            known.update(way.results[position])
    return frozenset(found)


def gates(way: Flow) -> dict[int, int | None]:
    """Return for each node on a path to the scores the next one that every such path passes.

    That is its immediate post-dominator; None for the last. If a change in a node's result reaches the scores, it went
    through its gate. The method is Cooper, Harvey and Kennedy's ("A Simple, Fast Dominance Algorithm", 2001), which
    needs one sweep on an acyclic graph.
    """
    end = way.maker.get(way.output)
    depth: dict[int, int] = {}
    gate: dict[int, int | None] = {}
    for position in sorted(way.reaching, reverse=True):
        meeting: int | None = None
        if position != end:
            following = {reader for value in way.results[position] for reader in way.readers.get(value, ())}
            for reader in following & way.reaching:
                meeting = reader if meeting is None else _common(meeting, reader, gate, depth)
        gate[position] = meeting
        depth[position] = 0 if meeting is None else depth[meeting] + 1
    return gate


def _common(one: int, other: int, gate: dict[int, int | None], depth: dict[int, int]) -> int:
    while one != other:
        if depth[one] < depth[other]:
            one, other = other, one
        above = gate[one]
        if above is None:  # only the last node has no gate, and all paths end there
            return other
        one = above
    return one
