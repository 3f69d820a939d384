"""Phones that registered anew, from elsewhere: whoever was signed in on one is so no more.

An event about a phone is a hint, as anybody may forge it: Asterisk is asked what is registered.
A hint ends nothing by itself, and one that is missed is made up for by the next round over all.
"""

from __future__ import annotations

import asyncio
import math
import time
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.call.identify import ENDPOINT
from fastagi.call.ports import LISTING_PATIENCE_S, soon
from fastagi.errors import DialguardError, LinkError
from fastagi.policy.model import Bond
from fastagi.stores.sign_ins import SignedOff
from fastagi.watcher.borrowed import place
from fastagi.watcher.registered import registered

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fastagi.stores.sign_ins import SignIn
    from fastagi.watcher.link import Link
    from fastagi.watcher.ports import WatchPorts

log = structlog.get_logger(__name__)

LOOK_S: Final = 0.5
"""Seconds between two looks, however many hints there are: each lists who is signed in."""

ROUND_S: Final = 60.0
"""Seconds between two rounds over all who are signed in, hinted at or not."""

HINTS_MAX: Final = 1000
"""How many phones may be hinted at, at a time, besides those on which somebody was signed in."""

AT_ONCE: Final = 20
"""Of how many phones Asterisk is asked side by side."""

NAMED_MAX: Final = 10
"""How many phones one line of the log names."""


class Moves:
    """Those of the phones of one Asterisk."""

    def __init__(self, node: str, ports: WatchPorts) -> None:
        self._node = node
        self._ports = ports
        self._hinted: set[str] = set()
        self._signed_in: set[str] = set()  # phones, by the last listing
        self._untold: set[str] = set()  # phones of which Asterisk tells nothing; told of once
        self._look_at = -math.inf
        self._round_at = -math.inf

    def forget(self) -> None:
        """Begin anew: the next look is at all, as nobody knows what was missed."""
        self._hinted.clear()
        self._round_at = -math.inf

    def hear(self, event: Mapping[str, str]) -> None:
        """Take an event in, and note which phone is to be looked at by it."""
        if event.get("Event") != "ContactStatus":
            return
        endpoint = event.get("EndpointName", "")
        if not ENDPOINT.fullmatch(endpoint):
            return
        if endpoint in self._signed_in or len(self._hinted) < HINTS_MAX:
            self._hinted.add(endpoint)

    async def look(self, link: Link) -> None:
        """End the sign-ins whose phone is registered otherwise by now.

        Raises:
            LinkError: The link is lost.
            StoreError: The store lists nothing, or ends nothing. It is tried again.
        """
        now = time.monotonic()
        is_round = now >= self._round_at
        if now < self._look_at or not (is_round or self._hinted):
            return
        self._look_at = now + LOOK_S
        hinted, self._hinted = self._hinted, set()
        try:
            # First who is signed in, and then what is registered: a phone that moves in between
            # has been signed in on before.
            sign_ins = await self._watched()
            self._signed_in = {each.extension for each in sign_ins}
            self._untold &= self._signed_in
            looked_at = self._signed_in if is_round else self._signed_in & hinted
            await self._hold(link, looked_at, sign_ins)
        except DialguardError:
            self._hinted |= hinted
            raise
        if is_round:
            self._round_at = now + ROUND_S

    async def _watched(self) -> Sequence[SignIn]:
        """Return the live sign-ins that hang on what is registered here, or wait for it."""
        ports = self._ports
        sites = {
            each.site.name
            for each in ports.policies.all()
            if Bond.CONTACT in each.sign_in.bound_to
        }
        if not sites and not ports.hands_out:
            return ()
        return [
            each
            for each in await soon(ports.store.sign_ins(None, ports.now()), LISTING_PATIENCE_S)
            if (each.site in sites and each.node == self._node and each.origin.contact)
            or (each.is_waiting and ports.hands_out and ports.watches(each.site))
        ]

    async def _hold(self, link: Link, phones: Iterable[str], sign_ins: Sequence[SignIn]) -> None:
        """Hold sign-ins against what is registered for their phones."""
        room = asyncio.Semaphore(AT_ONCE)

        async def digest_for(phone: str) -> str | None:
            async with room:
                return await _digest_for(link, phone)

        asked = sorted(phones)
        digests = dict(zip(asked, await asyncio.gather(*map(digest_for, asked)), strict=True))
        # Who waits may register at another Asterisk: that this one knows nothing of it is no news.
        waiting = {each.extension for each in sign_ins if each.is_waiting}
        self._tell_untold({name: told for name, told in digests.items() if name not in waiting})
        for each in sign_ins:
            digest = digests.get(each.extension)
            if digest is None:
                continue
            if each.is_waiting:
                await place(link, self._node, each, self._ports)
            elif digest != each.origin.contact:
                await self._end(each)

    async def _end(self, moved: SignIn) -> None:
        ports, of_sign_in = self._ports, (moved.site, moved.extension, moved.id)
        ended = await soon(ports.store.end_sign_ins(*of_sign_in, SignedOff.MOVED, ports.now()))
        for each in ended:
            log.warning(
                "sign-in-moved",
                node=self._node,
                site=each.site,
                extension=each.extension,
                person=each.person,
            )

    def _tell_untold(self, digests: Mapping[str, str | None]) -> None:
        """Tell of phones of which Asterisk says nothing: once, while it stays so."""
        untold = {phone for phone, digest in digests.items() if digest is None}
        new = sorted(untold - self._untold)
        self._untold = (self._untold - digests.keys()) | untold
        if new:
            named, more = new[:NAMED_MAX], max(0, len(new) - NAMED_MAX)
            log.warning("registration-untold", node=self._node, extensions=named, more=more)


async def _digest_for(link: Link, phone: str) -> str | None:
    """Return the digest of what is registered for a phone; None where Asterisk does not tell.

    Raises:
        LinkError: The link is lost.
    """
    try:
        found = await registered(link, phone)
    except LinkError:
        if link.lost.is_set():
            raise
        return None
    return None if found is None else found.digest
