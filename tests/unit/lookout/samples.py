"""Evidence, sightings, policies and ports, as the tests of the lookout use them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING

from fastagi.bans.allow import AllowList
from fastagi.lookout.countries import no_country
from fastagi.lookout.ports import LookoutPorts
from fastagi.policy.model import ThenWatch, Watch
from fastagi.signs.sighting import Seen, Sighting
from fastagi.signs.sign import Evidence, Per, Sign
from tests.unit.watcher.samples import policy as watched_policy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fastagi.policy.model import Policy
    from fastagi.stores.records import Records
    from fastagi.stores.store import Store

NOW = 1_800_000_000.0
DAY_S = 86_400.0
THIEF = "203.0.113.9"
HOME = "192.0.2.7"


def watch(
    name: str = "guesses",
    sign: Sign = Sign.GUESSING,
    per: Per = Per.ACCOUNT,
    *then: ThenWatch,
    count: int = 3,
    shadow: bool = False,
    unproven: bool = False,
) -> Watch:
    """Return a watch of a policy."""
    what = frozenset(then or (ThenWatch.TELL,))
    return Watch(name, sign, per, count, 60, what, shadow=shadow, unproven=unproven)


def policy(*watches: Watch, site: str = "office") -> Policy:
    """Return a policy with these watches, whose phones are `1XX`."""
    made = watched_policy()
    return replace(made, site=replace(made.site, name=site), watches=tuple(watches))


def evidence(
    sign: Sign = Sign.GUESSING,
    per: Per = Per.ACCOUNT,
    name: str = "101",
    *,
    watch: str = "guesses",
    site: str = "office",
    account: str = "101",
    address: str = THIEF,
    count: int = 10,
    proven: bool = True,
) -> Evidence:
    """Return a piece of evidence."""
    return Evidence(
        *(site, watch, sign, per, name, account, address, count),
        within_s=12.0,
        addresses=1,
        proven=proven,
        at=NOW,
    )


def sighting(
    seen: Seen = Seen.WRONG_PASSWORD,
    account: str = "101",
    address: str = THIEF,
    *,
    at: float = NOW,
    transport: str = "tcp",
    proven: bool = True,
    site: str = "",
    node: str = "pbx",
    agent: str = "",
    country: str = "",
) -> Sighting:
    """Return a sighting."""
    return Sighting(
        *(at, seen, account, ip_address(address) if address else None, transport, proven, site),
        node=node,
        agent=agent,
        country=country,
    )


class Counted:
    """A meter that remembers."""

    def __init__(self) -> None:
        self.up: dict[str, bool] = {}
        self.events = self.forged = 0
        self.signs: list[Sign] = []
        self.drops: dict[str, int] = {}

    def linked(self, node: str, *, up: bool) -> None:
        """Remember."""
        self.up[node] = up

    def heard(self, node: str, events: int, forged: int) -> None:
        """Remember."""
        self.events, self.forged = self.events + events, self.forged + forged

    def found(self, site: str, sign: Sign) -> None:
        """Remember."""
        self.signs.append(sign)

    def dropped(self, why: str, count: int) -> None:
        """Remember."""
        self.drops[why] = self.drops.get(why, 0) + count

    def lost(self, lost: int, odd: int) -> None:
        """Remember."""
        self.dropped("lost", lost)


class Nobody:
    """An allow list with nobody but a few; in the place of `Never`."""

    def __init__(self) -> None:
        self.networks: list[str] = []
        self.broken = False

    async def list(self, records: Records, now: float) -> AllowList:
        """Return it."""
        if self.broken:
            raise OSError("no interfaces")
        from ipaddress import ip_network

        return AllowList([(ip_network(each), "it is ours") for each in self.networks])


class InForce:
    """Policies in force."""

    def __init__(self, policies: Sequence[Policy]) -> None:
        self.by_site = {each.site.name: each for each in policies}

    def of(self, site: str) -> Policy | None:
        """Return a site's."""
        return self.by_site.get(site)

    def all(self) -> Sequence[Policy]:
        """Return every site's."""
        return tuple(self.by_site.values())


def ports(store: Store, *policies: Policy, meter: Counted | None = None) -> LookoutPorts:
    """Return what a lookout needs."""
    return LookoutPorts(
        policies=InForce(policies or (policy(),)),
        store=store,
        now=lambda: NOW,
        meter=meter or Counted(),
        country=no_country,
        never=Nobody(),  # type: ignore[arg-type]  # as much of it as is asked for
        keep_s=90 * DAY_S,
    )


async def until(holds: Callable[[], object], within_s: float = 5.0) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 - nobody sets an event for it
            await asyncio.sleep(0.005)
