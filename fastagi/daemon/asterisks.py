"""The web's own links to each Asterisk, to ask where phones are; it hears no events.

They are not the watcher's: whoever floods the page cannot hold up what heals calls.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Final, TypeVar

import structlog

from fastagi.call.sign_in import Phone
from fastagi.errors import DialguardError, LinkError
from fastagi.fair_line import Turns
from fastagi.stores.sign_ins import Origin
from fastagi.watcher.contacts import drop
from fastagi.watcher.link import connected
from fastagi.watcher.registered import registered
from fastagi.watcher.whereabouts import whereabouts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

    from fastagi.watcher.link import Link, Login

Found = TypeVar("Found")

BACKOFF_S: Final = (1.0, 60.0)
"""Before a lost link is made again; doubles up to the second."""

AT_ONCE: Final = 4
"""Questions that one Asterisk is asked at a time; the rest wait, and sites take turns."""

PATIENCE_S: Final = 5.0
"""How long a question may take, and its turn."""

log = structlog.get_logger(__name__)


class Asterisks:
    """A `fastagi.console.ports.Whereabouts`.

    Args:
        logins: One each.
        sites: By node, the sites whose phones register there; a node that is left out, or has
            none, may have any site's.
    """

    def __init__(self, logins: Sequence[Login], sites: Mapping[str, Collection[str]]) -> None:
        self._logins = logins
        self._sites = sites
        self._links: dict[str, Link] = {}
        self._turns = {each.node: Turns(AT_ONCE) for each in logins}

    @property
    def linked(self) -> frozenset[str]:
        """The nodes that can be asked."""
        return frozenset(self._links)

    async def keep_link(self, login: Login) -> None:
        """Be linked to one of them, again whenever that is lost."""
        pause_s, trouble = BACKOFF_S[0], ""
        while True:
            try:
                async with connected(login) as link:
                    self._links[login.node] = link
                    pause_s, trouble = BACKOFF_S[0], ""
                    await link.lost.wait()
            except DialguardError as error:
                if trouble != (trouble := str(error)):
                    log.error("ami-not-linked", node=login.node, why=trouble)
            finally:
                self._links.pop(login.node, None)
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
            pause_s = min(2 * pause_s, BACKOFF_S[1])

    async def phones(self, site: str, extension: str) -> Sequence[Phone]:
        """Return every place that an endpoint is registered at; none where it is not.

        Of a place that cannot be read nothing but the node is known.

        Raises:
            LinkError: One of the site's Asterisks cannot be asked: the phone may be there, too.
        """
        asked = await self._each(site, lambda link, node: _phones(link, node, extension))
        return [phone for phones in asked for phone in phones]

    async def take_off(self, site: str, extension: str) -> bool:
        """Take what is registered for an endpoint off Asterisk, whose password the site hands out.

        Returns:
            Whether there is such an endpoint.

        Raises:
            LinkError: One of the site's Asterisks cannot be asked.
        """
        asked = await self._each(site, lambda link, _: drop(link, site, extension))
        return any(each is not None for each in asked)

    async def _each(
        self, site: str, ask: Callable[[Link, str], Awaitable[Found]]
    ) -> Sequence[Found]:
        """Ask each of a site's Asterisks, one after another.

        Raises:
            LinkError: One of them cannot be asked.
        """
        found: list[Found] = []
        for login in self._logins:
            sites = self._sites.get(login.node, ())
            if sites and site not in sites:
                continue
            link = self._links.get(login.node)
            if link is None:
                raise LinkError(f"Asterisk `{login.node}` is not linked")
            try:
                async with asyncio.timeout(PATIENCE_S), self._turns[login.node].place(site):
                    found.append(await ask(link, login.node))
            except TimeoutError:
                raise LinkError(f"Asterisk `{login.node}` did not answer in time") from None
        return found


async def _phones(link: Link, node: str, extension: str) -> Sequence[Phone]:
    known = await registered(link, extension)
    count = 0 if known is None else known.count
    origin = await whereabouts(link, extension) if count == 1 else None
    return [Phone(extension, origin or Origin(), node)] * count
