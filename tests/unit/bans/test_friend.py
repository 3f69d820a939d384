"""Friends: phones' addresses, for as long as somebody says so."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from structlog.testing import capture_logs

from fastagi.bans import friend
from fastagi.bans.friend import befriend, friends, unfriend
from fastagi.stores.records import EVERYWHERE, Record
from tests.unit.bans.conftest import NOW

if TYPE_CHECKING:
    import pytest

    from fastagi.stores.store import Store

PHONE = ip_address("203.0.113.9")


async def test_a_friend_is_one_until_its_time_is_over(store: Store) -> None:
    """Kept for longer, never for less."""
    assert await befriend(store, PHONE, NOW + 600, NOW)
    assert await befriend(store, PHONE, NOW + 100, NOW)
    assert await friends(store, NOW + 599) == [PHONE]
    assert await friends(store, NOW + 600) == []
    assert await befriend(store, PHONE, NOW + 700, NOW + 1)
    assert await friends(store, NOW + 699) == [PHONE]
    assert await befriend(store, PHONE, NOW + friend.LONGEST_S * 2, NOW)
    assert await friends(store, NOW + friend.LONGEST_S) == []


async def test_there_are_not_too_many(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever registers from everywhere makes no memory without end."""
    monkeypatch.setattr(friend, "MOST", 3)
    with capture_logs() as logs:
        done = [
            await befriend(store, ip_address(f"203.0.113.{n}"), NOW + 60, NOW) for n in range(5)
        ]
    assert done == [True, True, True, False, False]
    assert len(await friends(store, NOW)) == 3
    assert [each["event"] for each in logs] == ["friends-full"] * 2
    assert await befriend(store, ip_address("203.0.113.2"), NOW + 900, NOW)


async def test_what_nobody_can_read_is_no_friend(store: Store) -> None:
    """Of a later version, it may be."""
    await store.put_record(EVERYWHERE, friend.KIND, Record("everybody", "", NOW + 60), None, NOW)
    assert await friends(store, NOW) == []


async def test_of_ipv6_a_friend_is_its_network(store: Store) -> None:
    """In which a phone takes a new address every day."""
    for number in range(3):
        await befriend(store, ip_address(f"2001:db8::{number + 1}"), NOW + 600, NOW)
    assert await friends(store, NOW) == [ip_network("2001:db8::/64")]


async def test_one_account_makes_so_many_and_keeps_those_of_last(store: Store) -> None:
    """Whoever has its password fills no list; nobody else's goes for it."""
    await befriend(store, PHONE, NOW + 1, NOW, "office 102")
    for number in range(12):
        where = ip_address(f"192.0.2.{number}")
        assert await befriend(store, where, NOW + 600 + number, NOW, "office 101")
    assert set(await friends(store, NOW)) == {
        PHONE,
        *(ip_address(f"192.0.2.{number}") for number in range(4, 12)),
    }


async def test_a_friend_can_be_one_no_more(store: Store) -> None:
    """And one that never was is none."""
    await befriend(store, PHONE, NOW + 600, NOW)
    await befriend(store, ip_address("2001:db8::1"), NOW + 600, NOW)
    assert await unfriend(store, PHONE, NOW)
    assert await unfriend(store, ip_address("2001:db8::2"), NOW)
    assert not await unfriend(store, PHONE, NOW)
    assert await friends(store, NOW) == []
