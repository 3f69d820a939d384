"""Where boxes and arrows go."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from fastagi.audit.graph import Graph, NodeKind
from fastagi.audit.report.layout import BOX_HEIGHT, Room, arrange
from tests.unit.audit.report.samples import OFFICE, edge, node

if TYPE_CHECKING:
    from fastagi.audit.report.layout import Plan

KINDS = st.sampled_from(NodeKind)


@st.composite
def _graphs(draw: st.DrawFn) -> Graph:
    """Any graph, with circles, loops and arrows that are there twice."""
    kinds = draw(st.lists(KINDS, max_size=12))
    nodes = tuple(node(f"n{at}", kind) for at, kind in enumerate(kinds))
    if not nodes:
        return Graph()
    keys = st.sampled_from([each.key for each in nodes])
    ends = draw(st.lists(st.tuples(keys, keys, st.booleans()), max_size=30))
    return Graph(nodes, tuple(edge(one, other, gated=gated) for one, other, gated in ends))


def _plan(graph: Graph) -> Plan:
    return arrange(graph, {each.key: 60.0 + len(each.title) for each in graph.nodes}, Room())


@settings(deadline=None)
@given(_graphs())
def test_no_box_lies_on_another_and_all_are_on_the_paper(graph: Graph) -> None:
    """Whatever leads where."""
    plan = _plan(graph)
    boxes = list(plan.boxes.values())
    assert plan.boxes.keys() == {each.key for each in graph.nodes}
    for at, box in enumerate(boxes):
        assert box.width / 2 <= box.x <= plan.width - box.width / 2
        assert BOX_HEIGHT / 2 <= box.y <= plan.height - BOX_HEIGHT / 2
        for other in boxes[at + 1 :]:
            beside = abs(box.x - other.x) >= (box.width + other.width) / 2
            assert beside or abs(box.y - other.y) > BOX_HEIGHT


@settings(deadline=None)
@given(_graphs())
def test_arrows_pass_columns_one_after_another_and_no_box(graph: Graph) -> None:
    """Each in its own direction."""
    plan = _plan(graph)
    ends = {(each.source, each.target) for each in graph.edges if each.source != each.target}
    assert plan.bends.keys() == ends
    for (source, target), bends in plan.bends.items():
        middles = [(left + right) / 2 for left, right, _ in bends]
        stops = [plan.boxes[source].x, *middles, plan.boxes[target].x]
        onward = stops[0] < stops[-1]
        assert all(one < other if onward else one > other for one, other in pairwise(stops))
        for left, right, height in bends:
            assert 0 < height < plan.height
            for box in plan.boxes.values():
                passes = left <= box.x <= right and abs(box.y - height) < BOX_HEIGHT / 2
                assert not passes


def test_entries_stand_left_and_trunks_right() -> None:
    """What nobody leads to stands where contexts begin."""
    at = {key: box.x for key, box in _plan(OFFICE).boxes.items()}
    assert min(at, key=at.__getitem__) == "101"
    assert max(at, key=at.__getitem__) == "trunk"
    assert at["101"] < at["phones"] < at["fax"] < at["trunk"]
    assert at["101"] < at["forgotten"] < at["fax"]


def test_neighbours_lie_at_one_height() -> None:
    """A chain is a straight line."""
    keys = "abcd"
    graph = Graph(tuple(map(node, keys)), tuple(edge(*each) for each in pairwise(keys)))
    assert len({box.y for box in _plan(graph).boxes.values()}) == 1


def test_columns_are_sorted_so_that_arrows_do_not_cross() -> None:
    """Three that lead to three, named crosswise."""
    names = ["a", "b", "c", "z", "y", "x"]
    joined = (edge("a", "x"), edge("b", "y"), edge("c", "z"))
    boxes = _plan(Graph(tuple(map(node, names)), joined)).boxes
    assert boxes["a"].y == boxes["x"].y
    assert boxes["b"].y == boxes["y"].y


def test_an_empty_graph_is_an_empty_paper() -> None:
    """There is nothing to place."""
    plan = _plan(Graph())
    assert (plan.boxes, plan.bends) == ({}, {})
