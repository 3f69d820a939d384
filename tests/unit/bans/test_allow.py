"""The allow list: who is on it, and that no ban touches anybody who is."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from fastagi.bans import allow
from fastagi.bans.allow import AllowList, Never, own_addresses
from fastagi.bans.friend import befriend
from fastagi.bans.network import NOBODYS, Network
from tests.unit.bans.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.stores.store import Store

OFFICE = (ip_network("198.51.100.0/24"), "`never` says so")
PHONE = (ip_network("203.0.113.9"), "a phone is there")
PHONE_6 = (ip_network("2001:db8:1:2::9"), "a phone is there")


def networks(*, least: int = 0) -> st.SearchStrategy[Network]:
    """Make networks close to each other, so that they often touch."""
    four = st.builds(
        lambda low, prefix: IPv4Network((0xCB007100 + low, prefix), strict=False),
        st.integers(0, 1023),
        st.integers(max(least, 8), 32),
    )
    six = st.builds(
        lambda low, prefix: IPv6Network(((0x20010DB8 << 96) + (low << 62), prefix), strict=False),
        st.integers(0, 1023),
        st.integers(max(least, 40), 128),
    )
    return st.one_of(four, six)


@given(st.lists(networks(), max_size=12), networks())
def test_why_is_told_of_whatever_touches(listed: Sequence[Network], asked: Network) -> None:
    """As one would find it by looking at each."""
    never = AllowList([(each, "listed") for each in listed])
    assert bool(never.why(asked)) == any(asked.overlaps(each) for each in listed)


@given(st.lists(networks(), max_size=12))
def test_the_fewest_networks_are_the_same_addresses(listed: Sequence[Network]) -> None:
    """So the packet filter gets what the list is."""
    shown = AllowList([(each, "") for each in listed]).networks
    for each in [*listed, *(network for network, _ in NOBODYS)]:
        assert any(each.version == it.version and each.overlaps(it) for it in shown)
    assert not any(a.overlaps(b) for a in shown for b in shown if a != b)
    assert sum(each.num_addresses for each in shown) <= sum(
        each.num_addresses for each in [*listed, *(network for network, _ in NOBODYS)]
    )


@pytest.mark.parametrize(
    ("network", "why"),
    [
        ("198.51.100.7", "`never` says so"),
        ("198.51.100.0/24", "`never` says so"),
        ("203.0.113.9", "a phone is there"),
        ("203.0.113.0/24", "a phone is there"),
        ("2001:db8:1:2::/64", "a phone is there"),
        ("2001:db8:1::/48", "a phone is there"),
        ("127.8.8.8", "it is this machine"),
        ("::1", "it is this machine"),
        ("fe80::/64", "it is of this link alone"),
        ("224.0.1.75", "it is multicast"),
        ("ff02::1", "it is multicast"),
        ("255.255.255.255", "it is broadcast"),
        ("0.0.0.1", "no machine has it"),
        ("203.0.113.8", ""),
        ("2001:db8:1:3::/64", ""),
    ],
)
def test_who_is_never_banned(network: str, why: str) -> None:
    """Nor a network that holds one; the neighbour may be."""
    assert AllowList([OFFICE, PHONE, PHONE_6]).why(ip_network(network)) == why


@pytest.mark.parametrize(
    ("address", "banned"),
    [
        ("203.0.113.8", "203.0.113.8/32"),
        ("203.0.113.9", None),
        ("2001:db8:1:3::8", "2001:db8:1:3::/64"),
        ("2001:db8:1:2::8", "2001:db8:1:2::8/128"),
        ("2001:db8:1:2::9", None),
        ("::ffff:127.0.0.1", None),
    ],
)
def test_beside_a_phone_only_the_address_is_banned(address: str, banned: str | None) -> None:
    """An infected machine in an office, whose phones share its /64."""
    found = AllowList([OFFICE, PHONE, PHONE_6]).narrowed(ip_address(address))
    assert found == (None if banned is None else ip_network(banned))


async def test_the_list_is_of_settings_names_own_addresses_and_phones(store: Store) -> None:
    """All of it at once, and a name is asked for its addresses only now and then."""
    never = Never(
        [OFFICE], {"localhost": "`[[ami]]` is there", "192.0.2.99": "the store is there"}
    )
    await befriend(store, ip_address("::ffff:203.0.113.9"), NOW + 60, NOW)
    found = await never.list(store, NOW)
    assert found.why(ip_network("198.51.100.7")) == "`never` says so"
    assert found.why(ip_network("192.0.2.99")) == "the store is there"
    assert found.why(ip_network("203.0.113.9")) == "a phone or a server is there"
    for each in own_addresses():
        assert found.why(ip_network(each))
    assert not (await never.list(store, NOW + 60)).why(ip_network("203.0.113.9"))


async def test_a_name_without_addresses_keeps_those_it_had(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that never had any is told of."""
    answers = {"pbx.example": "192.0.2.5"}
    asked = 0

    async def getaddrinfo(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        nonlocal asked
        asked += 1
        if host not in answers:
            raise socket.gaierror("no such name")
        return [(0, 0, 0, "", (answers[host], 0))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    never = Never([], {"pbx.example": "`[[ami]]` is there", "gone.example": "the store is there"})
    with capture_logs() as logs:
        assert (await never.list(store, NOW)).why(ip_network("192.0.2.5"))
    assert [(each["event"], each["host"]) for each in logs] == [
        ("never-unresolved", "gone.example")
    ]
    await never.list(store, NOW + allow.ASK_AGAIN_S - 1)
    assert asked == 2
    answers.clear()
    assert (await never.list(store, NOW + allow.ASK_AGAIN_S)).why(ip_network("192.0.2.5"))
    assert asked == 4
