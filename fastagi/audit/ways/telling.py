"""What the walk found, told once, with the way to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from fastagi.audit.finding import Finding, Hop, Kind, Severity
from fastagi.audit.ways.routine import hop

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fastagi.audit.entry import Entry, Party
    from fastagi.audit.place import Place
    from fastagi.audit.ways.moves import Tell
    from fastagi.audit.ways.state import Node

LONGEST: Final = 300
"""Lines of a way; of a longer one, those within routines that came back are left out."""

Key: TypeAlias = "tuple[Kind, Party, object]"


class Findings:
    """Of each kind, line and party the first, which is the one by the shortest way."""

    def __init__(self) -> None:
        self._found: dict[Key, Finding] = {}
        self._others: list[Finding] = []
        self.derived: set[Entry] = set()
        """Entries that the dialplan itself makes, as by `Set(__TRANSFER_CONTEXT=…)`."""
        self._repeated: set[Key] = set()

    def add(self, findings: Iterable[Finding]) -> None:
        """Take in what is not of a way."""
        self._others += findings

    def add_cut_off(self, node: Node) -> None:
        """Say where the walk was given up."""
        step = node.step
        place = next(iter(node.who.values())).place if step is None else step.place
        self._others.append(
            Finding(
                Kind.UNKNOWN,
                Severity.MEDIUM,
                "the dialplan has more ways than can be looked at: the rest was not",
                "look for a line near this one that jumps to what is computed, and write it out",
                place,
            )
        )

    def tell(self, node: Node, told: Tell, place: Place | None = None) -> None:
        """Take in what is wrong with a line, or with another place that it leads to."""
        step = node.step
        line = (node.context, step.extension, step.caller_id, step.priority) if step else ()
        for party, entry in node.who.items():
            if told.parties is not None and party not in told.parties:
                continue
            at = place or (entry.place if step is None else step.place)
            key = (told.kind, party, (at, line if place is None else told.message))
            if key not in self._found:
                way = tuple(_way(node, party))
                self._found[key] = Finding(
                    told.kind, told.severity, told.message, told.advice, at, way
                )
                if entry in self.derived:
                    self._repeated.add(key)

    def finished(self) -> tuple[Finding, ...]:
        """Return all by place; of a verdict that is not looked at, no more is said.

        What an entry that the dialplan makes finds is left out where another finds it, too.
        """
        unchecked = {key[1:] for key in self._found if key[0] is Kind.UNCHECKED}
        first = {(key[0], key[2]) for key in self._found if key not in self._repeated}
        kept = [
            finding
            for key, finding in self._found.items()
            if (key[0] is not Kind.STALE or key[1:] not in unchecked)
            and (key not in self._repeated or (key[0], key[2]) not in first)
        ]
        return tuple(
            sorted([*self._others, *kept], key=lambda each: (each.place, each.kind.value))
        )


def _way(node: Node, party: Party) -> list[Hop]:
    """Return the lines from a party's entry to this one."""
    hops = list(_hops(node, party, inside=True))
    if len(hops) > LONGEST:
        hops = list(_hops(node, party, inside=False))
    hops.reverse()
    return hops


def _hops(node: Node, party: Party, *, inside: bool) -> Iterator[Hop]:
    """Walk back; what lies within routines that came back is told in its place."""
    waiting: list[tuple[Node | None, Party, object]] = [(node, party, None)]
    told = 0
    here: Node | None
    while waiting:
        here, party, until = waiting.pop()
        while here is not None and (until is None or here.frame == until):
            told += 1
            if told > LONGEST and inside:
                yield from _lines(here, party)
                return
            yield from _lines(here, party)
            party = here.as_party or party
            if here.inside is not None and inside:
                waiting.append((here.before, party, until))
                here = here.inside
                until = here.frame
            else:
                here = here.before


def _lines(node: Node, party: Party) -> Iterator[Hop]:
    if node.step is None:
        entry = node.who[party]
        yield Hop("", "", 0, entry.who, entry.place)
        return
    yield hop(node.context, node.step)
    before = node.before
    if before is None or before.through != node.through or before.step is None:
        for include in reversed(node.through):
            yield Hop("", "", 0, f"include => {include.context}", include.place)
