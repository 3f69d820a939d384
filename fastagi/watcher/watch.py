"""Watching one Asterisk: the link, and what is done about what it tells, until cancelled.

Nothing here answers a call. Whatever breaks is told in the log and tried again; the calls go on.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from fastagi.call.ports import soon
from fastagi.errors import DialguardError
from fastagi.policy.model import LiveCalls
from fastagi.stores.store import SubjectKind
from fastagi.watcher import bypass, reconcile, report
from fastagi.watcher.channels import MARK, Channels
from fastagi.watcher.ending import end, legs_of, of_leases
from fastagi.watcher.link import connected

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from fastagi.call.ports import Clock, Decisions
    from fastagi.policy.model import Policy
    from fastagi.stores.store import Store
    from fastagi.watcher.bypass import Bypass
    from fastagi.watcher.channels import Mark
    from fastagi.watcher.link import Fields, Link, Login
    from fastagi.watcher.reconcile import Unbounded

log = structlog.get_logger(__name__)

RECONCILE_S: Final = 60.0
"""Seconds between two looks at all channels and all leases."""

LOCKOUTS_S: Final = 1.0
"""Seconds between two looks for extensions that were locked out."""

TURN_S: Final = 0.1
"""Seconds between two looks at what has become due."""

GRACE_S: Final = 2.0
"""How long after a call's end the watcher releases it: the dialplan does it sooner."""

BACKOFF_S: Final = (0.5, 30.0)
"""The first pause before the next attempt to connect, which doubles each time, and the longest."""


class PoliciesOfAll(Protocol):
    """The policies in force."""

    def of(self, site: str) -> Policy | None:
        """Return the site's policy; of an empty name, the only one there is."""
        ...

    def all(self) -> Sequence[Policy]:
        """Return every site's."""
        ...


class WatchMeter(Protocol):
    """What a watcher tells those who count."""

    def linked(self, node: str, *, up: bool) -> None:
        """Take in that the link to an Asterisk is up, or is not."""
        ...

    def bypassed(self, node: str, found: Bypass) -> None:
        """Take in a bypass."""
        ...

    def healed(self, node: str, site: str) -> None:
        """Take in that a lease was released whose call was over."""
        ...


class NoMeter:
    """Where nobody counts."""

    def linked(self, node: str, *, up: bool) -> None:
        """Do nothing."""

    def bypassed(self, node: str, found: Bypass) -> None:
        """Do nothing."""

    def healed(self, node: str, site: str) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class WatchPorts:
    """What the watcher needs of the world.

    Attributes:
        now: The clock of the leases.
        mask: Last digits of outside numbers that logs do not show.
        meter: Told of what happens, for those who count.
    """

    policies: PoliciesOfAll
    store: Store
    decisions: Decisions
    now: Clock
    mask: int
    meter: WatchMeter


class Watcher:
    """The watcher of one Asterisk."""

    def __init__(self, login: Login, ports: WatchPorts) -> None:
        self._login = login
        self._ports = ports
        self._channels = Channels()
        self._suspects: dict[str, float] = {}  # uniqueid: when its patience is over
        self._calls: dict[str, set[Mark]] = {}  # calls that had a marked leg, and whose those were
        self._ended: dict[str, float] = {}  # call: when its grace is over
        self._told: set[str] = set()  # unknown legs that were told of
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
        self._suspects.clear()
        self._ended.clear()

    def _tell(self, trouble: str) -> None:
        """Say what is wrong with the link, once while it stays the same."""
        if trouble != self._trouble:
            self._trouble = trouble
            log.error("ami-not-linked", node=self._login.node, why=trouble)

    async def _linked(self, link: Link) -> None:
        """Do everything there is to do, each in its own time, until the link is lost."""
        chores = [
            asyncio.create_task(self._again("reconcile", RECONCILE_S, self.reconcile, link)),
            asyncio.create_task(self._again("bypasses", TURN_S, self._bypasses, link)),
            asyncio.create_task(self._again("releases", TURN_S, self._releases, link)),
            asyncio.create_task(self._again("lockouts", LOCKOUTS_S, self._lockouts, link)),
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
        channel = self._channels.hear(event, at)
        if channel is None:
            return
        if channel.mark is not None:
            self._calls.setdefault(channel.mark.call, set()).add(channel.mark)
        if event.get("Event") == "Hangup":
            call = channel.uniqueid if channel.mark is None else channel.mark.call
            if call in self._calls and not self._channels.is_alive(call):
                self._ended[call] = at + GRACE_S
        elif channel.uniqueid not in self._suspects and bypass.is_suspect(
            channel, self._ports.policies.all()
        ):
            self._suspects[channel.uniqueid] = at + bypass.PATIENCE_S

    # ------------------------------------------------------------------------- bypasses

    async def _bypasses(self, link: Link) -> None:
        """Name the calls that did not ask, and end those that a policy wants ended."""
        now = time.monotonic()
        due = [each for each, at in self._suspects.items() if at <= now]
        for uniqueid in due:
            del self._suspects[uniqueid]
            channel = self._channels.of(uniqueid)
            if channel is None:
                continue
            found = bypass.judge(channel, self._ports.policies.all())
            channel.judged = True
            if found is not None:
                await self._bypassed(link, found)

    async def _bypassed(self, link: Link, found: Bypass) -> None:
        ports = self._ports
        ports.decisions.record(report.record_of(found, self._login.node, ports.now()))
        log.error("bypass", **report.words_of(found, self._login.node, ports.mask))
        ports.meter.bypassed(self._login.node, found)
        if found.hang_up:
            await end(link, [found.channel])

    # ------------------------------------------------------------------------- leases

    async def _releases(self, link: Link) -> None:  # noqa: ARG002 - it needs only what was heard
        """Release the calls that ended, in case nobody else did."""
        now = time.monotonic()
        for call in [each for each, at in self._ended.items() if at <= now]:
            marks = self._calls.get(call, set())
            for mark in marks:
                policy = self._ports.policies.of(mark.site)
                if policy is not None and not self._channels.is_alive(call):
                    await self._release(policy.site.name, call, mark.number)
            del self._ended[call]
            self._calls.pop(call, None)

    async def _release(self, site: str, call: str, number: str) -> None:
        ports, node = self._ports, self._login.node
        if await soon(ports.store.release(site, call, number, node, ports.now())):
            log.warning("lease-released", node=node, site=site, call=call, why="its call is over")
            ports.meter.healed(node, site)

    async def reconcile(self, link: Link) -> None:
        """Hold leases and channels against each other, all of them.

        Raises:
            LinkError: Asterisk lists nothing.
            StoreError: The store lists nothing, or takes nothing.
        """
        ports, node = self._ports, self._login.node
        asked_at, asked = ports.now(), time.monotonic()
        self._list(await link.channels(MARK), asked)
        leases = await soon(ports.store.live(None, ports.now()))
        for each in reconcile.void(leases, self._channels, node, asked_at):
            await self._release(each.site, each.call, each.number)
        for each in reconcile.ending(leases, self._channels, node, ports.now()):
            until = ports.now() + reconcile.RENEW_BY_S
            await soon(
                ports.store.renew(each.site, each.call, each.number, node, until, ports.now())
            )
        await self._bind(
            link,
            reconcile.unbounded(self._channels, leases, node, ports.now(), self._needs_no_bound),
        )

    def _list(self, rows: Sequence[Fields], asked_at: float) -> None:
        """Take a list in, and tell once of trunk legs that were up before anybody watched."""
        new = self._channels.list(rows, asked_at)
        for channel in new:
            if channel.mark is not None or not channel.outgoing or channel.uniqueid in self._told:
                continue
            if bypass.is_on_guarded_trunk(channel, self._ports.policies.all()):
                self._told.add(channel.uniqueid)
                log.warning("unknown-leg", node=self._login.node, channel=channel.name)
        self._told = {each for each in self._told if self._channels.of(each) is not None}
        for mark in [each.mark for each in self._channels.legs() if each.mark is not None]:
            self._calls.setdefault(mark.call, set()).add(mark)
        for call in [each for each in self._calls if each not in self._ended]:
            if not self._channels.is_alive(call):
                self._ended[call] = time.monotonic() + GRACE_S

    async def _bind(self, link: Link, legs: Sequence[Unbounded]) -> None:
        """Bound the legs anew that lost their absolute timeout, or end them."""
        for each in legs:
            log.error(
                "leg-without-bound",
                node=self._login.node,
                channel=each.leg.name,
                left_s=each.left_s,
            )
            if each.left_s:
                timeout = str(each.left_s)
                await link.ask("AbsoluteTimeout", Channel=each.leg.name, Timeout=timeout)
            else:
                await end(link, [each.leg])

    def _needs_no_bound(self, mark: Mark) -> bool:
        policy = self._ports.policies.of(mark.site)
        return policy is None or bypass.is_emergency(policy, mark.number)

    # ------------------------------------------------------------------------- lockouts

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
            for each in await soon(ports.store.lockouts(None, ports.now()))
            if each.kind is SubjectKind.EXTENSION and each.site in ending
        }
        if not locked:
            return
        leases = [
            each
            for each in await soon(ports.store.live(None, ports.now()))
            if (each.site, each.extension) in locked
        ]
        legs = legs_of(of_leases(leases, self._login.node), self._channels)
        for leg in await end(link, legs):
            log.warning("call-ended", node=self._login.node, channel=leg.name, why="locked out")
