"""One target: what waits for it is told, at its pace."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import structlog

from fastagi.alerts.alert import message
from fastagi.alerts.ledger import GIVEN_UP_S, Ledger
from fastagi.alerts.pace import Pace
from fastagi.errors import StoreError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from fastagi.alerts.alert import Alert, Untold
    from fastagi.alerts.kind import Kind
    from fastagi.alerts.ledger import Entry
    from fastagi.alerts.ports import Meter, Send
    from fastagi.alerts.target import Target
    from fastagi.stores.records import Records

    Waiting = list[tuple[Ledger, Entry]]

log = structlog.get_logger(__name__)


class Telling:
    """Of one target.

    Args:
        target: Who is told.
        store: Where gates keep together what waits.
        here: Where this gate keeps what waits while the store is away.
        send: How it is sent.
        at_once: How many messages are sent at a time, to all targets.
        meter: Who counts.
    """

    def __init__(
        self,
        target: Target,
        store: Records,
        here: Records,
        send: Send,
        at_once: asyncio.Semaphore,
        meter: Meter,
    ) -> None:
        self.target = target
        self._shared = Ledger(store, target)
        self._here = Ledger(here, target)
        self._send = send
        self._at_once = at_once
        self._meter = meter
        self._pace = Pace(target.per_hour)
        self._told: dict[str, Untold] = {}  # of what could not be noted that it was
        self._fails = False

    async def put(self, alert: Alert, now: float) -> None:
        """Have something told by whoever has the turn.

        Raises:
            StoreError: It is not known whether it will be.
        """
        if not await self._shared.put(alert, now):
            self._meter.dropped("unnamed", 1)

    async def post(self, alert: Alert, now: float) -> None:
        """Have something told, whatever becomes of the store."""
        try:
            await self.put(alert, now)
        except StoreError:
            if not await self._here.put(alert, now):
                self._meter.dropped("unnamed", 1)

    async def tell(self, clock: Callable[[], float], *, is_ours: bool) -> bool:
        """Send one message, if something is due; whether it was taken in.

        Args:
            clock: The wall clock.
            is_ours: Whether what waits in the store is ours to tell.
        """
        now = clock()
        waiting = await self._waiting(now, is_ours=is_ours)
        kind = self._pace.next({entry.kind for _, entry in waiting}, now)
        if kind is None:
            return False
        due = [each for each in waiting if each[1].kind is kind]
        untold = [entry.untold for _, entry in due if entry.untold is not None]
        async with self._at_once:
            why = await self._send(self.target.url, message(untold))
        now = clock()
        if why:
            self._refused(kind, why, now)
            return False
        self._pace.took(kind, now)
        self._meter.told(self.target.alert, kind)
        self._fails = False
        references = [each.alert.id[:8] for each in untold]
        log.info("alert-told", target=self.target.label, kind=kind, references=references[:20])
        for ledger, entry in due:
            await self._note(ledger, entry, now)
        return True

    def _refused(self, kind: Kind, why: str, now: float) -> None:
        self._pace.refused(kind, now)
        self._meter.refused(self.target.alert)
        if not self._fails:
            log.error("alert-not-told", target=self.target.label, kind=kind, why=why)
        self._fails = True

    async def _waiting(self, now: float, *, is_ours: bool) -> Waiting:
        """Return what is due, after what could not be noted, or is given up, has been."""
        found: Waiting = [(self._here, each) for each in await self._here.entries(now)]
        if is_ours:
            with contextlib.suppress(StoreError):  # it waits there
                found += [(self._shared, each) for each in await self._shared.entries(now)]
        due: Waiting = []
        for ledger, entry in found:
            if entry.untold is None or not entry.is_due(self.target.again_s, now):
                continue
            if self._told.get(entry.key) == entry.untold:
                await self._note(ledger, entry, now)
            elif now - entry.untold.since >= GIVEN_UP_S:
                await self._give_up(ledger, entry, now)
            else:
                due.append((ledger, entry))
        return due

    async def _give_up(self, ledger: Ledger, entry: Entry, now: float) -> None:
        with contextlib.suppress(StoreError):
            await ledger.drop(entry, now)
            self._meter.dropped("given-up", 1)
            log.error("alert-given-up", target=self.target.label, kind=entry.kind)

    async def _note(self, ledger: Ledger, entry: Entry, now: float) -> None:
        """Note that something was told; where the store takes no note, remember it until then."""
        assert entry.untold is not None  # noqa: S101 - it was told
        try:
            await ledger.told(entry, now)
        except StoreError:
            self._told[entry.key] = entry.untold
        else:
            self._told.pop(entry.key, None)
