"""Which agents are there, by what each says of itself."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING

from fastagi.bans import present
from fastagi.bans.present import Present, addresses_of, every, say
from fastagi.stores.records import EVERYWHERE, Record
from tests.unit.bans.conftest import NOW

if TYPE_CHECKING:
    from fastagi.stores.store import Store

HERE = Present("pbx1", NOW, 3, False, "", (ip_address("192.0.2.1"), ip_address("2001:db8::1")))
THERE = Present("pbx2", NOW, 0, True, "nft says `no`", (ip_address("192.0.2.2"),))


async def test_what_each_said_last_is_known(store: Store) -> None:
    """For a minute it is taken to be there, for an hour its addresses are believed its own."""
    for each in (HERE, THERE):
        await say(store, each, NOW)
    assert await every(store, NOW) == [HERE, THERE]
    later = replace(HERE, at=NOW + 15, on=4)
    await say(store, later, NOW + 15)
    assert await every(store, NOW + 15) == [later, THERE]
    assert addresses_of([later, THERE]) == [*HERE.addresses, *THERE.addresses]
    assert HERE.is_alive(NOW + present.ALIVE_S - 1)
    assert not HERE.is_alive(NOW + present.ALIVE_S)
    assert await every(store, NOW + present.SAID_S) == [later]


async def test_it_says_no_more_than_there_is_room_for(store: Store) -> None:
    """A machine with a thousand addresses, or an nft that talks."""
    many = tuple(ip_address(0xC0000200 + n) for n in range(1000))
    await say(store, replace(HERE, wrong="x" * 1000, addresses=many), NOW)
    (found,) = await every(store, NOW)
    assert len(found.wrong) == present.WRONG_MOST
    assert found.addresses == many[: present.ADDRESSES_MOST]


async def test_what_another_version_says_is_nobody(store: Store) -> None:
    """It is passed over."""
    wrong = '{"at": 1, "on": 1, "dry_run": false, "wrong": "", "addresses": ["x"]}'
    for n, text in enumerate(("", "{}", '{"at": "noon"}', wrong)):
        record = Record(f"pbx{n}", text, NOW + 60)
        await store.put_record(EVERYWHERE, present.KIND, record, None, NOW)
    assert await every(store, NOW) == []
