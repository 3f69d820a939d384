"""The ways through the dialplan, as they are drawn: what leads to what, and whether gated."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastagi.audit.place import Place


class NodeKind(Enum):
    """What a node of the drawing stands for."""

    ENTRY = "entry"
    """Somebody who can start a call; drawn at the left."""
    CONTEXT = "context"
    """A context of the dialplan that asks nobody."""
    GATE = "gate"
    """The context that asks the gate."""
    TRUNK = "trunk"
    """What costs money; drawn at the right."""
    UNKNOWN = "unknown"
    """Nobody knows what is behind it: a switch, a script, a target out of a variable."""


@dataclass(frozen=True, slots=True)
class Node:
    """One box of the drawing.

    Attributes:
        key: Unlike those of all other nodes, and the same from run to run.
        title: What people call it: a context's name, "endpoint `101`", `PJSIP/provider`.
    """

    key: str
    title: str
    kind: NodeKind


@dataclass(frozen=True, slots=True)
class Edge:
    """One arrow of the drawing.

    Attributes:
        source: The key of the node that it comes from.
        target: The key of the node that it goes to.
        label: The step that takes it, as it is written; empty where an entry comes in.
        gated: Whether a call that goes this way has the gate's yes by then, or cannot reach a
            trunk at all.
        place: The line that says so.
    """

    source: str
    target: str
    label: str
    gated: bool
    place: Place


@dataclass(frozen=True, slots=True)
class Graph:
    """All of it; every edge's ends are among the nodes."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
