"""Whom no ban ever touches, whatever was seen of them and whoever asks: the allow list.

It is asked where a ban is written, again where it is applied, and in the packet filter itself. A
ban of a network is refused, too, where the network only holds somebody who is on it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from bisect import bisect_right
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING, Final

import ifaddr
import structlog

from fastagi.bans import present
from fastagi.bans.friend import friends
from fastagi.bans.network import NOBODYS, Network, address_of, alone, around

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fastagi.bans.network import Address
    from fastagi.stores.records import Records

ASK_AGAIN_S: Final = 60.0
"""How long the addresses of a name are taken for what they were."""

PATIENCE_S: Final = 5.0
"""How long the addresses of all names are waited for."""

log = structlog.get_logger(__name__)


class AllowList:
    """Networks, with why each is never banned."""

    def __init__(self, networks: Iterable[tuple[Network, str]]) -> None:
        given = [*NOBODYS, *networks]
        self._of = {
            version: _Apart([each for each in given if each[0].version == version])
            for version in (4, 6)
        }

    @property
    def networks(self) -> tuple[Network, ...]:
        """All of them, as few as they can be said with, in order."""
        four = ipaddress.collapse_addresses(
            each for each in self._of[4].networks if isinstance(each, IPv4Network)
        )
        six = ipaddress.collapse_addresses(
            each for each in self._of[6].networks if not isinstance(each, IPv4Network)
        )
        return (*four, *six)

    def why(self, network: Network) -> str:
        """Say why a network is never banned; empty where nobody on the list is touched."""
        return self._of[network.version].touched_by(network)

    def narrowed(self, address: Address) -> Network | None:
        """Return what can be banned for what an address did; None where nothing can.

        Of IPv6 that is its /64, or where somebody in that is on the list, the address alone.
        """
        return next(
            (each for each in (around(address), alone(address)) if not self.why(each)), None
        )


class _Apart:
    """Networks of one version as stretches that do not touch, to be found by bisection."""

    def __init__(self, given: Sequence[tuple[Network, str]]) -> None:
        self.networks = [network for network, _ in given]
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        self._whys: list[str] = []
        # The widest comes first of those that begin alike: what lies in it says nothing more.
        for network, why in sorted(given, key=lambda it: (int(it[0][0]), it[0].prefixlen)):
            last = int(network.broadcast_address)
            if not self._lasts or last > self._lasts[-1]:
                self._firsts.append(int(network.network_address))
                self._lasts.append(last)
                self._whys.append(why)

    def touched_by(self, network: Network) -> str:
        """Say why of the last stretch that begins before a network ends, where it reaches it."""
        at = bisect_right(self._firsts, int(network.broadcast_address)) - 1
        reaches = at >= 0 and self._lasts[at] >= int(network.network_address)
        return self._whys[at] if reaches else ""


class Never:
    """What the allow list is made of; asked again and again, as addresses come and go.

    Args:
        networks: Those that the settings name, with why.
        hosts: Names or addresses of machines that this one needs, with why.
    """

    def __init__(
        self, networks: Iterable[tuple[Network, str]], hosts: Mapping[str, str] | None = None
    ) -> None:
        self._networks = tuple(networks)
        self._hosts = dict(hosts or {})
        self._found: dict[str, tuple[Network, ...]] = {}
        self._ask_at = float("-inf")

    async def list(self, records: Records, now: float) -> AllowList:
        """Return the list as it is now, for whoever writes a ban.

        This machine's own addresses are what its agent says where the kernel cannot be asked, as
        the service's unit has it; who carries a ban out asks, or does not.

        Raises:
            StoreError: It cannot be read where phones are; without that nobody is banned.
        """
        there = present.addresses_of(await present.every(records, now))
        phones = await friends(records, now)
        return self.with_friends([*phones, *there], await self.here(now, must_know=False))

    def with_friends(
        self, there: Iterable[Address | Network], here: Iterable[tuple[Network, str]]
    ) -> AllowList:
        """Return the list with those who are friends, and what `here` found."""
        networks = [
            each if isinstance(each, (IPv4Network, IPv6Network)) else alone(each) for each in there
        ]
        return AllowList([*here, *((each, "a phone or a server is there") for each in networks)])

    async def here(self, now: float, *, must_know: bool = True) -> Sequence[tuple[Network, str]]:
        """Return all of it that hangs on no store.

        Raises:
            OSError: This machine's own addresses cannot be read, and must be known.
        """
        if now >= self._ask_at:
            await self._ask()
            self._ask_at = now + ASK_AGAIN_S
        try:
            addresses = own_addresses()
        except OSError:
            if must_know:
                raise
            addresses = ()
        own = [(alone(each), "it is this machine's own") for each in addresses]
        hosts = [
            (network, self._hosts[host])
            for host, networks in self._found.items()
            for network in networks
        ]
        return [*self._networks, *own, *hosts]

    async def _ask(self) -> None:
        """Find the addresses of all names; one that has none now keeps those that it had."""
        loop = asyncio.get_running_loop()

        async def ask(host: str) -> tuple[Network, ...]:
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            return tuple({alone(address_of(str(each[4][0]))) for each in found})

        async def keep(host: str) -> None:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    self._found[host] = await ask(host)
            except (OSError, UnicodeError, TimeoutError) as error:
                if host not in self._found:
                    log.warning("never-unresolved", host=host, error=str(error))

        await asyncio.gather(*(keep(each) for each in self._hosts))


def own_addresses() -> tuple[Address, ...]:
    """Return the addresses that this machine has, of all interfaces.

    Raises:
        OSError: They cannot be read.
    """
    found = [ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips]
    return tuple(address_of(each if isinstance(each, str) else each[0]) for each in found)
