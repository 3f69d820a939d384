"""Where calls hold their slots while the store is away: on this machine, and a bounded number.

A rule may say that its calls pass without the store (`without_store = "allow"`). They take their
slots in a second store, that all workers of this gate share and no other gate sees. So each limit
is kept within the gate, and one slot more, of all sites together, bounds what the gate lets
through on its own; of several sites one may have half of them. When the store is back, `adoption`
moves them there.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from fastagi.errors import StoreError
from fastagi.fair_line import Turns
from fastagi.stores.store import Hold, Taken

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from fastagi.stores.store import Full, Lease, NotSignedIn, Store

GATE: Final = "gate"
"""The one site that all local leases are of, so that one cap counts them all."""

CAP: Final = "without-store"
"""The limit that every call without the store takes a slot of; no policy has one of that name."""


AT_ONCE: Final = 8
"""Calls of one worker that take their slots at a time: to the store all are of one site, so that
sites take their turns here."""


def _turns() -> Turns:
    return Turns(AT_ONCE)


def _is_not() -> bool:
    """Return that there is one site alone."""
    return False


@dataclass(frozen=True, slots=True)
class Stopgap:
    """The second store, and what it may be used for.

    Attributes:
        store: On this machine, for all workers of this gate.
        calls: How many calls may hold slots there at a time, in the whole gate.
        mark: A file beside it that is there as soon as any call took slots; so long as it is not,
            nobody needs to ask.
        is_shared: Whether there are several sites: then one may have half of the calls.
        turns: At which sites take theirs.
    """

    store: Store
    calls: int
    mark: Path
    is_shared: Callable[[], bool] = _is_not
    turns: Turns = field(default_factory=_turns, compare=False)

    @property
    def is_used(self) -> bool:
        """Whether it may hold anything."""
        return self.mark.exists()

    async def take(self, lease: Lease, now: float) -> Taken | Full | NotSignedIn:
        """Take every slot of the lease, and one of the cap; or none. See `Leases.take`.

        Raises:
            StoreError: It is broken, too.
        """
        self._set_mark()  # before there is anything: no release may pass it by
        caps = [Hold(CAP, "", self.calls)]
        if self.is_shared():
            caps.append(Hold(CAP, f"{lease.site}/", (self.calls + 1) // 2))
        async with self.turns.place(lease.site):
            taken = await self.store.take(_inward(lease, caps), now)
        if not isinstance(taken, Taken):
            return taken
        crossed = tuple(replace(each, key=_own_key(each.key)) for each in taken.crossed)
        return replace(taken, lease=_outward(taken.lease), crossed=crossed)

    async def release(
        self,
        site: str,
        call: str,
        number: str | None,
        node: str | None,
        now: float,
        talked_s: int | None = None,
    ) -> int:
        """End the call's lease, or leases; how many were live. See `Leases.release`.

        Raises:
            StoreError: It is broken.
        """
        if not self.is_used:
            return 0
        return await self.store.release(GATE, f"{site}/{call}", number, node, now, talked_s)

    async def live(self, now: float) -> Sequence[Lease]:
        """List every live lease as the call's own store is to have it: without the cap's slot.

        Raises:
            StoreError: It is broken.
        """
        if not self.is_used:
            return ()
        return [_outward(lease) for lease in await self.store.live(GATE, now)]

    def _set_mark(self) -> None:
        try:
            self.mark.touch()
        except OSError as error:
            raise StoreError("the local store cannot be used") from error


def _inward(lease: Lease, caps: Sequence[Hold]) -> Lease:
    """Return a lease as it is kept: the site, which no `/` is in, goes into the names.

    Without its notes: they are of use only where all gates read them.
    """
    own = (replace(each, key=f"{lease.site}/{each.key}") for each in lease.holds)
    budgets = (replace(each, key=f"{lease.site}/{each.key}") for each in lease.budgets)
    return replace(
        lease,
        site=GATE,
        call=f"{lease.site}/{lease.call}",
        holds=(*own, *caps),
        budgets=tuple(budgets),
        notes=(),
    )


def _outward(lease: Lease) -> Lease:
    """Return a lease as it was given."""
    site, _, call = lease.call.partition("/")
    holds = tuple(
        replace(each, key=_own_key(each.key)) for each in lease.holds if each.limit != CAP
    )
    budgets = tuple(replace(each, key=_own_key(each.key)) for each in lease.budgets)
    return replace(lease, site=site, call=call, holds=holds, budgets=budgets)


def _own_key(key: str) -> str:
    """Return a key without the site's name that stands before it."""
    return key.partition("/")[2]
