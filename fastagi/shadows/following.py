"""A store that lets shadows know what becomes of leases: whoever ends or extends one.

So no end of a call has to be knocked at twice: the dialplan's, the watcher's and all others go
through the store of the process, and from there on to the shadow's own lease, later and apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from fastagi.stores.store import Longer, Store


class Follower(Protocol):
    """Who is told; at once, never waits, never raises."""

    def released(
        self, site: str, call: str, number: str | None, node: str | None, talked_s: int | None
    ) -> None:
        """Take in that a lease, or leases, were to end; see `Leases.release`."""
        ...

    def extended(self, site: str, call: str, number: str, node: str, seconds: int) -> None:
        """Take in that a live lease was to last so many seconds; see `Leases.extend`."""
        ...

    def renewed(self, site: str, call: str, number: str, node: str, expires: float) -> None:
        """Take in that a live lease was to end later; see `Leases.renew`."""
        ...


def followed(store: Store, follower: Follower) -> Store:
    """Return the store, whose follower is told of every end and every extension."""
    return cast("Store", _FollowedStore(store, follower))


class _FollowedStore:
    """Everything else goes straight to the store: each step is fetched from it once."""

    def __init__(self, store: Store, follower: Follower) -> None:
        self._store = store
        self._follower = follower

    def __getattr__(self, name: str) -> object:
        step = getattr(self._store, name)
        setattr(self, name, step)
        return step

    async def release(
        self,
        site: str,
        call: str,
        number: str | None,
        node: str | None,
        now: float,
        talked_s: int | None = None,
    ) -> int:
        """End it; the shadow's ends too, also where this fails."""
        try:
            return await self._store.release(site, call, number, node, now, talked_s)
        finally:
            self._follower.released(site, call, number, node, talked_s)

    async def extend(
        self, site: str, call: str, number: str, node: str, seconds: int, now: float
    ) -> Longer | None:
        """Extend it; the shadow's by what this one has then."""
        longer = await self._store.extend(site, call, number, node, seconds, now)
        if longer is not None:
            self._follower.extended(site, call, number, node, longer.lease.seconds)
        return longer

    async def renew(
        self, site: str, call: str, number: str, node: str, expires: float, now: float
    ) -> bool:
        """Renew it, and the shadow's."""
        lives = await self._store.renew(site, call, number, node, expires, now)
        if lives:
            self._follower.renewed(site, call, number, node, expires)
        return lives
