"""What a worker counts, or that it counts nothing: the one place that knows which.

Every door that the gate is given goes through here; without `[metrics]` it comes out as it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

import fastagi
from fastagi.alerts.ports import NoMeter as NoAlertMeter
from fastagi.errors import StoreError
from fastagi.lookout.ports import NoMeter as NoLookoutMeter
from fastagi.lookups.subject import NoMeter as NoLookupMeter
from fastagi.metrics.gauging import Gauging
from fastagi.metrics.metering import (
    AlertCounts,
    LookoutCounts,
    LookupCounts,
    MeteredDecisions,
    MeteredHashPool,
    ShadowCounts,
    WatcherCounts,
    counting,
    metered_store,
)
from fastagi.shadows.ports import NoShadowMeter
from fastagi.watcher.ports import NoMeter

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fastagi.alerts.ports import Meter as AlertMeter
    from fastagi.call.ports import Decisions, HashPool
    from fastagi.daemon.reload import PoliciesInForce
    from fastagi.lookout.ports import LookoutMeter
    from fastagi.lookups.subject import LookupMeter
    from fastagi.metrics.meters import Meters
    from fastagi.server.refusal import Refused
    from fastagi.settings.model import MetricsSettings
    from fastagi.shadows.ports import ShadowMeter
    from fastagi.stores.store import Store
    from fastagi.watcher.ports import WatchMeter

GAUGE_S: Final = 5.0
"""Seconds between two looks at what a worker has."""

STORE_S: Final = 15.0
"""Seconds between two looks at what the store has: each lists all leases."""

FOLDER: Final = "metrics"

log = structlog.get_logger(__name__)


@contextlib.contextmanager
def counts_of(
    wanted: MetricsSettings | None, local: Path | None, scrapes: socket.socket | None
) -> Iterator[Counts]:
    """Count meanwhile, and answer scrapes; or do neither, where the settings want none.

    Args:
        wanted: `[metrics]`, if there is one.
        local: The service's own folder; None where there is no place for one.
        scrapes: The listening socket for Prometheus, which is not closed.
    """
    if wanted is None or scrapes is None:
        yield Counts()
        return
    if local is None:
        log.error("no-metrics", why="there is no folder that this service may write to")
        yield Counts()
        return
    from fastagi.metrics import endpoint, folder  # an HTTP server, which few need

    with contextlib.ExitStack() as opened:
        place = local / FOLDER
        try:
            meters = opened.enter_context(folder.opened(place))
        except OSError as error:  # calls are worth more than what is counted of them
            log.error("no-metrics", place=str(place), why=str(error))
            meters = None
        if meters is not None:
            meters.worker_starts.inc()
            meters.build.labels(fastagi.__version__).set(1)
            opened.enter_context(endpoint.answering(scrapes, place, wanted.allow))
        yield Counts(meters)


@contextlib.contextmanager
def alert_counts_of(wanted: MetricsSettings | None, local: Path | None) -> Iterator[AlertMeter]:
    """Count what becomes of alerts meanwhile, into what the workers' scrapes read.

    Args:
        wanted: `[metrics]`, if there is one.
        local: The service's own folder; None where there is no place for one.
    """
    with _meters_beside(wanted, local) as meters:
        yield NoAlertMeter() if meters is None else AlertCounts(meters)


@contextlib.contextmanager
def lookout_counts_of(
    wanted: MetricsSettings | None, local: Path | None
) -> Iterator[LookoutMeter]:
    """Count what the lookout sees meanwhile; as `alert_counts_of`."""
    with _meters_beside(wanted, local) as meters:
        yield NoLookoutMeter() if meters is None else LookoutCounts(meters)


@contextlib.contextmanager
def _meters_beside(wanted: MetricsSettings | None, local: Path | None) -> Iterator[Meters | None]:
    """Make the meters of a process that answers no call; None where nothing is counted."""
    with contextlib.ExitStack() as opened:
        meters = None
        if wanted is not None and local is not None:
            from fastagi.metrics import folder  # as above

            place = local / FOLDER
            try:
                meters = opened.enter_context(folder.opened(place))
            except OSError as error:  # what it is there for it does, counted or not
                log.error("no-metrics", place=str(place), why=str(error))
        yield meters


@dataclass(frozen=True, slots=True)
class Counts:
    """Wraps what is to be counted."""

    meters: Meters | None = None

    def store(self, store: Store) -> Store:
        """Take the time of each step of the store."""
        return store if self.meters is None else metered_store(store, self.meters)

    def decisions(self, decisions: Decisions) -> Decisions:
        """Count what goes on record."""
        return decisions if self.meters is None else MeteredDecisions(decisions, self.meters)

    def hash_pool(self, hash_pool: HashPool) -> HashPool:
        """Take the time of each check."""
        return hash_pool if self.meters is None else MeteredHashPool(hash_pool, self.meters)

    def turned_away(self, tell: Callable[[Refused], None]) -> Callable[[Refused], None]:
        """Count connections that are closed without an answer."""
        return tell if self.meters is None else counting(tell, self.meters)

    def lookups(self) -> LookupMeter:
        """Return who counts look-ups."""
        return NoLookupMeter() if self.meters is None else LookupCounts(self.meters)

    def shadows(self) -> ShadowMeter:
        """Return who counts what policies in shadow would have done."""
        return NoShadowMeter() if self.meters is None else ShadowCounts(self.meters)

    def watcher(self) -> WatchMeter:
        """Return who counts what watchers see."""
        return NoMeter() if self.meters is None else WatcherCounts(self.meters)

    async def gauge(
        self, sessions: Callable[[], int], policies: PoliciesInForce, store: Store | None
    ) -> None:
        """Look now and then at what nobody passes by to count, until cancelled.

        Args:
            sessions: Says how many calls are in question.
            policies: Say which versions are in force.
            store: Asked for leases and lockouts; None in all workers but one.
        """
        if self.meters is None:
            return
        gauging, looked = Gauging(self.meters), -STORE_S
        while True:
            self.meters.sessions.set(sessions())
            gauging.policies(policies.all(), refused=policies.refused)
            if store is not None and time.monotonic() - looked >= STORE_S:
                looked = time.monotonic()
                with contextlib.suppress(StoreError):  # the store's own meter counts that
                    await gauging.store(store, policies.all(), time.time())
            await asyncio.sleep(GAUGE_S)
