"""All addresses, one for every combination of the policies' networks that any address is in."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Final

from fastagi.policy.decision import networks_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastagi.policy.model import Policy

_LAST: Final = {4: 2**32 - 1, 6: 2**128 - 1}


@dataclass(frozen=True, slots=True)
class Network:
    """Addresses that are alike.

    Attributes:
        address: One of them.
        names: What each policy calls the networks that they are in; `reported` is one of them
            where others report the address.
        reported: Whether they do.
    """

    address: IPv4Address | IPv6Address
    names: tuple[frozenset[str], ...]
    reported: bool = False


def networks(policies: Sequence[Policy]) -> list[Network]:
    """Find every kind of address there is; those in no network come first."""
    found: dict[tuple[frozenset[str], ...], Network] = {}
    for address in _addresses(policies):
        names = tuple(networks_of(policy, address) or frozenset() for policy in policies)
        found.setdefault(names, Network(address, names))
    ordered = sorted(found.values(), key=lambda each: sorted(map(sorted, each.names)))
    if not any(each.asks_for_addresses for each in policies):
        return ordered
    bad = [
        Network(each.address, tuple(names | {"reported"} for names in each.names), reported=True)
        for each in ordered
    ]
    return ordered + bad


def _addresses(policies: Sequence[Policy]) -> Iterator[IPv4Address | IPv6Address]:
    """Return addresses at which something begins, or ends to be; of everywhere else, one."""
    yield IPv4Address("198.51.100.7")  # documentation (RFC 5737): nobody's
    for version, kind in ((4, IPv4Address), (6, IPv6Address)):
        starts = {0}
        for policy in policies:
            for some in policy.networks.values():
                for each in some:
                    if each.version == version:
                        starts.add(int(each.network_address))
                        starts.add(int(each.broadcast_address) + 1)
        for start in sorted(starts):
            if start <= _LAST[version]:
                yield kind(start)
