"""Addresses and networks as numbers, which are small and quick, and as names."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import Final

_SIX: Final = 1 << 128
"""Tells an address of IPv6 from one of IPv4; no number is 0, which stands for none."""
_FOUR: Final = 1 << 32


def number_of(address: IPv4Address | IPv6Address | None) -> int:
    """Return the number of an address; 0 where it is not known."""
    if address is None:
        return 0
    return int(address) | (_FOUR if address.version == 4 else _SIX)


def network_number(number: int) -> int:
    """Return the number of the network that an address is in: its /24, of IPv6 its /64."""
    return number >> 8 if number < _SIX else number >> 64


def phone_place(number: int) -> int:
    """Return the number of what a phone stays in: its address, of IPv6 its /64."""
    return number if number < _SIX else number >> 64


def network_name(address: IPv4Address | IPv6Address) -> str:
    """Return the name of the network that an address is in."""
    return str(ip_network((address, 24 if address.version == 4 else 64), strict=False))
