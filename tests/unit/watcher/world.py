"""A watcher and all that it sees, played."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from fastagi.call.brakes import KIND
from fastagi.errors import SettingsError, StoreError
from fastagi.stores.store import Known, Longer
from fastagi.watcher.link import Login
from fastagi.watcher.ports import WatchPorts
from fastagi.watcher.watch import Watcher
from tests.unit.watcher.samples import NODE, policy, until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.decision_log.record import Record
    from fastagi.policy.model import Policy
    from fastagi.stores.budgets import Level
    from fastagi.stores.records import Record as Kept
    from fastagi.stores.sign_ins import SignedOff, SignIn
    from fastagi.stores.store import Lease, Lockout, Store
    from fastagi.watcher.bypass import Bypass
    from tests.doubles.manager import Manager

NOW = 2000.0


class Shelf:
    """As much of a store as the watcher asks for."""

    def __init__(self) -> None:
        self.leases: list[Lease] = []
        self.locked: list[Lockout] = []
        self.people: list[SignIn] = []
        self.brakes: dict[str, list[Kept]] = {}
        self.renewed: list[tuple[str, float]] = []
        self.down = False
        self.broken = False
        self.lasts = 1_000_000
        self.crossed: tuple[Level, ...] = ()

    async def live(self, site: str | None, now: float) -> Sequence[Lease]:
        """List the leases, if it is there."""
        if self.broken:
            raise ZeroDivisionError
        if self.down:
            raise StoreError("away")
        return [each for each in self.leases if site in {None, each.site}]

    async def extend(
        self, site: str, call: str, number: str, node: str, seconds: int, now: float
    ) -> Longer | None:
        """Let a lease last longer, as far as there is money."""
        for place, each in enumerate(self.leases):
            if (each.site, each.call, each.number, each.node) == (site, call, number, node):
                granted = max(each.seconds, min(seconds, each.longest_s, self.lasts))
                self.leases[place] = replace(each, seconds=granted)
                return Longer(self.leases[place], self.crossed)
        return None

    async def release(
        self, site: str, call: str, number: str | None, node: str | None, now: float
    ) -> int:
        """End a lease."""
        found = [
            each
            for each in self.leases
            if (each.site, each.call, each.number, each.node) == (site, call, number, node)
        ]
        self.leases = [each for each in self.leases if each not in found]
        return len(found)

    async def known(
        self,
        site: str,
        extension: str,
        address: str,
        country: str,
        call: str,
        number: str,
        node: str,
        now: float,
    ) -> Known:
        """Find the lease of a call."""
        name = (site, call, number, node)
        held = [x for x in self.leases if (x.site, x.call, x.number, x.node) == name]
        return Known(None, held[0] if held else None, {}, {}, known_country=True)

    async def renew(
        self, site: str, call: str, number: str, node: str, expires: float, now: float
    ) -> bool:
        """Note it."""
        self.renewed.append((call, expires))
        return True

    async def records(
        self, site: str, kind: str, after: str, count: int, now: float
    ) -> Sequence[Kept]:
        """List the brakes of a site."""
        return [each for each in self.brakes.get(site, ()) if kind == KIND and each.key > after]

    async def lockouts(self, site: str | None, now: float) -> Sequence[Lockout]:
        """List the lockouts."""
        return self.locked

    async def sign_ins(self, site: str | None, now: float) -> Sequence[SignIn]:
        """List who is signed in, if it is there."""
        if self.down:
            raise StoreError("away")
        return [each for each in self.people if site in {None, each.site} and each.ended is None]

    async def sign_in(self, site: str, extension: str, id: str, now: float) -> SignIn | None:
        """Find one of them, or one that was."""
        for each in self.people:
            if (each.site, each.extension, each.id) == (site, extension, id):
                return each
        return None

    async def end_sign_ins(
        self, site: str, extension: str, id: str | None, why: SignedOff, now: float
    ) -> Sequence[SignIn]:
        """End one."""
        found = await self.sign_in(site, extension, id or "", now)
        if found is None or found.ended is not None:
            return ()
        ended = replace(found, ended=now, why=why)
        self.people[self.people.index(found)] = ended
        return (ended,)


class World:
    """A watcher and all that it sees."""

    def __init__(self, manager: Manager) -> None:
        self.manager = manager
        self.shelf = Shelf()
        self.policies = [policy()]
        self.records: list[Record] = []
        self.bypasses: list[Bypass] = []
        self.links: list[tuple[str, bool]] = []
        self.heals: list[tuple[str, str]] = []
        self.slice_s = 0
        self.seen: list[str] = []
        self.secret = manager.secret
        store = cast("Store", self.shelf)
        self.ports = WatchPorts(self, store, self, lambda: NOW, mask=4, meter=self, slices=self)
        self.watcher = Watcher(
            Login(NODE, "127.0.0.1", manager.port, "dialguard", lambda: self.read()), self.ports
        )

    def read(self) -> str:
        """Return the secret, where it can be read."""
        if not self.secret:
            raise SettingsError([])
        return self.secret

    def of(self, site: str) -> Policy | None:
        """Return a policy by its site."""
        named = {each.site.name: each for each in self.policies}
        return named.get(site, self.policies[0] if not site else None)

    def all(self) -> Sequence[Policy]:
        """Return them all."""
        return self.policies

    def linked(self, node: str, *, up: bool) -> None:
        """Note the link's state."""
        self.links.append((node, up))

    def bypassed(self, node: str, found: Bypass) -> None:
        """Note a bypass."""
        assert node == NODE
        self.bypasses.append(found)

    def healed(self, node: str, site: str) -> None:
        """Note a lease that the watcher released."""
        self.heals.append((node, site))

    def length_s(self, node: str) -> int:
        """Return how long a slice is."""
        return self.slice_s if node == NODE else 0

    def seen_to(self, node: str) -> None:
        """Note that calls were looked at."""
        self.seen.append(node)

    def record(self, record: Record) -> None:
        """Take a record."""
        self.records.append(record)

    async def listed(self) -> None:
        """Wait until the watcher has held channels and leases against each other."""
        await until(lambda: self.manager.asked("Status") != [])

    def hears(self, *events: dict[str, str]) -> None:
        """Have Asterisk tell of something."""
        for each in events:
            self.manager.say(**each)

    @property
    def hung_up(self) -> list[str]:
        """The channels that were."""
        return [each["Channel"] for each in self.manager.asked("Hangup")]


async def turns() -> None:
    """Wait until everything that is due was looked at, twice."""
    await asyncio.sleep(0.1)
