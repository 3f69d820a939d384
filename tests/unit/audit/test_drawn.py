"""What is drawn as past the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.audit.drawn import drawn
from fastagi.audit.finding import Finding, Hop, Kind, Severity
from fastagi.audit.graph import NodeKind
from fastagi.audit.place import Place
from fastagi.audit.ways.graph import Drawing, context, entry, trunk, unknown

if TYPE_CHECKING:
    from fastagi.audit.graph import Graph

LINE = Place("extensions.conf", 1)


def _wrong(name: str) -> Finding:
    """Return a finding whose way ends in a context."""
    way = (Hop(name, "_X.", 1, "Dial(…)", LINE),)
    return Finding(Kind.UNGATED, Severity.HIGH, "what", "do", LINE, way)


def _seen() -> Drawing:
    """An office: through the gate, past it, to emergencies, and nowhere."""
    seen = Drawing()
    seen.add(entry("101"), context("phones"), "entry", LINE, gated=False)
    seen.add(entry("door"), context("inside"), "entry", LINE, gated=False)
    for name in ("outside", "fax", "emergency", "inside"):
        seen.add(context("phones"), context(name), "include", LINE, gated=False)
    seen.add(context("outside"), context("dialguard"), "gosub", LINE, gated=False)
    seen.add(context("outside"), trunk("PJSIP/${GUARD_NUMBER}@t"), "dial", LINE, gated=True)
    seen.add(context("fax"), trunk("PJSIP/${EXTEN}@t"), "dial", LINE, gated=False)
    seen.add(context("emergency"), trunk("PJSIP/112@t"), "dial", LINE, gated=False)
    seen.add(context("fax"), unknown("AGI"), "agi", LINE, gated=False)
    return seen


def _past(graph: Graph) -> set[tuple[str, str]]:
    titles = {each.key: each.title for each in graph.nodes}
    return {(titles[each.source], titles[each.target]) for each in graph.edges if not each.gated}


def test_only_what_leads_to_a_hole_is_past_the_gate() -> None:
    """Not the way to the gate, though there is no yes yet, and not an emergency call."""
    graph = drawn(_seen().finished(), [_wrong("fax")])
    assert _past(graph) == {
        ("101", "phones"),
        ("phones", "fax"),
        ("fax", "PJSIP/…@t"),
        ("fax", "AGI"),
    }


def test_a_sound_dialplan_has_nothing_past_the_gate() -> None:
    """Findings without a way are about a line alone."""
    finding = Finding(Kind.PASSWORD, Severity.MEDIUM, "what", "do", LINE)
    assert _past(drawn(_seen().finished(), [finding])) == set()


def test_circles_end() -> None:
    """Two contexts that lead to each other, and one of them out."""
    seen = _seen()
    seen.add(context("fax"), context("phones"), "goto", LINE, gated=False)
    assert ("fax", "phones") in _past(drawn(seen.finished(), [_wrong("fax")]))


def test_boxes_are_named_and_told_apart() -> None:
    """Whatever is dialled at one trunk is one box; the gate's routine is the gate."""
    seen = _seen()
    seen.add(context("outside"), trunk("DAHDI/g1/${EXTEN}"), "dial", LINE, gated=True)
    graph = drawn(seen.finished(), [])
    kinds = {each.title: each.kind for each in graph.nodes}
    assert [title for title, kind in kinds.items() if kind is NodeKind.TRUNK] == [
        "DAHDI/g1/${EXTEN}",
        "PJSIP/…@t",
    ]
    assert kinds["dialguard"] is NodeKind.GATE
    assert kinds["AGI"] is NodeKind.UNKNOWN
    assert len({each.key for each in graph.nodes}) == len(graph.nodes) == len(kinds)
    assert {each.label for each in graph.edges if each.source == "entry:101"} == {""}
    assert {each.label for each in graph.edges if each.source == "context:fax"} == {"agi", "dial"}
