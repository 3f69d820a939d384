"""Who was attacked, or attacked, and when: what makes a call one of an attack.

A call is one if its extension, or its address, was in the book at that time or up to `AFTER_S`
before: whoever found a password out rings an hour later. Of the names of accounts those are left
out that an attacker may have made up: of enumeration and the like. Of addresses those count that
were proven: others anybody may have written.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from fastagi.attacks.fields import days_between, plain
from fastagi.signs.sign import Sign
from fastagi.stores.records import EVERYWHERE

if TYPE_CHECKING:
    from fastagi.attacks.book import Entry

AFTER_S: Final = 86_400
"""How long after the last evidence a call still is one of the attack."""

WINDOWS: Final = 100_000
"""Attacked names that are remembered."""

SPANS: Final = 100
"""Times of one name that are remembered; beyond, the last is stretched."""

MADE_UP: Final = frozenset({Sign.ENUMERATION, Sign.MALFORMED, Sign.GATE_PROBING})
"""Signs whose accounts are an attacker's text."""

GRAVEST: Final = (
    *(Sign.SUCCESS_AFTER_GUESSING, Sign.HONEYPOT, Sign.NEW_COUNTRY, Sign.CODE_GUESSING),
    *(Sign.SPRAYING, Sign.GUESSING, Sign.NEW_ADDRESS, Sign.NEW_AGENT, Sign.NEW_TRANSPORT),
    *(Sign.ENUMERATION, Sign.GATE_PROBING, Sign.NOT_LET_IN, Sign.MALFORMED),
)
"""The signs, in the order in which a report names them."""


class Span(NamedTuple):
    """When a name was attacked, or attacked, and up to a day after."""

    first: float
    last: float
    sign: Sign


class Cause(NamedTuple):
    """Why a call counts as one of an attack: `extension 101` or `address 203.0.113.7`."""

    sign: Sign
    name: str


class Attacked:
    """Who.

    Attributes:
        forgotten: Names for which there was no place any more.
    """

    def __init__(self) -> None:
        self._windows: dict[tuple[str, str], list[Span]] = {}
        self._days: dict[bytes, set[bytes]] = defaultdict(set)
        self.forgotten = 0

    def remember(self, entry: Entry) -> None:
        """Take an entry of the book."""
        names = [] if entry.sign in MADE_UP else [f"extension {x}" for x in entry.accounts]
        if entry.proven:
            names += [f"address {plain(address)}" for address in entry.addresses]
        span = Span(entry.first, entry.last + AFTER_S, entry.sign)
        for name in names:
            known = self._windows.get((entry.site, name))
            if known is None and len(self._windows) >= WINDOWS:
                self.forgotten += 1
                continue
            days = self._days[name.partition(" ")[2].encode(errors="replace")]
            days |= {day.encode() for day in days_between(span.first, span.last)}
            if known is None:
                self._windows[entry.site, name] = [span]
            elif len(known) < SPANS:
                known.append(span)
            else:
                first, last, sign = known[-1]
                sign = min(sign, span.sign, key=GRAVEST.index)
                known[-1] = Span(min(first, span.first), max(last, span.last), sign)

    def may_be(self, day: bytes, extension: bytes, address: bytes) -> bool:
        """Tell of a call whether it can be one of an attack: most cannot, and are many.

        Args:
            day: As `2026-11-30`.
            extension: As it stands in the record.
            address: Likewise.
        """
        days = self._days
        return (extension in days and day in days[extension]) or (
            address in days and day in days[address]
        )

    def cause(self, site: str, extension: str, address: str, at: float) -> Cause | None:
        """Return the gravest attack that a call is one of."""
        causes = [
            Cause(each.sign, name)
            for name in (f"extension {extension}", f"address {plain(address)}")
            for of in (site, EVERYWHERE)
            for each in self._windows.get((of, name), ())
            if each.first <= at <= each.last
        ]
        return min(causes, key=lambda each: GRAVEST.index(each.sign), default=None)
