"""Every way from an entry to a trunk that the gate did not say yes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastagi.audit.ways.moves import Lists
from fastagi.audit.ways.walk import Walk
from fastagi.numbering.emergency import numbers_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.audit.dialplan import Dialplan
    from fastagi.audit.entry import Devices, Entry, Party
    from fastagi.audit.finding import Finding
    from fastagi.audit.ways.graph import SeenGraph
    from fastagi.audit.ways.state import Who


@dataclass(frozen=True, slots=True)
class Ways:
    """What was found.

    Attributes:
        findings: By place; of each kind, place and party one, with a shortest way.
    """

    findings: tuple[Finding, ...]
    graph: SeenGraph


def find_ways(
    dialplan: Dialplan,
    entries: Sequence[Entry],
    devices: Devices,
    lists: Lists | None = None,
    *,
    country: str = "",
) -> Ways:
    """Find every way from an entry to a trunk that the gate did not say yes to.

    Args:
        dialplan: All of it; what is not in it leads nowhere.
        entries: Where calls begin.
        devices: Which endpoints are phones.
        lists: Whom queues and follow-me dial, where that is known.
        country: Whose emergency numbers may be dialled without asking (ISO 3166-1 alpha-2), beside
            those that are such everywhere.

    Raises:
        ValueError: As `numbers_of`.
    """
    emergency = frozenset(numbers_of(country)) if country else frozenset[str]()
    walk = Walk(dialplan, devices, lists or Lists(), emergency)
    for who in _together(entries):
        walk.enter(who)
    walk.go()
    return Ways(walk.findings.finished(), walk.drawing.finished())


def _together(entries: Sequence[Entry]) -> list[Who]:
    """Return the entries, those together by which calls come to the same place.

    Each party's keep their order: of two shortest ways the first is told.
    """
    found: list[dict[Party, Entry]] = []
    places: dict[tuple[str, str | None], int] = {}
    last: dict[Party, int] = {}
    for entry in entries:
        place = entry.context, entry.extension
        at = places.get(place, -1)
        if at < 0 or last.get(entry.party, -1) >= at:
            at = places[place] = len(found)
            found.append({})
        found[at][entry.party] = entry
        last[entry.party] = at
    return list(found)
