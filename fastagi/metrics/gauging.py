"""What is looked at now and then, as nobody passes by to count it: leases, lockouts, policies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from fastagi.call.brakes import every
from fastagi.call.ports import LISTING_PATIENCE_S, soon
from fastagi.policy.model import Stage
from fastagi.rating.tariff import MONEY_UNIT
from fastagi.stores.budgets import Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prometheus_client import Gauge

    from fastagi.metrics.meters import Meters
    from fastagi.policy.model import Policy
    from fastagi.stores.budgets import Level
    from fastagi.stores.store import Lease, Store


Values: TypeAlias = Mapping[tuple[str, ...], float]
"""What a gauge is to say, by its labels."""


class Gauging:
    """Sets the gauges of one worker. What is gone is set to 0: it would stay as it was else."""

    def __init__(self, meters: Meters) -> None:
        self._meters = meters
        self._known: dict[Gauge, set[tuple[str, ...]]] = {}

    def policies(self, policies: Sequence[Policy], *, refused: bool) -> None:
        """Say which versions are in force in this worker, and whether newer ones are refused."""
        versions: Values = {(each.site.name, each.version): 1.0 for each in policies}
        self._set(self._meters.policy_workers, versions)
        self._meters.policy_refused.set(refused)

    async def store(self, store: Store, policies: Sequence[Policy], now: float) -> None:
        """Say what the store has of leases and lockouts.

        Raises:
            StoreError: It does not say.
        """
        leases = await soon(store.live(None, now), LISTING_PATIENCE_S)
        lockouts = await soon(store.lockouts(None, now), LISTING_PATIENCE_S)
        levels = {
            each.site.name: await soon(store.spent(each.site.name, now), LISTING_PATIENCE_S)
            for each in policies
            if any(limit.budgets for limit in each.limits)
        }
        braked = await self._brakes(store, policies, now)
        sites, leased = {each.site.name for each in policies}, {each.site for each in leases}
        taken, fullest = _slots(leases)
        calls: Counter[tuple[str, ...]] = Counter((each.site,) for each in leases)
        locked: Counter[tuple[str, ...]] = Counter((each.site, each.kind) for each in lockouts)
        self._set(self._meters.leases, {(site,): calls[site,] for site in sites | leased})
        none: Values = {
            (each.site.name, limit.name): 0.0
            for each in policies
            for limit in each.limits
            if limit.calls is not None
        }
        self._set(self._meters.slots_taken, {**none, **taken})
        self._set(self._meters.fullest, {**none, **fullest})
        used, nearest = _budgets(levels)
        unused: Values = {
            (each.site.name, limit.name, unit): 0.0
            for each in policies
            for limit in each.limits
            for unit, _ in limit.budgets
        }
        self._set(self._meters.budget_used, {**unused, **used})
        self._set(self._meters.budget_fullest, {**unused, **nearest})
        self._set(self._meters.lockouts, locked)
        self._set(self._meters.brakes, braked)
        self._meters.store_looked.set(now)

    async def _brakes(self, store: Store, policies: Sequence[Policy], now: float) -> Values:
        counts: Counter[tuple[str, ...]] = Counter()
        for policy in policies:
            if policy.brake is not None:
                site = policy.site.name
                counts.update({(site, stage): 0 for stage in Stage})
                counts.update((site, each.stage) for each in await every(store, site, now))
        return counts

    def _set(self, gauge: Gauge, values: Values) -> None:
        known = self._known.setdefault(gauge, set())
        for gone in known - values.keys():
            gauge.labels(*gone).set(0)
        for labels, value in values.items():
            gauge.labels(*labels).set(value)
        known.update(values)


def _budgets(levels: Mapping[str, Sequence[Level]]) -> tuple[Values, Values]:
    """Return what is used of each limit's budgets, and how much of the one with least left.

    Args:
        levels: What is used, by site. Money is told in the currency's unit.
    """
    used: Counter[tuple[str, ...]] = Counter()
    nearest: dict[tuple[str, ...], float] = {}
    for site, of_site in levels.items():
        for each in of_site:
            of = (site, each.limit, each.unit)
            used[of] += each.used
            ratio = each.used / each.most if each.most else 1.0
            nearest[of] = max(nearest.get(of, 0.0), ratio)
    told = {
        of: amount / MONEY_UNIT if of[2] == Unit.SPEND else amount for of, amount in used.items()
    }
    return told, nearest


def _slots(leases: Sequence[Lease]) -> tuple[Values, Values]:
    """Return how many slots of each limit are taken, and how full its fullest key is.

    Args:
        leases: Oldest first: the newest has what the limit allows by now.
    """
    held: Counter[tuple[str, str, str]] = Counter()
    most: dict[tuple[str, str, str], int] = {}
    for lease in leases:
        for hold in lease.holds:
            held[lease.site, hold.limit, hold.key] += 1
            most[lease.site, hold.limit, hold.key] = hold.calls
    taken: Counter[tuple[str, ...]] = Counter()
    fullest: dict[tuple[str, ...], float] = {}
    for key, count in held.items():
        limit = key[:2]
        taken[limit] += count
        ratio = count / most[key] if most[key] else 1.0
        fullest[limit] = max(fullest.get(limit, 0.0), ratio)
    return taken, fullest
