"""Counts while the rooms below are used: each is wrapped, and knows nothing of it.

So the story of a call reads the same whether anybody counts, and costs the same where nobody does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, TypeVar, cast

import structlog

from fastagi.alerts.ports import Meter as AlertMeter
from fastagi.errors import BusyError
from fastagi.lookout.ports import LookoutMeter
from fastagi.lookups.subject import LookupMeter
from fastagi.policy.model import REACHED, Reason, ThenBypass, Verdict
from fastagi.rating.tariff import MONEY_UNIT
from fastagi.watcher.ports import WatchMeter

if TYPE_CHECKING:
    from fastagi.alerts.kind import Kind as AlertKind
    from fastagi.call.ports import Decisions, HashPool
    from fastagi.decision_log.record import Record
    from fastagi.lookups.subject import Kind, Outcome
    from fastagi.metrics.meters import Meters
    from fastagi.server.refusal import Refused
    from fastagi.shadows.differences import Kind as Difference
    from fastagi.signs.sign import Sign
    from fastagi.stores.store import Store
    from fastagi.watcher.bypass import Bypass

Found = TypeVar("Found")

log = structlog.get_logger(__name__)


class MeteredDecisions:
    """A `fastagi.call.ports.Decisions` that counts what it passes on."""

    def __init__(self, decisions: Decisions, meters: Meters) -> None:
        self._decisions = decisions
        self._meters = meters

    def record(self, record: Record) -> None:
        """Count a decision, once it is on record; what goes wrong with counting is no caller's."""
        self._decisions.record(record)
        try:
            self._count(record)
        except Exception:  # a fault of counting must not keep anybody from the verdict
            log.exception("not-counted", reference=record.reference)

    def _count(self, record: Record) -> None:
        meters, site, verdict = self._meters, record.site, record.verdict
        if record.reason is Reason.SETTLED:
            self._count_money(record)
            return
        meters.decisions.labels(site, verdict, record.reason, record.category or "").inc()
        if record.without_store:
            meters.without_store.labels(site, verdict).inc()
        if record.reason in REACHED:
            meters.limit_refusals.labels(site, record.rule).inc()
        for stage, _ in record.brakes:
            meters.brakes_put_on.labels(site, stage).inc()
        if record.asked:
            meters.challenges.labels(site, outcome_of(record)).inc()
        if record.reason is not Reason.BYPASS:  # nobody asked, so nobody waited
            meters.answer_s.labels("yes" if record.asked else "no").observe(record.waited_s)

    def _count_money(self, record: Record) -> None:
        if record.reserved is None or record.cost is None:
            return
        meters, of = self._meters, (record.site, record.currency)
        meters.money_reserved.labels(*of).inc(record.reserved / MONEY_UNIT)
        meters.money_settled.labels(*of).inc(record.cost / MONEY_UNIT)
        meters.money_returned.labels(*of).inc((record.reserved - record.cost) / MONEY_UNIT)


def outcome_of(record: Record) -> str:
    """Return how a challenge ended.

    `passed`, also where the call was refused afterwards, a limit being full; or the reason of the
    denial.
    """
    shown = record.verdict is Verdict.ALLOW or set(record.asked) <= record.shown
    return "passed" if shown else str(record.reason)


class MeteredHashPool:
    """A `fastagi.call.ports.HashPool` that takes the time."""

    def __init__(self, hash_pool: HashPool, meters: Meters) -> None:
        self._hash_pool = hash_pool
        self._meters = meters

    async def run(self, check: Callable[[], Found], site: str) -> Found:
        """Run a check, and take its time."""
        began = time.perf_counter()
        try:
            found = await self._hash_pool.run(check, site)
        except BusyError:
            self._meters.hash_refused.inc()
            raise
        self._meters.hash_s.observe(time.perf_counter() - began)
        return found


def metered_store(store: Store, meters: Meters) -> Store:
    """Return the store with a clock on each of its steps."""
    return cast("Store", _MeteredStore(store, meters))


class _MeteredStore:
    """A store whose steps are timed: each is wrapped when it is first asked for."""

    def __init__(self, store: Store, meters: Meters) -> None:
        self._store = store
        self._meters = meters

    def __getattr__(self, name: str) -> object:
        step = getattr(self._store, name)
        if not iscoroutinefunction(step):
            return step
        timed = _timed(step, name, self._meters)
        setattr(self, name, timed)
        return timed


def _timed(
    step: Callable[..., Awaitable[Found]], operation: str, meters: Meters
) -> Callable[..., Awaitable[Found]]:
    @wraps(step)
    async def timed(*given: object, **named: object) -> Found:
        began = time.perf_counter()
        outcome = "error"
        try:
            found = await step(*given, **named)
            outcome = "ok"
        except asyncio.CancelledError:
            outcome = "given-up"  # whoever asked waits no longer
            raise
        finally:
            taken_s = time.perf_counter() - began
            meters.store_s.labels(operation, outcome).observe(taken_s)
        return found

    return timed


class ShadowCounts:
    """A `fastagi.shadows.ports.ShadowMeter`."""

    def __init__(self, meters: Meters) -> None:
        self._meters = meters

    def judged(self, site: str, kind: Difference | None) -> None:
        """Count a call that was judged, and how it differs; None where it does not."""
        self._meters.shadow_judged.labels(site).inc()
        if kind is not None:
            self._meters.shadow_differences.labels(site, kind).inc()

    def unjudged(self, site: str, why: str) -> None:
        """Count a call that was not judged."""
        self._meters.shadow_unjudged.labels(site, why).inc()


class WatcherCounts(WatchMeter):
    """Counts what a watcher tells."""

    def __init__(self, meters: Meters) -> None:
        self._meters = meters

    def linked(self, node: str, *, up: bool) -> None:
        """Say whether an Asterisk is watched."""
        self._meters.ami_up.labels(node).set(up)

    def bypassed(self, node: str, found: Bypass) -> None:
        """Count a bypass."""
        then = ThenBypass.HANG_UP if found.hang_up else ThenBypass.ALARM
        self._meters.bypasses.labels(found.policy.site.name, node, then).inc()

    def healed(self, node: str, site: str) -> None:
        """Count a lease that leaked, and was released all the same."""
        self._meters.healed.labels(site, node).inc()


class LookupCounts(LookupMeter):
    """Counts what is looked up."""

    def __init__(self, meters: Meters) -> None:
        self._meters = meters

    def looked_up(self, kind: Kind, outcome: Outcome) -> None:
        """Count one."""
        self._meters.lookups.labels(kind, outcome).inc()

    def paused(self, *, so: bool) -> None:
        """Say whether the service is left alone for a while."""
        self._meters.lookups_paused.set(so)


class LookoutCounts(LookoutMeter):
    """Counts what the lookout sees."""

    def __init__(self, meters: Meters) -> None:
        self._meters = meters

    def linked(self, node: str, *, up: bool) -> None:
        """Say whether an Asterisk is heard."""
        self._meters.lookout_up.labels(node).set(up)

    def heard(self, node: str, events: int, forged: int) -> None:
        """Count security events."""
        self._meters.security_events.labels(node).inc(events)
        self._meters.security_events_forged.labels(node).inc(forged)

    def found(self, site: str, sign: Sign) -> None:
        """Count a piece of evidence."""
        self._meters.evidence.labels(site, sign).inc()

    def dropped(self, why: str, count: int) -> None:
        """Count what nothing follows of, or nobody is told of."""
        self._meters.lookout_dropped.labels(why).inc(count)

    def lost(self, lost: int, odd: int) -> None:
        """Count what other processes could not hand over, and what was none of theirs."""
        self.dropped("lost", lost)
        self.dropped("odd", odd)


class AlertCounts(AlertMeter):
    """Counts what becomes of alerts."""

    def __init__(self, meters: Meters) -> None:
        self._meters = meters

    def told(self, alert: str, kind: AlertKind) -> None:
        """Count a message that was taken in."""
        self._meters.alerts.labels(alert, kind).inc()

    def refused(self, alert: str) -> None:
        """Count one that was not."""
        self._meters.alerts_refused.labels(alert).inc()

    def dropped(self, why: str, count: int) -> None:
        """Count what is told without its name, or not at all."""
        self._meters.alerts_dropped.labels(why).inc(count)


def counting(tell: Callable[[Refused], None], meters: Meters) -> Callable[[Refused], None]:
    """Return a listener's `on_refused` that counts, and then tells."""

    def count(refused: Refused) -> None:
        meters.turned_away.labels(refused.kind).inc()
        tell(refused)

    return count
