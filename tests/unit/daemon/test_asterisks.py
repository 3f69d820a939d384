"""Where phones are, as each Asterisk says: asked by links of the web's own."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

from fastagi.call.sign_in import Phone
from fastagi.daemon import asterisks
from fastagi.daemon.asterisks import Asterisks
from fastagi.errors import LinkError
from fastagi.stores.sign_ins import Origin
from fastagi.watcher.link import Login
from fastagi.watcher.registered import digest_of
from tests.doubles.manager import Manager
from tests.unit.watcher.samples import CONTACTS, ELSEWHERE, registers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Mapping

    from structlog.typing import EventDict

PLACE = Origin("10.0.0.5", "udp", digest_of("A Phone/1.0"), digest_of(CONTACTS))
REGISTERED = registers() | {
    f"PJSIP_CONTACT({CONTACTS},uri)": "sip:101@10.0.0.5:5062",
    f"PJSIP_CONTACT({CONTACTS},user_agent)": "A Phone/1.0",
}


@pytest.fixture
async def managers() -> AsyncIterator[list[Manager]]:
    """Two Asterisks; at the first a phone is registered."""
    async with Manager() as first, Manager() as second:
        first.functions = REGISTERED
        yield [first, second]


async def until(met: Callable[[], bool]) -> None:
    """Wait, but not for ever."""
    for _ in range(2000):
        if met():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to it")


@contextlib.asynccontextmanager
async def asked(
    managers: list[Manager], sites: Mapping[str, Collection[str]] | None = None
) -> AsyncIterator[Asterisks]:
    """Link to all of them meanwhile; their nodes are `n0` and `n1`."""
    logins = [
        Login(f"n{at}", "127.0.0.1", each.port, "dialguard", lambda: "a-secret-of-the-tests")
        for at, each in enumerate(managers)
    ]
    found = Asterisks(logins, sites or {})
    chores = [asyncio.create_task(found.keep_link(each)) for each in logins]
    await until(lambda: len(found.linked) == len(managers))
    yield found
    for each in chores:
        each.cancel()
    await asyncio.gather(*chores, return_exceptions=True)


async def test_a_phone_is_where_it_registered(managers: list[Manager]) -> None:
    """With the node, at which the watcher sees it move."""
    async with asked(managers) as found:
        assert await found.phones("office", "101") == [Phone("101", PLACE, "n0")]
        assert await found.phones("office", "102") == []
        assert await found.phones("office", "1\r\nAction: x") == []


async def test_one_that_is_at_two_places_is_at_two(managers: list[Manager]) -> None:
    """At two Asterisks, or twice at one."""
    managers[1].functions = REGISTERED
    async with asked(managers) as found:
        assert [each.node for each in await found.phones("office", "101")] == ["n0", "n1"]
        managers[1].functions = {}
        managers[0].functions = registers(f"{CONTACTS},{ELSEWHERE}")
        assert await found.phones("office", "101") == [Phone("101", Origin(), "n0")] * 2


async def test_what_cannot_be_read_is_no_place(managers: list[Manager]) -> None:
    """It is registered, and nobody can sign in there."""
    managers[0].functions = registers()
    async with asked(managers) as found:
        assert await found.phones("office", "101") == [Phone("101", Origin(), "n0")]


async def test_an_asterisk_is_asked_about_its_own_sites(managers: list[Manager]) -> None:
    """101 of another company is somebody else."""
    managers[1].functions = REGISTERED
    async with asked(managers, {"n0": ["office"], "n1": ["branch"]}) as found:
        assert [each.node for each in await found.phones("office", "101")] == ["n0"]
        assert [each.node for each in await found.phones("branch", "101")] == ["n1"]
        assert await found.phones("nowhere", "101") == []


async def test_where_one_is_away_nothing_is_known(
    managers: list[Manager], told: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The phone may be registered there, too. It is linked again as soon as it is back."""
    monkeypatch.setattr(asterisks, "BACKOFF_S", (0.01, 0.02))
    async with asked(managers) as found:
        await managers[1].stop()
        await until(lambda: "ami-not-linked" in [line["event"] for line in told])
        with pytest.raises(LinkError, match="`n1` is not linked"):
            await found.phones("office", "101")
        await managers[1].start()
        await until(lambda: len(found.linked) == 2)
        assert len(await found.phones("office", "101")) == 1
    assert [line["node"] for line in told if line["event"] == "ami-not-linked"] == ["n1"]


async def test_one_that_does_not_answer_is_not_waited_for(
    managers: list[Manager], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor are those who wait for their turn."""
    monkeypatch.setattr(asterisks, "PATIENCE_S", 0.1)
    async with asked(managers) as found:
        managers[0].silent = True
        answers = await asyncio.gather(
            *(found.phones("office", "101") for _ in range(6)), return_exceptions=True
        )
    assert all(isinstance(each, LinkError) for each in answers)


async def test_a_crowd_of_one_site_keeps_another_waiting_for_one_turn(
    managers: list[Manager],
) -> None:
    """Who signs in a hundred times at once waits for a hundred of their own."""
    done: list[str] = []

    async def ask(found: Asterisks, site: str) -> None:
        await found.phones(site, "101")
        done.append(site)

    async with asked(managers[:1]) as found:
        crowd = [asyncio.create_task(ask(found, "loud")) for _ in range(100)]
        await asyncio.sleep(0)  # all of them stand in line
        await ask(found, "quiet")
        before = done.index("quiet")
        await asyncio.gather(*crowd)
    assert before <= 3 * asterisks.AT_ONCE


async def test_a_phone_is_taken_off_wherever_it_is(managers: list[Manager]) -> None:
    """Whether there is one whose password the site hands out is told."""
    lent = {"PJSIP_ENDPOINT(101,auth)": "office/101"}
    async with asked(managers) as found:
        assert not await found.take_off("office", "101")
        managers[0].functions = REGISTERED | lent
        managers[1].functions = registers(ELSEWHERE) | lent
        assert await found.take_off("office", "101")
        assert not await found.take_off("branch", "101")
    assert [len(each.asked("Setvar")) for each in managers] == [1, 1]
