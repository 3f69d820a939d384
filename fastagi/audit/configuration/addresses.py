"""Who gets in: addresses that are listened on, and lists of those that may come.

As main/acl.c has them: the last line of a list that fits decides, and whoever none fits may come.
"""

from __future__ import annotations

import ipaddress
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias

from fastagi.audit.configuration.values import every, listed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastagi.audit.conf import Section
    from fastagi.audit.configuration.files import Files

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

PROBES: Final = tuple(
    map(ipaddress.ip_address, ("8.8.8.8", "77.77.77.77", "150.150.150.150", "221.221.221.221"))
)
"""Strangers, far from each other: a list that lets in half of them is a list for nobody."""

NOBODY: Final = [(False, ipaddress.ip_network("0.0.0.0/0")), (False, ipaddress.ip_network("::/0"))]

WIDE: Final = 8  # bits of a network's mask: whoever has that many addresses is not one company


class Reach(Enum):
    """How far away those are who reach what listens."""

    MACHINE = "this machine only"
    NETWORK = "its network"
    WORLD = "everybody"


def reach_of(bind: str, default: str = "0.0.0.0") -> Reach:  # noqa: S104 - nothing is bound here
    """Return who reaches an address, with a port or without.

    Args:
        bind: As it is written: `0.0.0.0:5060`, `[::]:5061`, `127.0.0.1`, `pbx.example.org`.
        default: What Asterisk takes where it is empty.
    """
    host = (bind or default).strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    if host.lower() == "localhost":
        return Reach.MACHINE
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return Reach.WORLD
    if address.is_loopback:
        return Reach.MACHINE
    private = (address.is_private or address.is_link_local) and not address.is_unspecified
    return Reach.NETWORK if private else Reach.WORLD


def network_of(text: str) -> Network | None:
    """Return a network as it is written in a list, None for a name or what is none."""
    try:
        return ipaddress.ip_network(text.strip().strip("[]"), strict=False)
    except ValueError:
        return None


def is_wide(text: str) -> bool:
    """Whether a network is everybody's: `0.0.0.0/0`."""
    network = network_of(text)
    return network is not None and network.prefixlen < WIDE


def lets_everybody_in(files: Files, sections: Iterable[Section], prefix: str = "") -> bool:
    """Whether no list keeps strangers out: none is there, or it lets them in.

    Args:
        files: What was read; `acl.conf` has lists by name.
        sections: Whose `permit`, `deny` and `acl` these are; every one of them has to let in.
        prefix: `contact_` for those of a phone's own address.
    """
    named = {each.name: _rules(each) for each in files.sections("acl.conf")}
    lists = [_rules(section, prefix) for section in sections]
    for section in sections:
        for each in every(section, f"{prefix}acl"):
            # A list that is not there keeps everybody out (ast_append_acl()).
            lists += [named.get(name, NOBODY) for name in listed(each.value)]
    strangers = [each for each in PROBES if all(_admits(rules, each) for rules in lists)]
    return len(strangers) * 2 >= len(PROBES)


def _rules(section: Section, prefix: str = "") -> list[tuple[bool, Network]]:
    """Return what is permitted (True) and denied, in order."""
    rules = []
    for each in every(section, f"{prefix}permit", f"{prefix}deny"):
        permits = each.name.lower().endswith("permit")
        for word in listed(each.value):
            network = network_of(word.removeprefix("!"))
            if network is not None:
                rules.append((permits is not word.startswith("!"), network))
    return rules


def _admits(rules: Iterable[tuple[bool, Network]], address: Address) -> bool:
    admitted = True
    for permits, network in rules:
        if address.version == network.version and address in network:
            admitted = permits
    return admitted
