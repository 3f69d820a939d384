"""Hearing what one Asterisk tells of who knocks: security events, and phones that registered.

Security events are heard here and nowhere else, in a process that answers no call: they come as
fast as an attacker sends. Each costs a few microseconds, and what no sign is made of, less.

An event counts only if Asterisk made it (`signs.asterisk`). One about a phone's registration is a
hint: what is registered Asterisk is asked then.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.call.identify import ENDPOINT
from fastagi.errors import DialguardError, Forged, LinkError
from fastagi.signs.asterisk import read
from fastagi.signs.sighting import Seen, Sighting
from fastagi.watcher.forgeries import Forgeries
from fastagi.watcher.link import connected
from fastagi.watcher.registered import registered
from fastagi.watcher.whereabouts import whereabouts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from fastagi.lookout.ports import LookoutPorts
    from fastagi.watcher.link import Link, Login

log = structlog.get_logger(__name__)

CLASSES: Final = "security,system"
"""What is asked for: `system` has what becomes of contacts."""

USED: Final = frozenset(
    {
        *(b"FailedACL", b"InvalidAccountID", b"UnexpectedAddress", b"RequestBadFormat"),
        *(b"ChallengeResponseFailed", b"InvalidPassword", b"SuccessfulAuth"),
        *(b"RequestNotSupported", b"RequestNotAllowed", b"AuthMethodNotAllowed"),
        b"InvalidTransport",
    }
)
"""Security events that a sign may be made of (main/security_events.c) …"""

UNUSED: Final = frozenset({b"ChallengeSent", b"SessionLimit", b"MemoryLimit", b"LoadAverageLimit"})
"""… and those that none is made of: half of what comes in a flood, and looked at no further."""

BACKOFF_S: Final = (0.5, 30.0)
"""The first pause before the next attempt to connect, which doubles each time, and the longest."""

LOOK_S: Final = 0.5
"""Seconds between two looks at what phones registered, however many hints there are."""

COUNT_S: Final = 1.0
"""Seconds between two times that what came is counted."""

HINTS_MAX: Final = 1000
"""How many phones may be hinted at, at a time; of a phone that is missed its next hint tells."""

REMEMBERED_MAX: Final = 20_000
"""Phones of which it is remembered what they had registered."""

BEGIN: Final = b"Event: "


class Hearing:
    """That of one Asterisk.

    Args:
        login: Where it is.
        ports: What the lookout needs.
        see: Takes each sighting, at once.
        registers: Takes what a phone registered; tried again where the store is away.
        is_phone: Whether a site has an account among its phones, at this Asterisk.
    """

    def __init__(
        self,
        login: Login,
        ports: LookoutPorts,
        see: Callable[[Sighting], None],
        registers: Callable[[Sighting], Awaitable[None]],
        is_phone: Callable[[str, str], bool],
    ) -> None:
        self._login = login
        self._ports = ports
        self._see = see
        self._registers = registers
        self._is_phone = is_phone
        self._forgeries = Forgeries(login.node)
        self._events = self._told_events = self._told_forged = 0
        self._hinted: set[str] = set()
        self._had: dict[str, str] = {}  # by phone: the digest of what it had registered
        self._trouble = ""

    async def run(self) -> None:
        """Hear, and connect again whenever the link is lost, until cancelled."""
        pause_s, node, meter = BACKOFF_S[0], self._login.node, self._ports.meter
        meter.linked(node, up=False)
        while True:
            try:
                async with connected(
                    self._login, self._hint, classes=CLASSES, first=self._take
                ) as link:
                    log.info("lookout-linked", node=node)
                    meter.linked(node, up=True)
                    self._trouble, pause_s = "", BACKOFF_S[0]
                    await self._linked(link)
                self._tell("the link was lost")
            except DialguardError as error:
                self._tell(str(error))
            finally:
                meter.linked(node, up=False)
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
            pause_s = min(2 * pause_s, BACKOFF_S[1])

    def _tell(self, trouble: str) -> None:
        """Say what is wrong with the link, once while it stays the same."""
        if trouble != self._trouble:
            self._trouble = trouble
            log.error("lookout-not-linked", node=self._login.node, why=trouble)

    async def _linked(self, link: Link) -> None:
        """Look at registrations, and count, until the link is lost."""
        chores = [
            asyncio.create_task(self._again(LOOK_S, self._look, link)),
            asyncio.create_task(self._again(COUNT_S, self._count, link)),
        ]
        try:
            await link.lost.wait()
        finally:
            for each in chores:
                each.cancel()
            await asyncio.gather(*chores, return_exceptions=True)
            await self._count(link)

    async def _again(
        self, every_s: float, work: Callable[[Link], Awaitable[None]], link: Link
    ) -> None:
        while True:
            await asyncio.sleep(every_s)
            try:
                await work(link)
            except DialguardError as error:
                log.warning("lookout-failed", node=self._login.node, why=str(error))
                await asyncio.sleep(every_s)
            except Exception:  # a fault of ours must not end the hearing
                log.exception("lookout-broke", node=self._login.node)
                await asyncio.sleep(every_s)

    async def _count(self, link: Link) -> None:
        forged = self._forgeries.count + link.forgeries.count
        events, self._events = self._events, 0
        # A new link counts its forgeries from nothing on.
        before = self._told_forged if forged >= self._told_forged else self._forgeries.count
        self._told_forged = forged
        if events or forged > before:
            self._ports.meter.heard(self._login.node, events, forged - before)

    # ------------------------------------------------------------------------- security events

    def _take(self, block: bytes) -> bool:
        """Take a message, if it is a security event; one Asterisk never made is only counted."""
        if not block.startswith(BEGIN):
            return False
        end = block.find(b"\r\n")
        name = block[len(BEGIN) : end] if end > 0 else block[len(BEGIN) :]
        if name in UNUSED:
            self._events += 1
            return True
        if name not in USED:
            return False
        self._events += 1
        try:
            sighting = read(block.decode("utf-8", "replace"), self._login.node)
        except Forged as error:
            self._forgeries.found(str(error))
            return True
        if sighting is not None:
            self._see(sighting)
        return True

    # ------------------------------------------------------------------------- registrations

    def _hint(self, event: Mapping[str, str]) -> None:
        """Note which phone is to be looked at by an event, which anybody may forge."""
        if event.get("Event") != "ContactStatus":
            return
        phone = event.get("EndpointName", "")
        if (
            len(self._hinted) < HINTS_MAX
            and ENDPOINT.fullmatch(phone)
            and self._is_phone(self._login.node, phone)
        ):
            self._hinted.add(phone)

    async def _look(self, link: Link) -> None:
        """See what the phones registered that were hinted at.

        Raises:
            LinkError: The link is lost.
            StoreError: It is not known what a phone had. It is tried again.
        """
        hinted, self._hinted = self._hinted, set()
        while hinted:
            phone = hinted.pop()
            try:
                await self._look_at(link, phone)
            except DialguardError:
                self._hinted |= {phone, *hinted}
                raise

    async def _look_at(self, link: Link, phone: str) -> None:
        try:
            found = await registered(link, phone)
            if found is None or not found.contacts or found.digest == self._had.get(phone):
                return
            origin = await whereabouts(link, phone)
        except LinkError:
            if link.lost.is_set():
                raise
            return  # Asterisk does not tell of this one
        if origin is None:
            return
        # Of where it is a contact says what whoever registered it likes, the address of somebody
        # else, say. Where he really is, the event of his right password tells.
        sighting = Sighting(
            at=self._ports.now(),
            seen=Seen.REGISTERED,
            account=phone,
            node=self._login.node,
            agent=origin.agent,
        )
        await self._registers(sighting)
        if len(self._had) >= REMEMBERED_MAX:
            self._had.clear()
        self._had[phone] = found.digest
