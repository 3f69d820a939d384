"""Servers that ban one network at one moment: there is one ban, and it lasts as the longest."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

import pytest

from fastagi.bans import asking
from fastagi.bans.allow import AllowList
from fastagi.bans.ban import Ban, every, lift, put_on
from fastagi.bans.friend import befriend, friends

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fastagi.stores.store import Store

NOW = 1_800_000_000.0
NOBODY = AllowList([])
THIEF = ip_network("2001:db8:bad::/64")
OTHERS = [ip_network(f"203.0.113.{n}") for n in range(1, 7)]


@pytest.fixture
async def servers(
    shared_url: str, opened: Callable[[str], Store], monkeypatch: pytest.MonkeyPatch
) -> Sequence[Store]:
    """Two servers on one store."""
    monkeypatch.setattr(asking, "PATIENCE_S", 30.0)  # not how soon, but how it ends
    monkeypatch.setattr(asking, "PAGE", 2)
    stores = [opened(shared_url) for _ in range(2)]
    for each in stores:  # as a worker's: a Cluster's nodes are looked for at the first question
        await each.ready()
    return stores


async def test_of_several_who_ban_one_network_the_longest_holds(servers: Sequence[Store]) -> None:
    """Whoever comes first or last; all of them are told that it is on for at least as long."""
    for turn in range(5):
        now = NOW + 1000 * turn
        lasting = [60, 600, 300, 10]
        put = await asyncio.gather(
            *(
                put_on(servers[n % 2], Ban(THIEF, now, now + for_s, watch=f"w{n}"), NOBODY, now)
                for n, for_s in enumerate(lasting)
            )
        )
        assert all(each.until >= now + for_s for each, for_s in zip(put, lasting, strict=True))
        for server in servers:
            (found,) = await every(server, now)
            assert (found.network, found.until) == (THIEF, now + 600)
        assert await every(servers[1], now + 600) == []


async def test_of_several_who_lift_a_ban_one_has_lifted_it(servers: Sequence[Store]) -> None:
    """And at every server it is gone, the others of it are not."""
    for each in (THIEF, *OTHERS):
        await put_on(servers[0], Ban(each, NOW, NOW + 60), NOBODY, NOW)
    assert [each.network for each in await every(servers[1], NOW)] == [*OTHERS, THIEF]
    lifted = await asyncio.gather(*(lift(servers[n % 2], THIEF, NOW) for n in range(4)))
    assert [each.network for each in lifted if each is not None] == [THIEF]
    assert [each.network for each in await every(servers[1], NOW)] == OTHERS


async def test_a_phone_that_two_servers_hear_is_a_friend_for_the_longer(
    servers: Sequence[Store],
) -> None:
    """As it registers here and there."""
    phone = ip_address("203.0.113.9")
    await asyncio.gather(
        *(befriend(servers[n % 2], phone, NOW + for_s, NOW) for n, for_s in enumerate((90, 900)))
    )
    assert await friends(servers[0], NOW + 899) == [phone]
    assert await friends(servers[1], NOW + 900) == []
