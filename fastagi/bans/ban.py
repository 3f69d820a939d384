"""A ban: a network that Asterisk hears nothing of until a moment, at every server of a store.

It is a record of no site, under its network; a ban that is put on again is kept on for longer, and
never for less. Which network that is comes of a parsed value alone: the texts of a ban say why
there is one, to whoever reads them, and nothing else.

Of bans that a watch put on there are `MOST` at a time. Whoever has more addresses than that gets
the newest banned, and those that would be over first give way; an operator's bans never do.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.bans import network as networks
from fastagi.bans.asking import pages, soon
from fastagi.errors import BanError
from fastagi.stores.records import EVERYWHERE, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.bans.allow import AllowList
    from fastagi.bans.network import Network
    from fastagi.stores.records import Records

KIND: Final = "ban"

MOST: Final = 4_000
"""At a time; two servers at one moment may put on one each beyond it."""

LONGEST_S: Final = 30 * 86_400
WORD_MAX: Final = 64  # characters of `site`, `watch` and `by`
WHY_MAX: Final = 200  # characters

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ban:
    """One that is on.

    Attributes:
        since: When it was put on, in seconds since the epoch; later ones change nothing of that.
        until: When it is over, if nobody keeps it on.
        site: Where it was seen; empty where that is no site.
        watch: The policy's `[[watch]]` that said so last; empty where an operator did.
        why: In words; may be empty.
        by: The operator; empty where none did.
    """

    network: Network
    since: float
    until: float
    site: str = ""
    watch: str = ""
    why: str = ""
    by: str = ""

    @property
    def key(self) -> str:
        """Names it among all."""
        return str(self.network)


async def put_on(records: Records, ban: Ban, never: AllowList, now: float) -> Ban:
    """Put a ban on, or keep it on for longer; never for less. Return it as it is now.

    Args:
        records: The store.
        ban: With texts of any kind; they are made one short line each.
        never: Who is on it now; see `allow.Never`.
        now: Seconds since the epoch.

    Raises:
        BanError: It would touch who is never banned, or is too wide, or is over already.
        StoreError: It is unknown whether it is on.
    """
    ban = replace(ban, network=networks.unmapped(ban.network))
    try:
        networks.check(ban.network)
        if why := never.why(ban.network):
            raise BanError(f"`{ban.network}` is never banned: {why}")
        if not ban.until > now:
            raise BanError(f"a ban of `{ban.network}` would be over already")
    except BanError as error:
        told = {"site": _line(ban.site, WORD_MAX), "watch": _line(ban.watch, WORD_MAX)}
        log.warning("ban-refused", network=ban.key, **told, error=str(error))
        raise
    given = replace(
        ban,
        until=min(ban.until, now + LONGEST_S),
        site=_line(ban.site, WORD_MAX),
        watch=_line(ban.watch, WORD_MAX),
        why=_line(ban.why, WHY_MAX),
        by=_line(ban.by, WORD_MAX),
    )
    while True:
        found = await soon(records.record(EVERYWHERE, KIND, given.key, now))
        there = None if found is None else _read(found)
        kept = given if there is None else _kept(there, given)
        if there == kept:
            return kept
        if found is None:
            await make_room(records, now)
        before = None if found is None else found.text
        if await soon(records.put_record(EVERYWHERE, KIND, _record(kept), before, now)):
            if there is None and not kept.by:  # an operator knows, and it is in the trail
                log.warning("ban-put-on", **_told(kept))
            return kept


def _kept(there: Ban, given: Ban) -> Ban:
    """Return what becomes of a ban that is on, as it is put on once more."""
    return replace(
        given,
        since=there.since,
        until=max(there.until, given.until),
        site=given.site or there.site,
        watch=given.watch or there.watch,
        why=given.why or there.why,
        by=given.by or there.by,
    )


async def make_room(records: Records, now: float) -> None:
    """Have those give way that would be over first, until there is room for one more.

    Raises:
        BanError: All are operators'.
        StoreError: It is unknown whether there is room.
    """
    there = await every(records, now)
    watched = sorted((each for each in there if not each.by), key=lambda each: each.until)
    too_many = max(0, len(there) + 1 - MOST)
    if too_many > len(watched):
        raise BanError(f"there are {len(there)} bans, all of operators; lift some first")
    for each in watched[:too_many]:
        if await lift(records, each.network, now) is not None:
            log.warning("ban-gave-way", **_told(each))


async def every(records: Records, now: float) -> list[Ban]:
    """Return every ban that is on, in the order of their networks.

    Raises:
        StoreError: They cannot be read.
    """
    read = (_read(each) for each in await pages(records, KIND, now))
    found = [each for each in read if each is not None]
    return sorted(found, key=lambda each: order(each.network))


def order(network: Network) -> tuple[int, int, int]:
    """Put networks in order: IPv4 first, and of those that begin alike the widest."""
    return network.version, int(network.network_address), network.prefixlen


async def lift(records: Records, network: Network, now: float) -> Ban | None:
    """Lift the ban of just this network, and return it; None where there is none.

    Raises:
        StoreError: It is unknown whether it was lifted.
    """
    taken = await soon(records.take_record(EVERYWHERE, KIND, str(network), now))
    return None if taken is None else _read(taken)


def over(bans: Sequence[Ban], network: Network) -> list[Ban]:
    """Return those that touch a network: its own, wider ones, and ones within it."""
    return [each for each in bans if each.network.overlaps(network)]


def _told(ban: Ban) -> dict[str, object]:
    # `network` comes first: so fail2ban knows it from any text (deploy/fail2ban).
    return {"network": ban.key, **{name: getattr(ban, name) for name in WRITTEN}}


def _line(text: str, most: int) -> str:
    return "".join(each if each.isprintable() else "?" for each in text[:most])


WRITTEN: Final = ("since", "until", "site", "watch", "why", "by")


def _record(ban: Ban) -> Record:
    # `until` is part of the text, too: of two who keep it on for longer, one is told.
    text = json.dumps({name: getattr(ban, name) for name in WRITTEN})
    return Record(ban.key, text, ban.until)


def _read(record: Record) -> Ban | None:
    """Read one; None of what this version did not write, such as a network that is too wide."""
    try:
        network = networks.read(record.key)
        read = json.loads(record.text)
        ban = Ban(
            network,
            float(read["since"]),
            float(read["until"]),
            *(str(read[name]) for name in ("site", "watch", "why", "by")),
        )
    except (BanError, ValueError, KeyError, TypeError):
        return None
    return ban if ban.key == record.key else None
