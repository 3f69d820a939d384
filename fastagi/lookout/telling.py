"""What operators are told of an attack: `attack-seen` in the service's log, and not once an event.

Of one watch and subject once in a while, and of each site so many lines a minute. What is about an
extension of the site has lines of its own, as has what came from where it says: whoever writes ten
thousand addresses into packets takes no line from the one guess that was right. Nor does whoever
touches traps, which anybody can: a break-in has lines that nothing else is told in.
"""

from __future__ import annotations

from enum import IntEnum
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.signs.places import network_name
from fastagi.signs.sign import Per, Sign

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from fastagi.signs.sign import Evidence

AGAIN_S: Final = 50.0
"""How long evidence of one watch and subject is not told again, and nothing follows again: a
little less than the minute in which the recogniser comes back to what goes on."""

STRONGER: Final = 10
"""So many times as much is told of at once, all the same."""

SUBJECTS_MOST: Final = 5_000
"""Of how many subjects it is remembered when they were told of, of each weight."""

LINES_A_MINUTE: Final = 30
"""Told of each site and weight."""

MINUTE_S: Final = 60.0

ACCOUNT_MOST: Final = 80
"""Characters shown of an account."""

log = structlog.get_logger(__name__)


class Weight(IntEnum):
    """How much evidence weighs: what is heavier is told, and followed, first, and pushed out last.

    So many of one weight push nothing heavier out.
    """

    ANYBODY = 0
    """Of an address that anybody may have written into a packet."""
    SOMEBODY = 1
    """Of an address that is somebody's, or a whole site."""
    TRAP = 2
    """Somebody was at what nobody honest touches; which anybody can be, from many addresses."""
    ACCOUNT = 3
    """Of an extension of the site."""
    BREACH = 4
    """Somebody is in. Nothing else weighs so much: it takes a password to make it."""


def weight_of(what: Evidence) -> Weight:
    """Return what evidence weighs.

    Who had the right password answered a challenge: that is no flood. The account of a trap is
    none of a phone, so what is about it weighs no more than the trap.
    """
    if what.sign is Sign.SUCCESS_AFTER_GUESSING:
        return Weight.BREACH
    is_of_account = what.per is Per.ACCOUNT and bool(what.account)
    if what.sign is Sign.HONEYPOT and (is_of_account or what.proven):
        return Weight.TRAP
    if is_of_account:
        return Weight.ACCOUNT
    return Weight.SOMEBODY if what.proven else Weight.ANYBODY


def name_of(what: Evidence) -> str:
    """Return whom evidence is remembered by: of an address of IPv6 the /64 that it is in.

    Who has one address of that has all of them, and would be somebody else with each.
    """
    if what.per is not Per.ADDRESS or ":" not in what.name:
        return what.name
    try:
        return network_name(ip_address(what.name))
    except ValueError:
        return what.name


class Telling:
    """Tells of evidence, at a pace."""

    def __init__(self, dropped: Callable[[str, int], None]) -> None:
        self._dropped = dropped
        self._told: dict[Weight, dict[tuple[str, str, str, bool], tuple[float, int]]] = {
            each: {} for each in Weight
        }
        self._minute = -MINUTE_S
        self._lines: dict[tuple[str, Weight], int] = {}
        self._untold = 0

    def is_news(self, what: Evidence, now: float) -> bool:
        """Whether evidence is of a subject that was not told of for a while, or far stronger.

        Args:
            what: The evidence.
            now: A clock that only goes on, in seconds.
        """
        told = self._told[weight_of(what)]
        subject = (what.site, what.watch, name_of(what), what.proven)
        at, count = told.get(subject, (-AGAIN_S, 0))
        if now < at + AGAIN_S and what.count < STRONGER * count:
            return False
        told.pop(subject, None)  # the one that was told of last is forgotten last
        told[subject] = (now, what.count)
        if len(told) > SUBJECTS_MOST:
            del told[next(iter(told))]
        return True

    def tell(self, what: Evidence, then: Collection[str], now: float, *, shadow: bool) -> None:
        """Say what was seen; what is beyond the pace is counted, and the count said later."""
        if now >= self._minute + MINUTE_S:
            self._minute, self._lines = now, {}
        of = (what.site, weight_of(what))
        self._lines[of] = self._lines.get(of, 0) + 1
        if self._lines[of] > LINES_A_MINUTE:
            self._untold += 1
            self._dropped("untold", 1)
            return
        untold, self._untold = self._untold, 0
        log.warning(
            "attack-seen",
            site=what.site,
            watch=what.watch,
            sign=str(what.sign),
            per=str(what.per),
            name=what.name[:ACCOUNT_MOST],
            extension=what.account[:ACCOUNT_MOST],
            address=what.address,
            count=what.count,
            within_s=round(what.within_s, 1),
            addresses=what.addresses,
            proven=what.proven,
            so_far=what.so_far,
            then=sorted(then),
            shadow=shadow,
            untold=untold,
        )
