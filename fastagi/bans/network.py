"""What can be banned: networks, as values and never as text, none wider than a neighbourhood.

Whoever writes an address in another way gets the same ban: IPv4 that is written as IPv6 is IPv4.
"""

from __future__ import annotations

from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final, TypeAlias

from fastagi.errors import BanError

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

WIDEST: Final = {4: 24, 6: 48}
"""By version, the shortest prefix that can be banned: a neighbourhood, and a customer's lines."""

HOME: Final = 64
"""The prefix of IPv6 in which one machine takes whatever address it likes (RFC 4291, 2.5.1)."""

_MAPPED: Final = IPv6Network("::ffff:0:0/96")  # RFC 4291, 2.5.5.2
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")  # RFC 6052, 2.1: all of IPv4 is in one /64

NOBODYS: Final[tuple[tuple[Network, str], ...]] = (
    (IPv4Network("0.0.0.0/8"), "no machine has it"),
    (IPv4Network("127.0.0.0/8"), "it is this machine"),
    (IPv4Network("169.254.0.0/16"), "it is of this link alone"),
    (IPv4Network("224.0.0.0/4"), "it is multicast"),
    (IPv4Network("255.255.255.255/32"), "it is broadcast"),
    (IPv6Network("::/127"), "it is this machine"),
    (IPv6Network("fe80::/10"), "it is of this link alone"),  # neighbours are found with it
    (IPv6Network("ff00::/8"), "it is multicast"),
)
"""What nobody sends from who comes from elsewhere, with why."""


def plain(address: Address) -> Address:
    """Return IPv4 that is written as IPv6 as what it is; without a zone."""
    if isinstance(address, IPv4Address):
        return address
    return address.ipv4_mapped or IPv6Address(int(address))


def alone(address: Address) -> Network:
    """Return the network that is just this address."""
    return ip_network(plain(address))


def around(address: Address) -> Network:
    """Return what is banned for what an address did: of IPv6 its /64, of IPv4 itself."""
    it = plain(address)
    if isinstance(it, IPv4Address) or it in _TRANSLATED:
        return alone(it)
    return ip_network((int(it), HOME), strict=False) if int(it) >> 32 else alone(it)


def read(text: str) -> Network:
    """Read a network, or an address, which is a network of one.

    Raises:
        BanError: It is none, has a zone or bits below its prefix, or is too wide to be banned.
    """
    shown = text[:60].encode("unicode_escape").decode()
    if "%" in text:
        raise BanError(f"`{shown}` has a zone, and would be of one link; leave it out from `%` on")
    try:
        network = unmapped(ip_network(text))
    except ValueError:
        hint = ""
        try:
            hint = f"; did you mean `{ip_network(text, strict=False)}`?"
        except ValueError:
            hint = "; write `192.0.2.7`, `192.0.2.0/24` or `2001:db8::/64`"
        raise BanError(f"`{shown}` is no address or network{hint}") from None
    check(network)
    return network


def check(network: Network) -> None:
    """See that a network is not too wide to be banned.

    Raises:
        BanError: It is; says what can be.
    """
    least = WIDEST[network.version]
    if isinstance(network, IPv6Network) and network.overlaps(_TRANSLATED):
        least = 96 + WIDEST[4]
    if isinstance(network, IPv6Network) and network.overlaps(_MAPPED):
        raise BanError(f"`{network}` is all of IPv4; write what is meant as IPv4")
    if network.prefixlen < least:
        raise BanError(f"`{network}` is too wide; a ban is of a /{least} at most")


def unmapped(network: Network) -> Network:
    """Return a network of IPv4 that is written as IPv6 as what it is."""
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        low = int(network.network_address) & 0xFFFF_FFFF
        return IPv4Network((low, network.prefixlen - 96))
    return network


def address_of(text: str) -> Address:
    """Read an address of somebody who is, or is never, banned; a zone is left out.

    Raises:
        BanError: It is none.
    """
    try:
        return plain(ip_address(text))
    except ValueError:
        shown = text[:60].encode("unicode_escape").decode()
        raise BanError(f"`{shown}` is no address") from None
