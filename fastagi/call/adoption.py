"""Moving the leases of calls that were let through without the store into it, when it is back.

Until a lease is in the store it counts on this machine, and for a moment in both: never in
neither. Who releases a call asks the local store first and the other one then; so, by looking once
more after the lease is in the store, its end is seen whenever it comes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from fastagi.call.ports import soon
from fastagi.stores.store import Full, Taken

if TYPE_CHECKING:
    from fastagi.call.ports import Clock
    from fastagi.call.stopgap import Stopgap
    from fastagi.stores.store import Lease, Store

log = structlog.get_logger(__name__)

Name = tuple[str, str, str, str]
"""What names a lease: site, call, number, node."""


class Adoption:
    """Moves leases, again and again; one in each gate."""

    def __init__(self, local: Stopgap, store: Store, now: Clock) -> None:
        self._local = local
        self._store = store
        self._now = now
        self._in_doubt: dict[Name, Lease] = {}  # may be in the store, as it did not answer
        self._stay: set[Name] = set()

    async def run(self) -> None:
        """Move every live local lease into the store, but those for which a limit is full there.

        Those stay where they are until they end, which is logged once.

        Raises:
            StoreError: One of the two is away; what was not moved is still live locally.
        """
        live = {_name(lease): lease for lease in await soon(self._local.live(self._now()))}
        self._stay &= live.keys()
        for name in self._in_doubt.keys() - live.keys():
            await self._end_in_store(self._in_doubt[name])
            del self._in_doubt[name]
        for name, lease in live.items():
            self._in_doubt[name] = lease
            await self._move(name, lease)
            del self._in_doubt[name]

    async def _move(self, name: Name, lease: Lease) -> None:
        # The call is up: whatever is left of a budget is charged, and be it a second.
        taken = await soon(self._store.take(replace(lease, least_s=1), self._now()))
        if isinstance(taken, Full):
            self._leave(name, taken)
        elif isinstance(taken, Taken) and taken.lease.extension == lease.extension:
            await self._settle(name, lease, taken)

    def _leave(self, name: Name, full: Full) -> None:
        if name not in self._stay:
            site, call, *_ = name
            log.warning("call-not-adopted", site=site, call=call, limit=full.limit)
            self._stay.add(name)

    async def _settle(self, name: Name, lease: Lease, taken: Taken) -> None:
        """Give the local slots back, now that the store has them; or the store's, if it is over.

        A call that had a lease in the store already, from before it went away, may last longer by
        what it was allowed since.
        """
        if taken.lease.expires < lease.expires:
            await soon(self._store.renew(*name, lease.expires, self._now()))
        if name in map(_name, await soon(self._local.live(self._now()))):
            await soon(self._local.release(*name, self._now(), 0))  # it is charged there now
            log.info("call-adopted", site=lease.site, call=lease.call)
        elif taken.fresh:
            await soon(self._store.release(*name, self._now()))

    async def _end_in_store(self, lease: Lease) -> None:
        """End a lease of a call that is over, if it came into the store after all.

        Another lease of that call, which asked anew since, is not touched.
        """
        there = await soon(self._store.live(lease.site, self._now()))
        if any(_name(each) == _name(lease) and each.since == lease.since for each in there):
            await soon(self._store.release(*_name(lease), self._now()))


def _name(lease: Lease) -> Name:
    return lease.site, lease.call, lease.number, lease.node
