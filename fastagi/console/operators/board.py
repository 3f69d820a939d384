"""What happens now, read from the store once a second at most, for however many who look.

Pages and watchers share one reading: whoever asks while one is under way waits for that one, and
whoever asks within `FRESH_S` of the last gets the last. While somebody watches it is read again
and again; while nobody does, not at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.call import brakes, evidence
from fastagi.call.ports import LISTING_PATIENCE_S, soon
from fastagi.decision_log.recent import Recent
from fastagi.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from fastagi.call.brakes import Brake
    from fastagi.call.evidence import Held
    from fastagi.console.operators.ports import Backstage
    from fastagi.decision_log.recent import Slot
    from fastagi.stores.budgets import Level
    from fastagi.stores.sign_ins import SignIn
    from fastagi.stores.store import Lease, Lockout

FRESH_S: Final = 1.0

WATCHERS: Final = 1_200
"""Who may watch at a time; less than there may be connections, so that others get through."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a limit is taken.

    Attributes:
        key: What is counted together: an extension, a country, a number …
        taken: Slots that live calls hold.
        calls: How many there are; the least of what its holders were told, as a policy may have
            changed meanwhile.
    """

    site: str
    limit: str
    key: str
    taken: int
    calls: int
    shadow: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """One reading.

    Attributes:
        at: When.
        budgets: What is used of budgets, each with its site.
        held: What watches saw of extensions, and hold against them.
        trouble: Why the store could not be read; empty where it was. Its lists are empty then.
        counts: Decisions of the last day, by quarter of an hour.
        counted_since: From when on they were counted; None where there are none.
        versions: By site and node, the version of the policy that judged last there, and when.
        decisions_of: By site, its latest decisions, each with its place among all of the record.
        rendered: What was made of it so far, by whoever made it: it is made once for all.
        views: What was made of it for those who see some sites only, by these.
    """

    at: float
    calls: Sequence[Lease] = ()
    lockouts: Sequence[Lockout] = ()
    sign_ins: Sequence[SignIn] = ()
    budgets: Sequence[tuple[str, Level]] = ()
    brakes: Sequence[Brake] = ()
    held: Sequence[Held] = ()
    decisions: Sequence[Mapping[str, object]] = ()
    decisions_of: Mapping[str, Sequence[tuple[int, Mapping[str, object]]]] = field(
        default_factory=dict
    )
    counts: Mapping[Slot, int] = field(default_factory=dict)
    counted_since: float | None = None
    versions: Mapping[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    trouble: str = ""
    rendered: dict[object, str] = field(default_factory=dict, compare=False)
    views: dict[frozenset[str], Seen] = field(default_factory=dict, compare=False, repr=False)

    def of(self, sites: frozenset[str]) -> Seen:
        """Return what there is to see of some sites, as if there were no others; all for none."""
        if not sites:
            return self
        view = self.views.get(sites)
        if view is None:
            view = self.views[sites] = self._only(sites)
        return view

    def _only(self, sites: frozenset[str]) -> Seen:
        latest = [each for site in sites for each in self.decisions_of.get(site, ())]
        return Seen(
            self.at,
            calls=[each for each in self.calls if each.site in sites],
            lockouts=[each for each in self.lockouts if each.site in sites],
            sign_ins=[each for each in self.sign_ins if each.site in sites],
            budgets=[each for each in self.budgets if each[0] in sites],
            brakes=[each for each in self.brakes if each.site in sites],
            held=[each for each in self.held if each.site in sites],
            decisions=[entry for _, entry in sorted(latest, key=itemgetter(0))],
            counts={slot: count for slot, count in self.counts.items() if slot.site in sites},
            counted_since=self.counted_since,
            versions={of: said for of, said in self.versions.items() if of[0] in sites},
            trouble=self.trouble,
        )

    def uses(self) -> list[Use]:
        """Return how much of each limit is taken, the fullest first."""
        taken: Counter[tuple[str, str, str]] = Counter()
        calls: dict[tuple[str, str, str], int] = {}
        shadow: dict[tuple[str, str, str], bool] = {}
        for lease in self.calls:
            for hold in lease.holds:
                of = (lease.site, hold.limit, hold.key)
                taken[of] += 1
                calls[of] = min(hold.calls, calls.get(of, hold.calls))
                shadow[of] = hold.shadow
        uses = [Use(*of, taken[of], calls[of], shadow[of]) for of in taken]
        return sorted(
            uses, key=lambda use: (-use.taken / max(1, use.calls), use.site, use.limit, use.key)
        )

    def nearest(self) -> list[tuple[str, Level]]:
        """Return what is used of budgets, those first that have least left."""
        return sorted(
            self.budgets,
            key=lambda of: (-of[1].used / max(1, of[1].most), of[0], of[1].limit, of[1].key),
        )


class Board:
    """Reads, and shares what it has read."""

    def __init__(self, backstage: Backstage) -> None:
        self._ports = backstage.web
        self._recent = Recent(backstage.decisions)
        self._seen = Seen(0.0)
        self._read_s = -FRESH_S  # monotonic
        self._reading: asyncio.Task[Seen] | None = None
        self._changed = asyncio.Condition()
        self._turning: asyncio.Task[None] | None = None
        self.watchers = 0

    async def look(self) -> Seen:
        """Return what is there, as of a second ago at most; never raises."""
        if time.monotonic() - self._read_s < FRESH_S:
            return self._seen
        return await self._shared()

    async def look_anew(self) -> Seen:
        """Return what is there, as of now: somebody has just changed it."""
        if self._reading is not None:  # that one may have begun before the change
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.shield(self._reading)
        return await self._shared()

    async def watch(self) -> AsyncGenerator[Seen, None]:
        """Yield what is there, now and whenever it was read again; read on while anybody does."""
        self.watchers += 1
        try:
            if self._turning is None:
                self._turning = asyncio.create_task(self._turn(), name="board")
            seen = await self.look()
            while True:
                yield seen
                async with self._changed:
                    # Who is slow misses some: there is no queue of what nobody needs any more.
                    await self._changed.wait_for(lambda last=seen: self._seen is not last)  # type: ignore[misc]  # a default is bound now
                seen = self._seen
        finally:
            self.watchers -= 1
            if self.watchers == 0 and self._turning is not None:
                self._turning.cancel()
                self._turning = None

    async def _turn(self) -> None:
        while True:
            await asyncio.sleep(FRESH_S)
            await self.look()

    async def _shared(self) -> Seen:
        """Take part in the reading that is under way, or begin one."""
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read(), name="read-board")
        return await asyncio.shield(self._reading)

    async def _read(self) -> Seen:
        store, now = self._ports.store, self._ports.now()
        await asyncio.to_thread(self._follow, now)
        recent = self._recent
        common = {
            "decisions": tuple(recent.latest),
            "decisions_of": {site: tuple(latest) for site, latest in recent.latest_of.items()},
            "counts": dict(recent.counts),
            "counted_since": recent.since,
            "versions": dict(recent.versions),
        }
        try:
            calls = await soon(store.live(None, now), LISTING_PATIENCE_S)
            lockouts = await soon(store.lockouts(None, now), LISTING_PATIENCE_S)
            sign_ins = await soon(store.sign_ins(None, now), LISTING_PATIENCE_S)
            budgets, braked = await self._budgets(now), await self._brakes(now)
            held = await self._held(now)
            seen = Seen(now, calls, lockouts, sign_ins, budgets, braked, held, **common)  # type: ignore[arg-type]  # by name
        except StoreError as error:
            seen = Seen(now, **common, trouble=str(error))  # type: ignore[arg-type]  # by name
        self._seen, self._read_s = seen, time.monotonic()
        async with self._changed:
            self._changed.notify_all()
        return seen

    async def _budgets(self, now: float) -> list[tuple[str, Level]]:
        found: list[tuple[str, Level]] = []
        for policy in self._ports.policies.all():
            if any(limit.budgets for limit in policy.limits):
                site = policy.site.name
                levels = await soon(self._ports.store.spent(site, now), LISTING_PATIENCE_S)
                found += [(site, each) for each in levels]
        return found

    async def _brakes(self, now: float) -> list[Brake]:
        found: list[Brake] = []
        for policy in self._ports.policies.all():
            if policy.brake is not None:
                found += await brakes.every(self._ports.store, policy.site.name, now)
        return found

    async def _held(self, now: float) -> list[Held]:
        found: list[Held] = []
        for policy in self._ports.policies.all():
            if policy.guards:
                found += await evidence.every(self._ports.store, policy.site.name, now)
        return found

    def _follow(self, now: float) -> None:
        try:
            self._recent.catch_up(now)
        except OSError as error:
            log.warning("decisions-unreadable", error=str(error))
