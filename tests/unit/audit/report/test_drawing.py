"""The picture of the ways."""

from __future__ import annotations

from xml.etree import ElementTree as Xml

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastagi.audit.graph import Graph, Node, NodeKind
from fastagi.audit.report.drawing import LABELLED, SHOWN, TOLD, as_svg
from tests.unit.audit.report.samples import HOSTILE, OFFICE, edge, node

SVG = "{http://www.w3.org/2000/svg}"


def _read(text: str) -> Xml.Element:
    return Xml.fromstring(text)  # noqa: S314 - it is ours


def _classes(svg: Xml.Element) -> list[str]:
    return [each.get("class", "") for each in svg.iter()]


def _texts(svg: Xml.Element) -> list[str]:
    return [each.text or "" for each in svg.iter(f"{SVG}text")]


def test_every_kind_of_node_looks_like_itself() -> None:
    """And says in its tooltip what it is."""
    svg = _read(as_svg(OFFICE))
    groups = {each.get("class") for each in svg.iter(f"{SVG}g")}
    assert {each.value for each in NodeKind} <= groups
    titles = [each.text for each in svg.iter(f"{SVG}title")]
    assert "outside: asks the gate" in titles
    assert "trunk: trunk" in titles


def test_what_is_past_the_gate_is_red_and_dashed() -> None:
    """What is gated green; arrows of the same ends are one, and tell of each in the tooltip."""
    svg = _read(as_svg(OFFICE))
    ways = [each for each in svg.iter(f"{SVG}g") if each.find(f"{SVG}path") is not None]
    drawn = [each for each in ways if each.find(f"{SVG}title") is not None]
    assert [each.get("class") for each in drawn] == ["gated"] * 6 + ["past"] * 3
    style = svg.find(f"{SVG}style")
    assert style is not None
    assert ".past .way { stroke: #cf222e; stroke-width: 2.5; stroke-dasharray: 7 4; }" in (
        style.text or ""
    )
    title = drawn[6].find(f"{SVG}title")
    assert title is not None
    assert title.text == (
        "phones → fax: Goto(fax,s,1) (extensions.conf:5) · "
        "phones → fax: Goto(fax,t,1) (extensions.conf:5)"
    )


def test_a_small_picture_has_labels() -> None:
    """A large one would be hidden by them; what comes in has none."""
    texts = _texts(_read(as_svg(OFFICE)))
    assert "Goto(fax,s,1) +1" in texts
    nodes = tuple(node(f"n{at}") for at in range(LABELLED + 2))
    arrows = [edge("n0", each.key) for each in nodes[1:]]
    assert "label" in _classes(_read(as_svg(Graph(nodes, tuple(arrows[:LABELLED])))))
    assert "label" not in _classes(_read(as_svg(Graph(nodes, tuple(arrows)))))


def test_a_screen_reader_hears_what_is_past_the_gate() -> None:
    """By title and description, which the root refers to."""
    svg = _read(as_svg(OFFICE))
    assert svg.get("role") == "img"
    named = (svg.get("aria-labelledby") or "").split()
    title, desc = (each for each in svg if each.get("id") in named)
    assert title.text == "Ways through the dialplan to the trunks"
    assert desc.text == (
        "1 entries, 4 contexts, 1 trunks, 1 unknown; 10 ways between them. Past the gate, 4: "
        "from phones to fax (extensions.conf:5); from phones to fax (extensions.conf:5); "
        "from fax to trunk (extensions.conf:5); from 101 to a switch (extensions.conf:5)."
    )


@pytest.mark.parametrize(("past", "said"), [(0, "None is past it."), (TOLD + 3, "; and 3 more.")])
def test_the_description_is_no_longer_than_one_listens(past: int, said: str) -> None:
    """However many there are."""
    nodes = tuple(node(f"n{at}") for at in range(past + 1))
    arrows = tuple(edge("n0", each.key, gated=False) for each in nodes[1:])
    desc = _read(as_svg(Graph(nodes, arrows))).find(f"{SVG}desc")
    assert desc is not None
    assert (desc.text or "").endswith(said)


def test_long_titles_are_cut_and_whole_in_the_tooltip() -> None:
    """A box is as wide as what it shows."""
    long = Node("a", "x" * 200, NodeKind.CONTEXT)
    svg = _read(as_svg(Graph((long,))))
    assert "x" * (SHOWN - 1) + "…" in _texts(svg)
    assert "x" * 200 + ": context" in [each.text for each in svg.iter(f"{SVG}title")]


@settings(deadline=None)
@given(st.one_of(st.just(HOSTILE), st.text(st.characters(), max_size=30)))
def test_it_is_well_formed_whatever_things_are_called(name: str) -> None:
    """No name becomes a tag, and the same graph is drawn the same."""
    one, other = Node("a", name, NodeKind.ENTRY), Node("b", name, NodeKind.TRUNK)
    graph = Graph((one, other), (edge("a", "b", label=name),))
    text = as_svg(graph)
    svg = _read(text)
    assert {each.tag.removeprefix(SVG) for each in svg.iter()} == {
        *("svg", "title", "desc", "style", "rect", "g", "text", "path")
    }
    assert as_svg(graph) == text
    text.encode()


def test_hundreds_of_contexts_are_drawn() -> None:
    """All of them, with a legend below."""
    nodes = tuple(node(f"c{at}") for at in range(400))
    arrows = tuple(edge(f"c{at}", f"c{(at * 7 + 3) % 400}", gated=at % 5 > 0) for at in range(400))
    svg = _read(as_svg(Graph(nodes, arrows)))
    texts = _texts(svg)
    assert {each.title for each in nodes} <= set(texts)
    assert texts[-1] == "gated, or it reaches no trunk"
