"""Sign-ins and lockouts, by looking at what is there now and what was.

What was is kept in the store, a record a site: so nothing is forgotten, or told again, as another
machine has the turn, or the process is started anew. What is told is given to who tells first,
and counts as seen afterwards.

Of what there is when somebody looks for the first time nothing is told.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from fastagi.call.ports import LISTING_PATIENCE_S, soon
from fastagi.events.event import Kind, of_lockout, of_sign_in, of_sign_off
from fastagi.stores.records import EVERYWHERE, Record
from fastagi.stores.sign_ins import SignedOff

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from fastagi.events.event import Event
    from fastagi.stores.sign_ins import SignIn
    from fastagi.stores.store import Lockout, Store

SETTLED_S: Final = 2.0
"""What a guess takes, at most, to turn out right: until then a lockout, and all that it ended, may
be taken back as if it had never been."""

KEPT_S: Final = 2 * 86400.0
RENEWED_S: Final = 86400.0
BEGUN: Final = "~begun"  # no site can have that name, and operators are of another


@dataclass(slots=True)
class _Seen:
    """What was there of one site, when somebody last looked.

    Attributes:
        sign_ins: Extension and id of each.
        lockouts: Kind, name and beginning of each.
        text: As the store has it; None where it has nothing.
        written_at: When that was written.
    """

    sign_ins: set[tuple[str, str]] = field(default_factory=set)
    lockouts: set[tuple[str, str, float]] = field(default_factory=set)
    text: str | None = None
    written_at: float = 0.0


@dataclass(slots=True)
class _There:
    """What is there now of one site."""

    sign_ins: dict[tuple[str, str], SignIn] = field(default_factory=dict)
    lockouts: dict[tuple[str, str, float], Lockout] = field(default_factory=dict)


class Teller(Protocol):
    """Who tells what changed."""

    async def put(self, event: Event, now: float) -> None:
        """Have an event told; one that is to be told already stays as it is.

        Raises:
            StoreError: It is unknown whether it will be; it is put in again.
        """
        ...


class Changes:
    """Looks at the store for one teller; to be made anew whenever its turn comes.

    Args:
        store: What is looked at, and where it is kept what was seen.
        name: The teller's: what was seen is kept under it.
        kinds: What the teller is to hear of.
        teller: Is given what changed.
    """

    def __init__(self, store: Store, name: str, kinds: Collection[Kind], teller: Teller) -> None:
        self._store = store
        self._kinds = frozenset(kinds)
        self._teller = teller
        self._kind = f"seen-{name}"
        self._seen: dict[str, _Seen] | None = None
        self._begun_at = 0.0

    async def look(self, now: float) -> bool:
        """Have told what changed; False where another has looked meanwhile.

        Raises:
            StoreError: Some of it may be in; the next look finds the rest.
        """
        there = await self._there(now)
        seen = self._seen
        if seen is None:
            seen = await self._recall(now)
            if self._begun_at == 0.0:  # for the first time
                for site, found in there.items():
                    seen[site] = before = await self._of(site, now)
                    before.sign_ins, before.lockouts = set(found.sign_ins), set(found.lockouts)
                    if not await self._write(site, before, now):
                        return False
            self._seen = seen
        if now - self._begun_at >= RENEWED_S:
            await self._begin(now)
        for site in sorted(there.keys() | seen.keys()):
            before = seen.setdefault(site, _Seen())
            if not await self._look_at(site, before, there.get(site, _There()), now):
                return False
        return True

    async def _look_at(self, site: str, seen: _Seen, there: _There, now: float) -> bool:
        fresh = [each for key, each in there.sign_ins.items() if key not in seen.sign_ins]
        gone = await self._gone(site, seen.sign_ins - there.sign_ins.keys(), now)
        locked = [each for key, each in there.lockouts.items() if key not in seen.lockouts]
        events = [
            *map(of_sign_in, fresh),
            *(of_sign_off(each) for each in gone.values() if each is not None),
            *map(of_lockout, locked),
        ]
        await self._put(events, now)
        seen.sign_ins = (seen.sign_ins - gone.keys()) | there.sign_ins.keys()
        seen.lockouts = set(there.lockouts)
        return await self._write(site, seen, now)

    async def _put(self, events: Iterable[Event], now: float) -> None:
        for event in events:
            if event.kind in self._kinds:
                await self._teller.put(event, now)

    async def _gone(
        self, site: str, vanished: Iterable[tuple[str, str]], now: float
    ) -> dict[tuple[str, str], SignIn | None]:
        """Return those that are over for good.

        Without its end where that was so long ago that the store has forgotten it, and nobody
        needs to be told any more.
        """
        gone: dict[tuple[str, str], SignIn | None] = {}
        for key in sorted(vanished):
            found = await soon(self._store.sign_in(site, *key, now))
            if found is None or (found.ended is not None and _is_settled(found, now)):
                gone[key] = found
        return gone

    async def _there(self, now: float) -> dict[str, _There]:
        """List what is live, of every site that the store has."""
        there: dict[str, _There] = {}
        if self._kinds & {Kind.SIGN_IN, Kind.SIGN_OFF}:
            for each in await soon(self._store.sign_ins(None, now), LISTING_PATIENCE_S):
                of_site = there.setdefault(each.site, _There())
                of_site.sign_ins[each.extension, each.id] = each
        if Kind.LOCKOUT in self._kinds:
            for lockout in await soon(self._store.lockouts(None, now), LISTING_PATIENCE_S):
                if now - lockout.since >= SETTLED_S:
                    key = (str(lockout.kind), lockout.name, lockout.since)
                    there.setdefault(lockout.site, _There()).lockouts[key] = lockout
        return there

    # ------------------------------------------------------------------- what was

    async def _recall(self, now: float) -> dict[str, _Seen]:
        """Read what was there of every site, and whether anybody looked before."""
        seen: dict[str, _Seen] = {}
        after = ""
        while page := await soon(self._store.records(EVERYWHERE, self._kind, after, 100, now)):
            for each in page:
                if each.key == BEGUN:
                    self._begun_at = float(each.text)
                else:
                    seen[each.key] = _read(each, now)
            after = page[-1].key
        return seen

    async def _of(self, site: str, now: float) -> _Seen:
        found = await soon(self._store.record(EVERYWHERE, self._kind, site, now))
        return _Seen() if found is None else _read(found, now)

    async def _begin(self, now: float) -> None:
        """Keep that somebody looks: from now on what is new is told."""
        begun = Record(BEGUN, repr(now), now + KEPT_S)
        before = None if self._begun_at == 0.0 else repr(self._begun_at)
        await soon(self._store.put_record(EVERYWHERE, self._kind, begun, before, now))
        self._begun_at = now

    async def _write(self, site: str, seen: _Seen, now: float) -> bool:
        """Keep what was seen; False where another has seen something else."""
        text = json.dumps([sorted(seen.sign_ins), sorted(seen.lockouts)])
        if text == (seen.text or "[[], []]") and now - seen.written_at < RENEWED_S:
            return True
        kept = Record(site, text, now + KEPT_S)
        if not await soon(self._store.put_record(EVERYWHERE, self._kind, kept, seen.text, now)):
            return False
        seen.text, seen.written_at = text, now
        return True


def _is_settled(ended: SignIn, now: float) -> bool:
    return ended.why is not SignedOff.LOCKOUT or now - (ended.ended or now) >= SETTLED_S


def _read(record: Record, now: float) -> _Seen:
    sign_ins, lockouts = json.loads(record.text)
    written_at = now if record.until is None else record.until - KEPT_S
    return _Seen(
        {(extension, id) for extension, id in sign_ins},
        {(kind, name, since) for kind, name, since in lockouts},
        record.text,
        written_at,
    )
