"""What the walk saw, for a drawing: from where to where, and whether the gate had said yes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fastagi.audit.place import Place

KEPT: Final = 1 << 14
"""How many boxes of contexts are made once only: every line that leads on asks for one."""


class Seen(Enum):
    """What a node is."""

    ENTRY = "entry"
    CONTEXT = "context"
    TRUNK = "trunk"
    UNKNOWN = "unknown"
    """Where nobody knows where it leads."""


@dataclass(frozen=True, slots=True, order=True)
class SeenNode:
    """A box of the drawing.

    Attributes:
        name: Of a context; of an entry who it is; of a trunk what is dialled.
    """

    kind: str
    name: str


@dataclass(frozen=True, slots=True, order=True)
class SeenEdge:
    """An arrow of the drawing.

    Attributes:
        kind: The application in lower case, `include`, or `entry`.
        place: The first line of those that lead there so.
        gated: Whether all of them do so after the gate's yes.
    """

    source: SeenNode
    target: SeenNode
    kind: str
    place: Place
    gated: bool


@dataclass(frozen=True, slots=True)
class SeenGraph:
    """All boxes and arrows, in an order that does not change."""

    nodes: tuple[SeenNode, ...] = ()
    edges: tuple[SeenEdge, ...] = ()


class Drawing:
    """A graph that grows."""

    def __init__(self) -> None:
        self._nodes: set[SeenNode] = set()
        self._edges: dict[tuple[SeenNode, SeenNode, str], tuple[Place, bool]] = {}

    def add(
        self, source: SeenNode, target: SeenNode, kind: str, place: Place, *, gated: bool
    ) -> None:
        """Take an arrow in, and both its boxes."""
        self._nodes |= {source, target}
        key = (source, target, kind)
        first, all_gated = self._edges.get(key, (place, True))
        self._edges[key] = first, all_gated and gated

    def finished(self) -> SeenGraph:
        """Return it."""
        edges = (SeenEdge(*key, place, gated) for key, (place, gated) in self._edges.items())
        return SeenGraph(tuple(sorted(self._nodes)), tuple(sorted(edges)))


def entry(who: str) -> SeenNode:
    """Return the box of an entry."""
    return SeenNode(Seen.ENTRY.value, who)


@lru_cache(maxsize=KEPT)
def context(name: str) -> SeenNode:
    """Return the box of a context."""
    return SeenNode(Seen.CONTEXT.value, name)


def trunk(name: str) -> SeenNode:
    """Return the box of a trunk."""
    return SeenNode(Seen.TRUNK.value, name)


def unknown(name: str) -> SeenNode:
    """Return the box of what is not known."""
    return SeenNode(Seen.UNKNOWN.value, name)
