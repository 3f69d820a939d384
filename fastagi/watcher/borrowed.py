"""Phones whose password was handed out with a sign-in: bound to it, and cut off when it is over.

The first to register with it is where the browser is, or in a place that the policy names: the
sign-in is bound to that phone. Whoever registered from elsewhere has stolen it, and it is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from fastagi.call import credentials
from fastagi.call.identify import read_address
from fastagi.call.ports import soon
from fastagi.call.sign_in import is_placed, may_be_opened
from fastagi.errors import LinkError
from fastagi.stores.sign_ins import SignedOff
from fastagi.watcher.contacts import borrows, drop
from fastagi.watcher.signed_off import is_over
from fastagi.watcher.whereabouts import whereabouts

if TYPE_CHECKING:
    from fastagi.policy.model import Policy
    from fastagi.stores.sign_ins import Origin, SignIn
    from fastagi.watcher.link import Link
    from fastagi.watcher.ports import WatchPorts

log = structlog.get_logger(__name__)

WEB_SOCKETS: Final = frozenset({"ws", "wss"})


async def place(link: Link, node: str, waiting: SignIn, ports: WatchPorts) -> None:
    """Bind a sign-in that waits to the phone that is registered here; none is no news.

    Raises:
        LinkError: Asterisk does not tell.
        StoreError: It is unknown whether it was bound.
    """
    policy, site, extension = ports.policies.of(waiting.site), waiting.site, waiting.extension
    if policy is None or not await borrows(link, site, extension):
        return  # what is registered here by that name is another's
    origin = await whereabouts(link, extension)
    if origin is None:
        return
    known = await credentials.credential_of(ports.store, site, extension, ports.now())
    if known is None or known.sign_in != waiting.id:
        return  # it is on its way into the store, or another has taken its place
    if not _may_be_there(policy, origin, waiting):
        why = SignedOff.MOVED
        await soon(ports.store.end_sign_ins(site, extension, waiting.id, why, ports.now()))
        log.warning("credential-elsewhere", node=node, site=site, extension=extension)
        return
    asked = (waiting, origin, node, known.until, ports.now())
    if await soon(ports.store.place_sign_in(*asked)):
        log.info("sign-in-placed", node=node, site=site, extension=extension)


def _may_be_there(policy: Policy, origin: Origin, waiting: SignIn) -> bool:
    """Whether a phone is where the one is awaited; a telephone is no phone in a browser."""
    browser = read_address(waiting.origin.address)
    return (
        origin.transport in WEB_SOCKETS
        and is_placed(origin, policy.sign_in)
        and may_be_opened(policy, origin.address, browser)
    )


class Borrowed:
    """Those of one Asterisk."""

    def __init__(self, node: str, ports: WatchPorts) -> None:
        self._node = node
        self._ports = ports
        self._seen_off: set[tuple[str, str, str]] = set()

    async def look(self, link: Link) -> None:
        """Take off Asterisk what is registered with credentials that are over.

        Again until there is nothing: what was let in a moment before may be written down a moment
        after. Where Asterisk does not do it, that is told; the phone can register no more.

        Raises:
            LinkError: The link is lost.
            StoreError: The store does not tell.
        """
        ports = self._ports
        if not ports.hands_out:
            return
        known: set[tuple[str, str, str]] = set()
        for policy in ports.policies.all():
            site = policy.site.name
            found = await credentials.every(ports.store, site, ports.now())
            for each in found:
                name = (site, each.extension, each.sign_in)
                known.add(name)
                if name not in self._seen_off and await is_over(ports, *name):
                    await self._see_off(link, name)
        self._seen_off &= known

    async def _see_off(self, link: Link, name: tuple[str, str, str]) -> None:
        site, extension, _ = name
        try:
            count = await drop(link, site, extension)
        except LinkError as error:
            if link.lost.is_set():
                raise
            what = {"site": site, "extension": extension, "why": str(error)}
            log.warning("phone-not-cut-off", node=self._node, **what)
            count = None
        if count:
            log.info("phone-cut-off", node=self._node, site=site, extension=extension)
        else:
            self._seen_off.add(name)
