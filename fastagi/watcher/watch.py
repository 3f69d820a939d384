"""Watching one Asterisk: the link, and what is done about what it tells, until cancelled.

Nothing here answers a call. Whatever breaks is told in the log and tried again; the calls go on.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.call.ports import LISTING_PATIENCE_S, soon
from fastagi.errors import DialguardError
from fastagi.policy.model import LiveCalls
from fastagi.stores.store import SubjectKind
from fastagi.watcher import bypass, reconcile, truth
from fastagi.watcher.borrowed import Borrowed
from fastagi.watcher.braked import braked
from fastagi.watcher.channels import MARK, Channels
from fastagi.watcher.ending import end, legs_of, of_leases
from fastagi.watcher.link import connected
from fastagi.watcher.moves import Moves
from fastagi.watcher.releases import Releases
from fastagi.watcher.signed_off import signed_off
from fastagi.watcher.slices import Slices
from fastagi.watcher.suspects import Suspects

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from fastagi.stores.store import Lease
    from fastagi.watcher.channels import Channel, Mark
    from fastagi.watcher.link import Fields, Link, Listing, Login
    from fastagi.watcher.ports import WatchPorts
    from fastagi.watcher.reconcile import Unbounded

log = structlog.get_logger(__name__)

RECONCILE_S: Final = 60.0
"""Seconds between two looks at all channels and all leases."""

LOCKOUTS_S: Final = 1.0
"""Seconds between two looks for extensions that were locked out, signed off, or braked."""

TURN_S: Final = 0.1
"""Seconds between two looks at what has become due."""

BACKOFF_S: Final = (0.5, 30.0)
"""The first pause before the next attempt to connect, which doubles each time, and the longest."""


class Watcher:
    """The watcher of one Asterisk."""

    def __init__(self, login: Login, ports: WatchPorts) -> None:
        self._login = login
        self._ports = ports
        self._channels = Channels()
        self._suspects = Suspects(login.node, ports)
        self._releases = Releases(login.node, ports)
        self._moves = Moves(login.node, ports)
        self._borrowed = Borrowed(login.node, ports)
        self._slices = Slices(login.node, ports)
        self._before: set[str] | None = None  # what was up when the watch began, and still is
        self._listed = False  # whether the channels are known, over this link
        self._trouble = ""

    async def run(self) -> None:
        """Watch, and connect again whenever the link is lost."""
        pause_s, node, meter = BACKOFF_S[0], self._login.node, self._ports.meter
        meter.linked(node, up=False)
        while True:
            self._forget()
            try:
                async with connected(self._login, self._hear) as link:
                    log.info("ami-linked", node=node)
                    meter.linked(node, up=True)
                    self._trouble, pause_s = "", BACKOFF_S[0]
                    await self._linked(link)
                log.warning("ami-link-lost", node=node)
            except DialguardError as error:
                self._tell(str(error))
            finally:
                meter.linked(node, up=False)
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
            pause_s = min(2 * pause_s, BACKOFF_S[1])

    def _forget(self) -> None:
        """Begin anew with the channels: what they did while nobody listened is not known."""
        self._channels = Channels()
        self._suspects.forget()
        self._releases.forget()
        self._moves.forget()
        self._slices.forget()
        self._listed = False

    def _tell(self, trouble: str) -> None:
        """Say what is wrong with the link, once while it stays the same."""
        if trouble != self._trouble:
            self._trouble = trouble
            log.error("ami-not-linked", node=self._login.node, why=trouble)

    async def _linked(self, link: Link) -> None:
        """Do everything there is to do, each in its own time, until the link is lost."""
        chores = [
            asyncio.create_task(self._again("reconcile", RECONCILE_S, self.reconcile, link)),
            asyncio.create_task(self._again("bypasses", TURN_S, self._look_at_suspects, link)),
            asyncio.create_task(self._again("releases", TURN_S, self._look_at_ended, link)),
            asyncio.create_task(self._again("lockouts", LOCKOUTS_S, self._lockouts, link)),
            asyncio.create_task(self._again("sign-ins", TURN_S, self._moves.look, link)),
            asyncio.create_task(self._again("sign-offs", LOCKOUTS_S, self._sign_offs, link)),
            asyncio.create_task(self._again("phones", LOCKOUTS_S, self._borrowed.look, link)),
            asyncio.create_task(self._again("brakes", LOCKOUTS_S, self._brakes, link)),
            asyncio.create_task(self._again("slices", TURN_S, self._look_at_slices, link)),
        ]
        try:
            await link.lost.wait()
        finally:
            for each in chores:
                each.cancel()
            await asyncio.gather(*chores, return_exceptions=True)

    async def _again(
        self, what: str, every_s: float, work: Callable[[Link], Awaitable[None]], link: Link
    ) -> None:
        while True:
            try:
                await work(link)
            except DialguardError as error:
                log.warning("watch-failed", node=self._login.node, what=what, why=str(error))
                await asyncio.sleep(LOCKOUTS_S)
            except Exception:  # a fault of ours must not end the watch
                log.exception("watch-broke", node=self._login.node, what=what)
                await asyncio.sleep(LOCKOUTS_S)
            await asyncio.sleep(every_s)

    # ------------------------------------------------------------------------- events

    def _hear(self, event: Fields) -> None:
        """Take an event in, and note what becomes due by it."""
        at = time.monotonic()
        self._moves.hear(event)
        channel = self._channels.hear(event, at)
        if channel is None:
            return
        self._releases.hear(channel)
        if event.get("Event") == "Hangup":
            self._releases.hung_up(channel, self._channels)
        else:
            self._suspects.hear(channel, at)

    async def _look_at_suspects(self, link: Link) -> None:
        """Name the calls that did not ask, and end those that a policy wants ended."""
        await self._suspects.look(link, self._channels)

    # ------------------------------------------------------------------------- leases

    async def _look_at_ended(self, link: Link) -> None:
        """Release the calls that ended, in case nobody else did."""
        await self._releases.look(link, self._channels)

    async def _look_at_slices(self, link: Link) -> None:
        """Let calls go on that are paid for slice by slice."""
        if self._listed:
            await self._slices.look(link, self._channels)

    async def reconcile(self, link: Link) -> None:
        """Hold leases and channels against each other, all of them.

        Raises:
            LinkError: Asterisk lists nothing.
            StoreError: The store lists nothing, or takes nothing.
        """
        ports, node = self._ports, self._login.node
        asked_at, asked = ports.now(), time.monotonic()
        listing = await link.channels(MARK)
        self._list(listing, asked)
        leases = [
            each
            for each in await soon(ports.store.live(None, ports.now()), LISTING_PATIENCE_S)
            if ports.watches(each.site)
        ]
        if listing.whole:
            void = reconcile.void(leases, self._channels, node, asked_at)
            await self._releases.void(link, self._channels, void)
        for each in reconcile.ending(leases, self._channels, node, ports.now()):
            until = ports.now() + reconcile.RENEW_BY_S
            await soon(
                ports.store.renew(each.site, each.call, each.number, node, until, ports.now())
            )
        await self._bind(
            link,
            reconcile.unbounded(self._channels, leases, node, ports.now(), self._needs_no_bound),
        )

    def _list(self, listing: Listing, asked_at: float) -> None:
        """Take a list in.

        Trunk legs that were up before anybody watched may have asked before there were marks:
        they are told of. Later ones began while nobody heard, and are looked at as any other.
        """
        new = self._channels.list(listing.rows, asked_at, whole=listing.whole)
        self._listed = True
        is_first, before = self._before is None, self._before or set()
        for channel in new:
            self._releases.hear(channel)
            if is_first:
                before.add(channel.uniqueid)
                self._tell_of_unknown(channel)
            elif channel.uniqueid not in before:
                channel.born, channel.dialled_at = True, asked_at
                self._suspects.hear(channel, asked_at)
        self._before = before
        if listing.whole:
            up = {each["Uniqueid"] for each in listing.rows}
            self._before &= up
            self._suspects.still_up(up)
            self._releases.listed(self._channels)

    def _tell_of_unknown(self, channel: Channel) -> None:
        is_unmarked = channel.mark is None and channel.outgoing
        if is_unmarked and bypass.is_on_guarded_trunk(channel, self._ports.policies.all()):
            log.warning("unknown-leg", node=self._login.node, channel=channel.name)

    async def _bind(self, link: Link, legs: Sequence[Unbounded]) -> None:
        """Bound the legs anew that lost their absolute timeout, or end them."""
        sure = await truth.marked(link, [each.leg for each in legs])
        for each in [each for each in legs if each.leg in sure]:
            log.error(
                "leg-without-bound",
                node=self._login.node,
                channel=each.leg.name,
                left_s=each.left_s,
            )
            if each.left_s:
                timeout = str(each.left_s)
                await link.ask("AbsoluteTimeout", Channel=each.leg.uniqueid, Timeout=timeout)
            else:
                await end(link, [each.leg])

    def _needs_no_bound(self, mark: Mark) -> bool:
        policy = self._ports.policies.of(mark.site)
        return policy is None or bypass.is_emergency(policy, mark.number)

    # ----------------------------------------------------------------- lockouts and sign-offs

    async def _lockouts(self, link: Link) -> None:
        """End the live calls of extensions that were locked out, where the policy wants that."""
        ports = self._ports
        ending = {
            each.site.name for each in ports.policies.all() if each.lockout.calls is LiveCalls.END
        }
        if not ending:
            return
        locked = {
            (each.site, each.name)
            for each in await soon(ports.store.lockouts(None, ports.now()), LISTING_PATIENCE_S)
            if each.kind is SubjectKind.EXTENSION and each.site in ending
        }
        if not locked:
            return
        leases = [
            each
            for each in await soon(ports.store.live(None, ports.now()), LISTING_PATIENCE_S)
            if (each.site, each.extension) in locked
        ]
        await self._cut_off(link, leases, "locked out")

    async def _sign_offs(self, link: Link) -> None:
        """End the live calls of sign-ins that are over, where the policy wants that."""
        leases = await signed_off(self._ports, self._login.node)
        await self._cut_off(link, leases, "signed off")

    async def _brakes(self, link: Link) -> None:
        """End the live calls that a brake touches, where the policy wants that."""
        leases = await braked(self._ports, self._login.node)
        await self._cut_off(link, leases, "braked")

    async def _cut_off(self, link: Link, leases: Sequence[Lease], why: str) -> None:
        legs = legs_of(of_leases(leases, self._login.node), self._channels)
        for leg in await end(link, await truth.marked(link, legs)):
            log.warning("call-ended", node=self._login.node, channel=leg.name, why=why)
