"""The ways to the trunks as a picture: SVG, which browsers, editors and code hosts show.

Entries stand at the left, trunks at the right. What goes past the gate is red and dashed, what is
gated green: whoever sees no colours sees the dashes. A screen reader hears how many there are, and
which go past the gate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as Xml

from fastagi.audit.graph import NodeKind
from fastagi.audit.report.layout import BOX_HEIGHT, MARGIN, Room, arrange
from fastagi.audit.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fastagi.audit.graph import Edge, Graph, Node
    from fastagi.audit.report.layout import Box, Plan

TITLE: Final = "Ways through the dialplan to the trunks"

SHOWN: Final = 34
"""Characters of a title that are shown; all of it is in the node's tooltip."""

WIDE: Final = 7.2
"""Pixels of a character; fonts differ, and boxes have room."""

PADDING: Final = 22.0

TOLD: Final = 20
"""Arrows past the gate that the description names; the report has them all."""

LABELLED: Final = 60
"""Arrows, at most, for each to have its label beside it; with more they would hide the picture."""

LABEL_SHOWN: Final = 30

ROOMY: Final = Room(row=54.0, gap=190.0)
"""What labels need."""

ASIDE: Final = 4.0
"""Pixels between two that share their ends."""

FOOT: Final = 46.0
"""Pixels below, for the legend."""

LEAST_WIDTH: Final = 640.0
"""Pixels that the legend takes."""

STYLE: Final = """
text { font: 12px system-ui, sans-serif; fill: #1b1f24; }
.paper { fill: #ffffff; }
.box { stroke: #57606a; fill: #f6f8fa; }
.entry .box { fill: #ddf4ff; stroke: #0969da; }
.gate .box { fill: #dafbe1; stroke: #1a7f37; stroke-width: 2; }
.trunk .box { fill: #fff8c5; stroke: #9a6700; stroke-width: 2; }
.unknown .box { fill: #fbefff; stroke: #8250df; stroke-dasharray: 2 3; }
.way { fill: none; stroke-width: 1.5; }
.gated .way { stroke: #1a7f37; }
.past .way { stroke: #cf222e; stroke-width: 2.5; stroke-dasharray: 7 4; }
.gated .head { fill: #1a7f37; }
.past .head { fill: #cf222e; }
.label { font-size: 10px; paint-order: stroke; stroke: #ffffff; stroke-width: 3px; }
.gated .label { fill: #116329; }
.past .label { fill: #a40e26; }
"""

KINDS: Final = {
    NodeKind.ENTRY: "who starts calls",
    NodeKind.CONTEXT: "context",
    NodeKind.GATE: "asks the gate",
    NodeKind.TRUNK: "trunk",
    NodeKind.UNKNOWN: "nobody knows what",
}

_Point = tuple[float, float]


def as_svg(graph: Graph) -> str:
    """Return the picture, an SVG file's whole text; well-formed whatever things are called."""
    widths = {each.key: len(_shown(each.title)) * WIDE + PADDING for each in graph.nodes}
    groups = _together(graph)
    labelled = len(groups) <= LABELLED
    plan = arrange(graph, widths, ROOMY if labelled else Room())
    titles = {each.key: plain(each.title) for each in graph.nodes}
    width, height = max(plan.width, LEAST_WIDTH), plan.height + FOOT
    svg = Xml.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {width:.0f} {height:.0f}",
            "width": f"{width:.0f}",
            "height": f"{height:.0f}",
            "role": "img",
            "aria-labelledby": "title desc",
        },
    )
    _add(svg, "title", id="title").text = TITLE
    _add(svg, "desc", id="desc").text = _described(graph, titles)
    _add(svg, "style").text = STYLE
    _add(svg, "rect", {"class": "paper"}, width="100%", height="100%")
    groups = sorted(groups, key=lambda some: not some[0].gated)  # what is past it, on top
    for edges in groups:
        _draw_way(svg, edges, plan, titles)
    for node in graph.nodes:
        _draw_box(svg, node, plan.boxes[node.key])
    for edges in groups if labelled else ():
        _draw_label(svg, edges, plan)
    _draw_legend(svg, height)
    Xml.indent(svg)
    return Xml.tostring(svg, encoding="unicode", xml_declaration=False) + "\n"


def _described(graph: Graph, titles: Mapping[str, str]) -> str:
    counts = {kind: sum(each.kind is kind for each in graph.nodes) for kind in NodeKind}
    past = [each for each in graph.edges if not each.gated]
    told = [
        f"from {titles[each.source]} to {titles[each.target]} ({plain(str(each.place))})"
        for each in past[:TOLD]
    ]
    more = f"; and {len(past) - TOLD} more" if len(past) > TOLD else ""
    said = f"Past the gate, {len(past)}: {'; '.join(told)}{more}." if past else "None is past it."
    return (
        f"{counts[NodeKind.ENTRY]} entries, {counts[NodeKind.CONTEXT] + counts[NodeKind.GATE]} "
        f"contexts, {counts[NodeKind.TRUNK]} trunks, {counts[NodeKind.UNKNOWN]} unknown; "
        f"{len(graph.edges)} ways between them. {said}"
    )


def _together(graph: Graph) -> Sequence[Sequence[Edge]]:
    """Return arrows of the same ends, and as gated, as one."""
    groups: dict[tuple[str, str, bool], list[Edge]] = {}
    for each in graph.edges:
        groups.setdefault((each.source, each.target, each.gated), []).append(each)
    return list(groups.values())


# ------------------------------------------------------------------------- boxes


def _draw_box(svg: Xml.Element, node: Node, box: Box) -> None:
    group = _add(svg, "g", {"class": node.kind.value})
    _add(group, "title").text = f"{plain(node.title)}: {KINDS[node.kind]}"
    _add(
        group,
        "rect",
        {"class": "box"},
        x=_px(box.x - box.width / 2),
        y=_px(box.y - BOX_HEIGHT / 2),
        width=_px(box.width),
        height=_px(BOX_HEIGHT),
        rx="4" if node.kind is not NodeKind.ENTRY else _px(BOX_HEIGHT / 2),
    )
    text = _add(group, "text", {"text-anchor": "middle"}, x=_px(box.x), y=_px(box.y + 4))
    text.text = _shown(node.title)


def _shown(title: str, most: int = SHOWN) -> str:
    text = plain(title)
    return text if len(text) <= most else f"{text[: most - 1]}…"


# ------------------------------------------------------------------------- arrows


def _draw_way(
    svg: Xml.Element, edges: Sequence[Edge], plan: Plan, titles: Mapping[str, str]
) -> None:
    lines = [
        f"{titles[each.source]} → {titles[each.target]}: {each.label or 'comes in'} ({each.place})"
        for each in edges
    ]
    points = _points(edges[0], plan)
    group = _add(svg, "g", {"class": _class(edges[0])})
    _add(group, "title").text = plain(" · ".join(lines))
    _add(group, "path", {"class": "way"}, d=" ".join(_curve(points)))
    _add(group, "path", {"class": "head"}, d=_head(points))


def _draw_label(svg: Xml.Element, edges: Sequence[Edge], plan: Plan) -> None:
    first = edges[0]
    if not first.label:
        return
    points = _points(first, plan)
    (x1, y1), (x2, y2) = points[1:3] if first.source == first.target else points[:2]
    x, y = (x1 + x2) / 2, (y1 + y2) / 2 + (-4 if first.gated else 12)
    more = f" +{len(edges) - 1}" if len(edges) > 1 else ""
    group = _add(svg, "g", {"class": _class(first)})
    text = _add(group, "text", {"class": "label", "text-anchor": "middle"}, x=_px(x), y=_px(y))
    text.text = _shown(first.label, LABEL_SHOWN) + more


def _class(edge: Edge) -> str:
    return "gated" if edge.gated else "past"


def _points(edge: Edge, plan: Plan) -> Sequence[_Point]:
    """Return where an arrow begins, bends and ends; between two bends of a column it is level."""
    aside = 0.0 if edge.gated else ASIDE
    begin, end = plan.boxes[edge.source], plan.boxes[edge.target]
    if edge.source == edge.target:  # out at the right, over the box, in at the left
        over = begin.y - BOX_HEIGHT * 0.75 - aside
        right, left = begin.x + begin.width / 2, begin.x - begin.width / 2
        return [(right, begin.y), (right + 12, over), (left - 12, over), (left, begin.y)]
    onward = begin.x < end.x
    side = 1 if onward else -1
    aside = aside if onward else -ASIDE - aside
    points = [(begin.x + side * begin.width / 2, begin.y + aside)]
    for left, right, height in plan.bends[edge.source, edge.target]:
        level = [(left, height + aside), (right, height + aside)]
        points += level if onward else level[::-1]
    return [*points, (end.x - side * end.width / 2, end.y + aside)]


def _curve(points: Sequence[_Point]) -> Iterator[str]:
    (x0, y0), *rest = points
    yield f"M {_px(x0)} {_px(y0)}"
    for x1, y1 in rest:
        half = (x1 - x0) / 2
        bend = f"{_px(x0 + half)} {_px(y0)}, {_px(x1 - half)} {_px(y1)}"
        yield f"C {bend}, {_px(x1)} {_px(y1)}"
        x0, y0 = x1, y1


def _head(points: Sequence[_Point]) -> str:
    (before, _), (x, y) = points[-2:]
    back = -8 if before < x else 8
    return f"M {_px(x)} {_px(y)} l {back} -4 v 8 z"


# ------------------------------------------------------------------------- the rest


def _draw_legend(svg: Xml.Element, height: float) -> None:
    y = height - MARGIN
    for x, kind, what in (
        (MARGIN, "past", "past the gate, or not known to be gated"),
        (MARGIN + 330, "gated", "gated, or it reaches no trunk"),
    ):
        group = _add(svg, "g", {"class": kind})
        _add(group, "path", {"class": "way"}, d=f"M {_px(x)} {_px(y)} h 40")
        _add(group, "path", {"class": "head"}, d=f"M {_px(x + 48)} {_px(y)} l -8 -4 v 8 z")
        _add(group, "text", x=_px(x + 56), y=_px(y + 4)).text = what


def _add(
    parent: Xml.Element, name: str, fixed: Mapping[str, str] | None = None, **more: str
) -> Xml.Element:
    return Xml.SubElement(parent, name, {**(fixed or {}), **more})


def _px(value: float) -> str:
    return f"{value:.1f}"
