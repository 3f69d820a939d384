"""What can be banned is a value: however it is written, it is one network, and not a wide one."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from fastagi.bans import network
from fastagi.errors import BanError


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        ("203.0.113.0/24", "203.0.113.0/24"),
        ("::ffff:203.0.113.7", "203.0.113.7/32"),
        ("::ffff:cb00:7100/120", "203.0.113.0/24"),
        ("2001:DB8:0:0::1", "2001:db8::1/128"),
        ("2001:db8::/48", "2001:db8::/48"),
        ("64:ff9b::cb00:7107", "64:ff9b::cb00:7107/128"),
        ("64:ff9b::cb00:7100/120", "64:ff9b::cb00:7100/120"),
    ],
)
def test_one_network_however_it_is_written(written: str, meant: str) -> None:
    """IPv4 that is written as IPv6 is IPv4."""
    assert network.read(written) == ip_network(meant)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("0.0.0.0/0", "too wide"),
        ("::/0", "all of IPv4"),
        ("203.0.112.0/23", "a /24 at most"),
        ("2001:db8::/47", "a /48 at most"),
        ("::ffff:0:0/96", "a /24 at most"),
        ("::fffe:0:0/95", "all of IPv4"),
        ("64:ff9b::/64", "a /120 at most"),
        ("64:ff9b::/48", "a /120 at most"),
        ("203.0.113.7/24", "did you mean `203.0.113.0/24`?"),
        ("fe80::1%eth0", "has a zone"),
        ("203.0.113.007", "write `192.0.2.7`"),
        ("3405803783", "write `192.0.2.7`"),
        ("scanner.example", "write `192.0.2.7`"),
        ("", "write `192.0.2.7`"),
        ("203.0.113.7; flush ruleset", "is no address"),
        ("203.0.113.7\n", r"`203.0.113.7\n` is no address"),
    ],
)
def test_what_cannot_be_banned_says_why(written: str, says: str) -> None:
    """Nothing that is no network gets any further than here."""
    with pytest.raises(BanError) as refused:
        network.read(written)
    assert says in str(refused.value)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("address", "banned"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        ("::ffff:203.0.113.7", "203.0.113.7/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("64:ff9b::cb00:7107", "64:ff9b::cb00:7107/128"),
        ("::1", "::1/128"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_one_machine_is_a_64_of_ipv6(address: str, banned: str) -> None:
    """But where all of IPv4 is in one of these."""
    assert network.around(ip_address(address)) == ip_network(banned)


def test_an_address_is_read_without_its_zone() -> None:
    """As interfaces have them."""
    assert network.address_of("fe80::1%eth0") == ip_address("fe80::1")
    with pytest.raises(BanError, match="is no address"):
        network.address_of("203.0.113.0/24")
