"""The drawing is of each arrow once."""

from __future__ import annotations

from fastagi.audit.place import Place
from fastagi.audit.ways import graph


def test_arrows_are_gated_if_all_of_them_are() -> None:
    """And have the place of the first."""
    drawing = graph.Drawing()
    phones, trunk = graph.context("phones"), graph.trunk("PJSIP/x@t")
    drawing.add(phones, trunk, "dial", Place("a", 1), gated=True)
    drawing.add(phones, trunk, "dial", Place("a", 2), gated=False)
    drawing.add(graph.entry("101"), phones, "entry", Place("b", 1), gated=False)
    drawing.add(phones, graph.unknown("x"), "agi", Place("a", 3), gated=True)
    done = drawing.finished()
    assert [(edge.kind, edge.place.line, edge.gated) for edge in done.edges] == [
        ("dial", 1, False),
        ("agi", 3, True),
        ("entry", 1, False),
    ]
    assert [node.name for node in done.nodes] == ["phones", "101", "PJSIP/x@t", "x"]
