"""Findings and a graph that every report is tried on."""

from __future__ import annotations

from typing import Final

from fastagi.audit.finding import Finding, Hop, Kind, Severity
from fastagi.audit.graph import Edge, Graph, Node, NodeKind
from fastagi.audit.place import Place

UNGATED: Final = Finding(
    Kind.UNGATED,
    Severity.HIGH,
    "endpoint `101` reaches `PJSIP/…@my-trunk` without the gate's yes",
    "ask the gate before this Dial",
    Place("sub/my dialplan.conf", 12),
    (
        Hop("", "", 0, "endpoint `101`: context = phones", Place("pjsip.conf", 3)),
        Hop("phones", "_9X.", 1, "Goto(outside,${EXTEN},1)", Place("extensions.conf", 7)),
        Hop(
            "outside", "_X.", 2, "Dial(PJSIP/${EXTEN}@my-trunk)", Place("sub/my dialplan.conf", 12)
        ),
    ),
)

WEAK: Final = Finding(
    Kind.PASSWORD,
    Severity.MEDIUM,
    "the password of `102` is the extension itself",
    "set a random one",
    Place("pjsip.conf", 30),
)

LOADED: Final = Finding(
    Kind.UNKNOWN,
    Severity.LOW,
    "`Dial(${WHERE})` may be anything",
    "name the context",
    Place("", 0),
    (Hop("inside", "s", 1, "Dial(${WHERE})", Place("", 0)),),
)

WHOLE_FILE: Final = Finding(
    Kind.READABLE,
    Severity.MEDIUM,
    "`manager.conf` can be read by everybody",
    "`chmod o= manager.conf`",
    Place("manager.conf", 0),
)

ALL: Final = (LOADED, UNGATED, WEAK, WHOLE_FILE)

HOSTILE: Final = "</text>&amp;<script>\x1b[31m\u202e\x00\"'\udc80"
"""What a context may be called by whoever wants to break a report."""


def edge(source: str, target: str, *, gated: bool = True, label: str = "Goto(x)") -> Edge:
    """Return an arrow at some line."""
    return Edge(source, target, label, gated, Place("extensions.conf", 5))


def node(key: str, kind: NodeKind = NodeKind.CONTEXT) -> Node:
    """Return a node that is called as its key is."""
    return Node(key, key, kind)


OFFICE: Final = Graph(
    (
        node("101", NodeKind.ENTRY),
        node("phones"),
        node("outside", NodeKind.GATE),
        node("fax"),
        node("a switch", NodeKind.UNKNOWN),
        node("trunk", NodeKind.TRUNK),
        node("forgotten"),
    ),
    (
        edge("101", "phones", label=""),
        edge("phones", "outside"),
        edge("outside", "trunk"),
        edge("phones", "fax", gated=False, label="Goto(fax,s,1)"),
        edge("phones", "fax", gated=False, label="Goto(fax,t,1)"),
        edge("phones", "fax"),
        edge("fax", "phones"),
        edge("fax", "fax"),
        edge("fax", "trunk", gated=False),
        edge("101", "a switch", gated=False),
    ),
)
