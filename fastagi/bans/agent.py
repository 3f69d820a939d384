"""The agent: sees to it, a moment after another, that what the store says is banned is.

What is on stays on while the store is away, and while the agent is: the kernel counts the time by
itself. Whatever else is wrong is told of once, tried again, and leaves all as it is.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.bans import ban as bans
from fastagi.bans import present, table
from fastagi.bans.allow import own_addresses
from fastagi.bans.friend import friends
from fastagi.errors import FilterError, StoreError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fastagi.bans.allow import Never
    from fastagi.bans.ban import Ban
    from fastagi.bans.filter import Filter
    from fastagi.bans.network import Address, Network
    from fastagi.stores.records import Records

EVERY_S: Final = 1.0
"""Between two looks …"""

PAUSES: Final = 4
"""… or so many times what the last one took: thousands of bans must not keep a machine busy."""

SHOWN_MOST: Final = 20
"""Networks in one line of the log."""

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class Agent:
    """One machine's.

    Attributes:
        name: Of the machine; others' agents write into the same store.
        ports: What of the banned is dropped: packets to these, or all where none is named.
    """

    records: Records
    never: Never
    carried_out_by: Filter
    now: Callable[[], float]
    name: str
    ports: Sequence[int] = ()
    dry_run: bool = False
    _known: tuple[list[Ban], list[Address | Network]] | None = None
    _on: dict[Network, float] = field(default_factory=dict)
    _refused: frozenset[Network] = frozenset()
    _wrong: str = ""
    _away: bool = False
    _said: present.Present | None = None
    _addresses: tuple[Address, ...] = ()

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await self.look()
            await asyncio.sleep(max(EVERY_S, PAUSES * (loop.time() - began)))

    async def look(self) -> None:
        """Have this machine be as the store says; tell of what is wrong, and never raise that."""
        now = self.now()
        await self._ask(now)
        if self._known is None:
            return
        there, phones = self._known
        try:
            self._addresses = own_addresses()
            never = self.never.with_friends(phones, await self.never.here(now))
            what, refused = table.wanted(there, never, self.ports, now)
            self._tell_refused(refused)
            changed = await self.carried_out_by.hold(what, now)
        except (FilterError, OSError) as error:
            self._tell_wrong(str(error))
        else:
            if changed:
                self._tell_changes(dict(what.bans), {each.network for each in there}, now)
            if self._wrong:
                log.info("bans-applied-again", on=len(what.bans))
            self._wrong, self._on = "", dict(what.bans)
        await self._say(now)

    async def _ask(self, now: float) -> None:
        """Ask the store; of one that is away, what it said last still holds."""
        try:
            phones = await friends(self.records, now)
            machines = present.addresses_of(await present.every(self.records, now))
            self._known = await bans.every(self.records, now), [*phones, *machines]
        except StoreError as error:
            if not self._away:
                log.warning("bans-store-away", error=str(error))
            self._away = True
            return
        if self._away:
            log.info("bans-store-back")
        self._away = False

    def _tell_refused(self, refused: Sequence[Ban]) -> None:
        """Tell of bans that were written and touch who is never banned: once each."""
        now_refused = frozenset(each.network for each in refused)
        for each in refused:
            if each.network not in self._refused:
                log.warning(
                    "ban-refused",
                    network=each.key,
                    site=each.site,
                    watch=each.watch,
                    error="it touches who is never banned",
                )
        self._refused = now_refused

    def _tell_wrong(self, wrong: str) -> None:
        if wrong != self._wrong:
            log.error("bans-not-applied", error=wrong)
        self._wrong = wrong

    def _tell_changes(self, on: dict[Network, float], written: set[Network], now: float) -> None:
        new, gone = on.keys() - self._on.keys(), self._on.keys() - on.keys()
        for each in sorted(gone - written, key=bans.order):
            if self._on[each] > now and each not in self._refused:
                log.info("ban-lifted", network=str(each))
        log.info(
            "bans-would-apply" if self.dry_run else "bans-applied",
            on=len(on),
            new=_shown(new),
            gone=_shown(gone),
        )

    async def _say(self, now: float) -> None:
        """Write into the store that there is an agent, for whoever looks."""
        what = present.Present(
            self.name, now, len(self._on), self.dry_run, self._wrong, self._addresses
        )
        last = self._said
        if (
            last is not None
            and now < last.at + present.SAY_S
            and replace(what, at=last.at) == last
        ):
            return
        try:
            await present.say(self.records, what, now)
        except StoreError:
            return  # which was told of, or will be
        self._said = what


def _shown(networks: set[Network]) -> list[str]:
    return [str(each) for each in sorted(networks, key=bans.order)[:SHOWN_MOST]]
