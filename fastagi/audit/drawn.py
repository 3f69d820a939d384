"""From what the walk saw to what is drawn: which arrows lead past the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.audit.graph import Edge, Graph, Node, NodeKind
from fastagi.audit.ways.graph import Seen
from fastagi.audit.ways.routine import CONTEXT as GATE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastagi.audit.finding import Finding
    from fastagi.audit.ways.graph import SeenEdge, SeenGraph, SeenNode

ENDS: Final = frozenset({Seen.TRUNK.value, Seen.UNKNOWN.value})


def drawn(seen: SeenGraph, findings: Iterable[Finding]) -> Graph:
    """Return the graph as it is drawn.

    On its way to the gate no call has a yes yet. So an arrow is past the gate only if, with no yes
    on the way, calls come by it to a trunk, or where nobody knows, and that was found wrong:
    calls to emergency numbers are not.

    Args:
        seen: What the walk saw, each arrow with whether all calls had the yes there.
        findings: What it found; the last line of a way stands in the context that dials.
    """
    wrong = {each.way[-1].context for each in findings if each.way}
    past = _past(seen, wrong)
    return Graph(
        tuple({_key(each): _node(each) for each in seen.nodes}.values()),
        tuple(
            Edge(
                _key(each.source),
                _key(each.target),
                "" if each.source.kind == Seen.ENTRY.value else each.kind,
                each not in past,
                each.place,
            )
            for each in seen.edges
        ),
    )


def _past(seen: SeenGraph, wrong: Iterable[str]) -> set[SeenEdge]:
    """Return the arrows without a yes by which a wrong end can be come to without a yes."""
    ungated = [each for each in seen.edges if not each.gated]
    leading_to: dict[SeenNode, list[SeenEdge]] = {}
    for each in ungated:
        leading_to.setdefault(each.target, []).append(each)
    wrong = frozenset(wrong)
    waiting = [each for each in ungated if each.target.kind in ENDS and each.source.name in wrong]
    past = set(waiting)
    while waiting:
        for each in leading_to.get(waiting.pop().source, ()):
            if each not in past:
                past.add(each)
                waiting.append(each)
    return past


def _node(seen: SeenNode) -> Node:
    kind = NodeKind(seen.kind)
    if kind is NodeKind.CONTEXT and seen.name == GATE:
        kind = NodeKind.GATE
    return Node(_key(seen), _title(seen), kind)


def _key(seen: SeenNode) -> str:
    return f"{seen.kind}:{_title(seen)}"


def _title(seen: SeenNode) -> str:
    """Return what a box is called; whatever is dialled at one trunk is one box."""
    technology, slash, dialled = seen.name.partition("/")
    if seen.kind != Seen.TRUNK.value or not slash or "@" not in dialled:
        return seen.name
    return f"{technology}/…@{dialled.rpartition('@')[2]}"
