"""Where the boxes and arrows of the drawing go: in columns, from entries to trunks.

The usual four steps for layered drawings (Sugiyama, Tagawa, Toda 1981): circles are cut, every
node gets a column, long arrows pass through the columns between by way of bends, columns are
sorted so that few arrows cross. Then each column is moved as near to its neighbours as the order
allows (least squares, by pooling adjacent violators). All of it in time about linear in arrows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from fastagi.audit.graph import NodeKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastagi.audit.graph import Graph, Node

BEND: Final = 16.0
"""Pixels between arrows that only pass a column."""

BOX_HEIGHT: Final = 26.0

MARGIN: Final = 24.0

SWEEPS: Final = 12
"""How often columns are sorted, and moved; more changes little."""

_Slot = tuple[str, int]
"""A node in its column, or a bend of an arrow in one: `(key or "key\\0key", column)`."""


@dataclass(frozen=True, slots=True)
class Room:
    """How much there is, in pixels.

    Attributes:
        row: Between the middles of two boxes of a column.
        gap: Between two columns.
    """

    row: float = 40.0
    gap: float = 110.0


@dataclass(frozen=True, slots=True)
class Box:
    """Where a node is: its middle, in pixels from the top left."""

    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole drawing.

    Attributes:
        boxes: By the keys of the nodes.
        bends: By the keys of an arrow's two ends, in its own direction: where it passes a column,
            as left, right and height. Empty where it goes to the next column, or back to itself.
    """

    boxes: Mapping[str, Box]
    bends: Mapping[tuple[str, str], Sequence[tuple[float, float, float]]]
    width: float
    height: float


@dataclass(slots=True)
class _Net:
    """Columns that are sorted: what stands in each, and what it hangs on in the next."""

    columns: list[list[_Slot]]
    left: dict[_Slot, list[_Slot]] = field(default_factory=dict)
    right: dict[_Slot, list[_Slot]] = field(default_factory=dict)

    def join(self, source: _Slot, target: _Slot) -> None:
        """Note that an arrow goes from one slot to another, a column further right."""
        self.right.setdefault(source, []).append(target)
        self.left.setdefault(target, []).append(source)


def arrange(graph: Graph, widths: Mapping[str, float], room: Room) -> Plan:
    """Return where everything goes.

    Args:
        graph: What is drawn.
        widths: Of each node's box, in pixels, by its key.
        room: Between the boxes.
    """
    nodes = {each.key: each for each in graph.nodes}
    ends = dict.fromkeys(
        (each.source, each.target) for each in graph.edges if each.source != each.target
    )
    onward = _without_circles(nodes, list(ends))
    column_of = _columns(nodes, onward)
    net, bends = _net(nodes, onward, column_of)
    for sweep in range(SWEEPS):
        _sort(net, to_the_right=sweep % 2 == 0)
    heights = _heights(net, nodes, room.row)
    spans = _spans(net, widths, room.gap)
    boxes = {
        key: Box(sum(spans[column_of[key]]) / 2, heights[key, column_of[key]], widths[key])
        for key in nodes
    }
    passed = {}
    for source, target in ends:
        turned = (source, target) not in onward
        slots = bends[(target, source) if turned else (source, target)]
        points = [(*spans[slot[1]], heights[slot]) for slot in slots]
        passed[source, target] = points[::-1] if turned else points
    width = max((right for _, right in spans), default=0.0) + MARGIN
    height = max(heights.values(), default=0.0) + BOX_HEIGHT / 2 + MARGIN
    return Plan(boxes, passed, width, height)


def _without_circles(
    nodes: Mapping[str, Node], ends: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], None]:
    """Return the arrows, those turned round that lead back to where a walk came from.

    Two contexts that lead to each other are joined by one line then.
    """
    after: dict[str, list[str]] = {key: [] for key in nodes}
    for source, target in ends:
        after[source].append(target)
    first = sorted(nodes, key=lambda key: nodes[key].kind is not NodeKind.ENTRY)
    onward: dict[tuple[str, str], None] = {}
    done: set[str] = set()
    above: set[str] = set()
    for root in first:
        stack = [] if root in done else [(root, iter(after[root]))]
        done.add(root)
        above.update(key for key, _ in stack)
        while stack:
            key, rest = stack[-1]
            onto = next(rest, None)
            if onto is None:
                above.discard(key)
                stack.pop()
            elif onto in above:
                onward[onto, key] = None
            else:
                onward[key, onto] = None
                if onto not in done:
                    done.add(onto)
                    above.add(onto)
                    stack.append((onto, iter(after[onto])))
    return onward


def _columns(
    nodes: Mapping[str, Node], onward: Mapping[tuple[str, str], None]
) -> Mapping[str, int]:
    """Give every node a column: right of all that lead to it, trunks in the last of all."""
    after: dict[str, list[str]] = {key: [] for key in nodes}
    waits = dict.fromkeys(nodes, 0)
    for source, target in onward:
        after[source].append(target)
        waits[target] += 1
    # What nobody leads to and is no entry stands where contexts begin.
    column = {key: int(node.kind is not NodeKind.ENTRY) for key, node in nodes.items()}
    ready = [key for key, count in waits.items() if count == 0]
    while ready:
        key = ready.pop()
        for target in after[key]:
            column[target] = max(column[target], column[key] + 1)
            waits[target] -= 1
            if waits[target] == 0:
                ready.append(target)
    last = max(column.values(), default=0)
    for key, node in nodes.items():
        if node.kind is NodeKind.TRUNK and not after[key]:
            column[key] = last
    return column


def _net(
    nodes: Mapping[str, Node],
    onward: Mapping[tuple[str, str], None],
    column_of: Mapping[str, int],
) -> tuple[_Net, Mapping[tuple[str, str], Sequence[_Slot]]]:
    """Put nodes and the bends of long arrows into columns, and join what is next to each other."""
    net = _Net([[] for _ in range(max(column_of.values(), default=-1) + 1)])
    for key in nodes:
        net.columns[column_of[key]].append((key, column_of[key]))
    bends: dict[tuple[str, str], list[_Slot]] = {}
    for source, target in onward:
        between = range(column_of[source] + 1, column_of[target])
        slots = [(f"{source}\0{target}", column) for column in between]
        for slot in slots:
            net.columns[slot[1]].append(slot)
        chain = [(source, column_of[source]), *slots, (target, column_of[target])]
        for one, other in pairwise(chain):
            net.join(one, other)
        bends[source, target] = slots
    return net, bends


def _sort(net: _Net, *, to_the_right: bool) -> None:
    """Sort each column by the middle of what it hangs on in the one before."""
    beside = net.left if to_the_right else net.right
    order = net.columns if to_the_right else net.columns[::-1]
    for before, column in pairwise(order):
        place = {slot: index for index, slot in enumerate(before)}
        own = {slot: float(index) for index, slot in enumerate(column)}
        for slot in column:
            if hangs_on := beside.get(slot):
                own[slot] = sum(place[each] for each in hangs_on) / len(hangs_on)
        column.sort(key=own.__getitem__)


def _heights(net: _Net, nodes: Mapping[str, Node], row: float) -> Mapping[_Slot, float]:
    """Return the height of the middle of everything, from the top."""
    tall = {slot: row if slot[0] in nodes else BEND for column in net.columns for slot in column}
    found: dict[_Slot, float] = {}
    for column in net.columns:
        wanted = [0.0] * len(column)
        found.update(zip(column, _apart(wanted, [tall[each] for each in column]), strict=True))
    for sweep in range(SWEEPS):
        beside = net.left if sweep % 2 == 0 else net.right
        for column in net.columns if sweep % 2 == 0 else net.columns[::-1]:
            wanted = []
            for slot in column:
                near = beside.get(slot) or [slot]
                wanted.append(sum(found[each] for each in near) / len(near))
            placed = _apart(wanted, [tall[each] for each in column])
            found.update(zip(column, placed, strict=True))
    top = min(found.values(), default=0.0) - BOX_HEIGHT / 2 - MARGIN
    return {slot: height - top for slot, height in found.items()}


def _apart(wanted: Sequence[float], tall: Sequence[float]) -> Sequence[float]:
    """Move things as little as may be (squares summed), so that in their order none overlap."""
    offsets, at = [], 0.0
    for index, size in enumerate(tall):
        at += (tall[index - 1] + size) / 2 if index else 0.0
        offsets.append(at)
    pools: list[tuple[float, int]] = []  # mean, and how many it is of
    for place, offset in zip(wanted, offsets, strict=True):
        mean, count = place - offset, 1
        while pools and pools[-1][0] >= mean:
            before, many = pools.pop()
            mean, count = (before * many + mean * count) / (many + count), many + count
        pools.append((mean, count))
    starts = [mean for mean, count in pools for _ in range(count)]
    return [start + offset for start, offset in zip(starts, offsets, strict=True)]


def _spans(net: _Net, widths: Mapping[str, float], gap: float) -> Sequence[tuple[float, float]]:
    """Return where each column begins and ends."""
    spans, left = [], MARGIN
    for column in net.columns:
        wide = max((widths.get(slot[0], 0.0) for slot in column), default=0.0)
        spans.append((left, left + wide))
        left += wide + gap
    return spans
