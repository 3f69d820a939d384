"""Bans as they are kept: for longer, never for less, not too many, and of nobody on the list."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from fastagi.bans import ban as bans
from fastagi.bans.allow import AllowList
from fastagi.bans.ban import every, lift, over, put_on
from fastagi.errors import BanError
from fastagi.stores.opening import open_store
from fastagi.stores.records import EVERYWHERE, Record
from tests.unit.bans.conftest import NOBODY, NOW, ban

if TYPE_CHECKING:
    from fastagi.bans.ban import Ban
    from fastagi.stores.store import Store

THIEF = "203.0.113.7/32"


async def test_a_ban_is_on_until_its_time_is_over(store: Store) -> None:
    """And told of once."""
    given = ban(THIEF, site="office", why="10 accounts in 60 s")
    with capture_logs() as logs:
        assert await put_on(store, given, NOBODY, NOW) == given
        assert await put_on(store, given, NOBODY, NOW) == given
    assert [(each["event"], each["network"]) for each in logs] == [("ban-put-on", THIEF)]
    assert await every(store, NOW + 599) == [given]
    assert await every(store, NOW + 600) == []


async def test_it_is_kept_on_for_longer_and_never_for_less(store: Store) -> None:
    """It says who was last, since when there is one, and nothing gets lost."""
    first = await put_on(store, ban(THIEF, 600, by="anna", watch="", why="by hand"), NOBODY, NOW)
    less = await put_on(store, ban(THIEF, 60, since=NOW + 9), NOBODY, NOW + 9)
    assert less == replace(first, watch="scanners")
    more = await put_on(store, ban(THIEF, 900, since=NOW + 9), NOBODY, NOW + 9)
    assert more == replace(less, until=NOW + 909)
    assert await every(store, NOW + 9) == [more]
    longest = await put_on(store, ban(THIEF, 1e9), NOBODY, NOW)
    assert longest.until == NOW + bans.LONGEST_S


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (ban("198.51.100.7/32"), "never banned: `never` says so"),
        (ban("198.51.100.0/24"), "never banned: `never` says so"),
        (ban("203.0.0.0/23"), "too wide"),
        (ban(THIEF, 0), "over already"),
        (ban(THIEF, float("nan")), "over already"),
        (ban("127.0.0.1/32"), "never banned: it is this machine"),
    ],
)
async def test_what_cannot_be_banned_is_refused_and_told(
    store: Store, given: Ban, says: str
) -> None:
    """Nothing is written then."""
    never = AllowList([(ip_network("198.51.100.7"), "`never` says so")])
    with capture_logs() as logs, pytest.raises(BanError, match=says):
        await put_on(store, given, never, NOW)
    assert [each["event"] for each in logs] == ["ban-refused"]
    assert await every(store, NOW) == []


async def test_ipv4_that_is_written_as_ipv6_is_banned_as_ipv4(store: Store) -> None:
    """And is on the allow list as that."""
    put = await put_on(store, ban("::ffff:203.0.113.7/128"), NOBODY, NOW)
    assert (str(put.network), await every(store, NOW)) == (THIEF, [put])
    with pytest.raises(BanError, match="it is this machine"):
        await put_on(store, ban("::ffff:127.0.0.1/128"), NOBODY, NOW)


async def test_those_that_end_first_give_way_and_an_operators_never(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has ten thousand addresses is banned from the newest."""
    monkeypatch.setattr(bans, "MOST", 3)
    await put_on(store, ban("203.0.113.1", 10, by="anna", watch=""), NOBODY, NOW)
    for n, for_s in ((2, 50), (3, 40)):
        await put_on(store, ban(f"203.0.113.{n}", for_s), NOBODY, NOW)
    with capture_logs() as logs:
        await put_on(store, ban("203.0.113.4", 30), NOBODY, NOW)
        await put_on(store, ban("203.0.113.4", 35), NOBODY, NOW)
    assert [(each["event"], each["network"]) for each in logs] == [
        ("ban-gave-way", "203.0.113.3/32"),
        ("ban-put-on", "203.0.113.4/32"),
    ]
    assert [str(each.network) for each in await every(store, NOW)] == [
        *("203.0.113.1/32", "203.0.113.2/32", "203.0.113.4/32")
    ]
    for n in (5, 6):
        await put_on(store, ban(f"203.0.113.{n}", by="anna", watch=""), NOBODY, NOW)
    with pytest.raises(BanError, match="all of operators"):
        await put_on(store, ban("203.0.113.7"), NOBODY, NOW)


async def test_a_ban_is_lifted_once(store: Store) -> None:
    """And of just that network."""
    given = await put_on(store, ban(THIEF), NOBODY, NOW)
    wide = await put_on(store, ban("203.0.113.0/24"), NOBODY, NOW)
    there = await every(store, NOW)
    assert there == [wide, given]
    assert over(there, ip_network(THIEF)) == [wide, given]
    assert over(there, ip_network("203.0.113.8")) == [wide]
    assert over(there, ip_network("2001:db8::1")) == []
    assert await lift(store, ip_network(THIEF), NOW) == given
    assert await lift(store, ip_network(THIEF), NOW) is None
    assert await every(store, NOW) == [wide]


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("everybody", "{}"),
        (THIEF, "not JSON"),
        (THIEF, "{}"),
        (THIEF, "[]"),
        ("203.0.113.7", json.dumps(dict.fromkeys(bans.WRITTEN, 1))),
        ("0.0.0.0/0", json.dumps(dict.fromkeys(bans.WRITTEN, 1))),
    ],
)
async def test_what_nobody_can_read_bans_nobody(store: Store, key: str, text: str) -> None:
    """And does not keep others from being banned, or it from being written anew."""
    await store.put_record(EVERYWHERE, bans.KIND, Record(key, text, NOW + 60), None, NOW)
    assert await every(store, NOW) == []
    given = await put_on(store, ban(THIEF), NOBODY, NOW)
    assert await every(store, NOW) == [given]


@given(st.tuples(*[st.text(max_size=300)] * 4))
def test_no_text_changes_who_is_banned(texts: tuple[str, str, str, str]) -> None:
    """However long, whatever is in it: it is the network that was given, on one line."""
    site, watch, why, by = texts

    async def look() -> list[Ban]:
        store = open_store("sqlite://:memory:")
        try:
            await put_on(store, ban(THIEF, site=site, watch=watch, why=why, by=by), NOBODY, NOW)
            return await every(store, NOW)
        finally:
            await store.close()

    (found,) = asyncio.run(look())
    assert found.network == ip_network(THIEF)
    shown = [found.site, found.watch, found.why, found.by]
    assert all(each.isprintable() and len(each) <= bans.WHY_MAX for each in shown)
