"""The agent: what is on stays so, whatever is away; what is wrong is told once and tried again."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from fastagi.bans import agent as agent_of
from fastagi.bans import present
from fastagi.bans.agent import Agent
from fastagi.bans.allow import AllowList, Never
from fastagi.bans.ban import lift, put_on
from fastagi.bans.friend import befriend
from fastagi.errors import FilterError
from fastagi.stores.records import EVERYWHERE, Record
from tests.doubles.shaky_store import ShakyStore
from tests.unit.bans.conftest import NOBODY, NOW, ban

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Any

    from fastagi.bans.table import Wanted
    from fastagi.stores.store import Store

THIEF, OTHER = "203.0.113.7/32", "203.0.113.8/32"
OWN = ip_address("198.51.100.1")


class Filter:
    """Takes down what is wanted; fails at a word."""

    def __init__(self) -> None:
        self.wrong = ""
        self.held: list[set[str]] = []
        self.ports: tuple[int, ...] = ()
        self.third = asyncio.Event()

    async def hold(self, what: Wanted, now: float) -> bool:
        """Hold it, if nothing is wrong."""
        if self.wrong:
            raise FilterError(self.wrong)
        self.held.append({str(each) for each in what.bans})
        self.ports = tuple(what.ports)
        if len(self.held) == 3:
            self.third.set()
        return self.held[-2:-1] != self.held[-1:]


class World:
    """An agent, with a clock and a store of the test's."""

    def __init__(self, store: Store) -> None:
        self.now = NOW
        self.shaky = ShakyStore(store)
        self.filter = Filter()
        self.agent = Agent(
            self.shaky.store,
            Never([(ip_network("192.0.2.0/24"), "`never` says so")]),
            self.filter,
            lambda: self.now,
            "pbx1",
            (5060,),
        )

    async def look(self) -> list[MutableMapping[str, Any]]:
        """Look once; return what was told."""
        with capture_logs() as logs:
            await self.agent.look()
        return logs

    @property
    def on(self) -> set[str]:
        """Return what is held."""
        return self.filter.held[-1]


@pytest.fixture
def world(store: Store, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return one whose machine has one address."""
    monkeypatch.setattr("fastagi.bans.allow.own_addresses", lambda: (OWN,))
    monkeypatch.setattr("fastagi.bans.agent.own_addresses", lambda: (OWN,))
    return World(store)


async def test_what_the_store_says_is_held(world: World, store: Store) -> None:
    """Put on, over, lifted; each change is told once."""
    await put_on(store, ban(THIEF, 60), NOBODY, NOW)
    await put_on(store, ban(OTHER, 600), NOBODY, NOW)
    (told,) = await world.look()
    assert (told["event"], told["on"], told["new"], told["gone"]) == (
        *("bans-applied", 2),
        *([THIEF, OTHER], []),
    )
    assert world.filter.ports == (5060,)
    assert await world.look() == []
    world.now += 60
    (told,) = await world.look()
    assert (told["event"], told["gone"], world.on) == ("bans-applied", [THIEF], {OTHER})
    await lift(store, ip_network(OTHER), world.now)
    lifted, told = await world.look()
    assert (lifted["event"], lifted["network"]) == ("ban-lifted", OTHER)
    assert (told["event"], told["on"], world.on) == ("bans-applied", 0, set())


async def test_who_is_never_banned_is_not_whatever_the_store_says(
    world: World, store: Store
) -> None:
    """Of the settings, this machine's, another server's, a phone's; told once each."""
    await befriend(store, ip_address("203.0.113.9"), NOW + 600, NOW)
    others = present.Present("pbx2", NOW, 0, False, "", (ip_address("198.51.100.2"),))
    await present.say(store, others, NOW)
    wrong = ["192.0.2.9/32", f"{OWN}/32", "198.51.100.2/32", "203.0.113.0/24"]
    for each in [*wrong, THIEF]:
        await put_on(store, ban(each), AllowList([]), NOW)
    told = await world.look()
    assert world.on == {THIEF}
    refused = [each["network"] for each in told if each["event"] == "ban-refused"]
    assert sorted(refused) == sorted(wrong)
    assert await world.look() == []


async def test_one_who_becomes_a_friend_is_heard_again(world: World, store: Store) -> None:
    """A phone whose password was right after all; nothing was lifted then."""
    await put_on(store, ban(THIEF), NOBODY, NOW)
    await world.look()
    await befriend(store, ip_address("203.0.113.7"), NOW + 60, NOW)
    told = await world.look()
    assert world.on == set()
    assert [each["event"] for each in told] == ["ban-refused", "bans-applied"]


async def test_a_store_that_is_away_changes_nothing(world: World, store: Store) -> None:
    """What it said last holds until its time is over, and is put on again if somebody flushes."""
    world.shaky.away = True
    assert [each["event"] for each in await world.look()] == ["bans-store-away"]
    assert world.filter.held == []
    world.shaky.away = False
    await put_on(store, ban(THIEF, 60), NOBODY, NOW)
    assert [each["event"] for each in await world.look()] == ["bans-store-back", "bans-applied"]
    world.shaky.away = True
    assert [each["event"] for each in await world.look()] == ["bans-store-away"]
    assert await world.look() == []
    assert world.on == {THIEF}
    world.now += 60
    assert [each["event"] for each in await world.look()] == ["bans-applied"]
    assert world.on == set()


async def test_what_is_wrong_is_told_once_and_tried_again(
    world: World, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The filter's, or the kernel that does not say which addresses are ours."""
    await put_on(store, ban(THIEF), NOBODY, NOW)
    world.filter.wrong = "nft says `no`"
    told = await world.look()
    assert [(each["event"], each["error"]) for each in told] == [
        ("bans-not-applied", "nft says `no`")
    ]
    assert await world.look() == []
    (said,) = await present.every(store, NOW)
    assert (said.wrong, said.on) == ("nft says `no`", 0)
    world.filter.wrong = ""
    told = await world.look()
    assert [each["event"] for each in told] == ["bans-applied", "bans-applied-again"]
    held = len(world.filter.held)

    def none() -> tuple[()]:
        raise OSError("no netlink")

    monkeypatch.setattr("fastagi.bans.agent.own_addresses", none)
    assert [each["event"] for each in await world.look()] == ["bans-not-applied"]
    assert len(world.filter.held) == held


async def test_an_agent_says_that_it_is_there(world: World, store: Store) -> None:
    """Now and then, and at once when something is another."""
    await world.look()
    first = present.Present("pbx1", NOW, 0, False, "", (OWN,))
    assert await present.every(store, NOW) == [first]
    world.now += present.SAY_S - 1
    await world.look()
    assert await present.every(store, world.now) == [first]
    world.now += 1
    await world.look()
    (said,) = await present.every(store, world.now)
    assert said.at == NOW + present.SAY_S
    assert said.is_alive(said.at + present.ALIVE_S - 1)
    assert not said.is_alive(said.at + present.ALIVE_S)
    await put_on(store, ban(THIEF), NOBODY, NOW)
    await world.look()
    assert [each.on for each in await present.every(store, world.now)] == [1]


async def test_one_who_cannot_say_so_goes_on(world: World, store: Store) -> None:
    """The store takes no word of it."""

    async def away() -> None:
        world.shaky.away = True

    await put_on(store, ban(THIEF), NOBODY, NOW)
    await world.look()
    world.shaky.before["put_record"] = away
    world.now += present.SAY_S
    await world.look()
    assert world.on == {THIEF}


async def test_what_another_version_says_is_nobody(store: Store) -> None:
    """Of agents, too."""
    for n, text in enumerate(("", "{}", '{"at": "noon"}')):
        record = Record(f"pbx{n}", text, NOW + 60)
        await store.put_record(EVERYWHERE, present.KIND, record, None, NOW)
    assert await present.every(store, NOW) == []


async def test_it_looks_again_and_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it is told to stop."""
    monkeypatch.setattr(agent_of, "EVERY_S", 0)
    running = asyncio.create_task(world.agent.run())
    await world.filter.third.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_service_that_may_not_ask_its_kernel_asks_its_agent(
    world: World, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever only writes bans knows this machine's addresses by what the agent says."""
    await world.look()

    def none() -> tuple[()]:
        raise OSError("no netlink")

    monkeypatch.setattr("fastagi.bans.allow.own_addresses", none)
    never = Never([])
    assert (await never.list(store, NOW)).why(ip_network(OWN))
    with pytest.raises(OSError, match="no netlink"):
        await never.here(NOW)
