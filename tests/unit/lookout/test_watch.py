"""Watching over all sites: what was seen becomes evidence, and evidence has its consequences."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, NoReturn

import pytest

from fastagi.bans.friend import friends
from fastagi.call import evidence as held
from fastagi.errors import StoreError
from fastagi.lookout import consequences
from fastagi.lookout import watch as watching
from fastagi.lookout.watch import CAME_OF_ACCOUNT, Lookout
from fastagi.numbering.pattern import Pattern
from fastagi.policy.model import Honeypot, ThenWatch
from fastagi.signs.sighting import Seen
from fastagi.signs.sign import Per, Sign
from tests.unit.lookout.samples import (
    HOME,
    NOW,
    THIEF,
    Counted,
    policy,
    ports,
    sighting,
    until,
    watch,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from structlog.typing import EventDict

    from fastagi.policy.model import Policy
    from fastagi.signs.sighting import Sighting
    from tests.doubles.shaky_store import ShakyStore

MOVED = watch("moved", Sign.NEW_ADDRESS, Per.ACCOUNT, count=1)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for nothing."""
    monkeypatch.setattr(consequences, "PACE_S", 0.0)
    monkeypatch.setattr(consequences, "AGAIN_S", (0.01, 0.01))
    monkeypatch.setattr(watching, "AGAIN_S", (0.01, 0.01))


@asynccontextmanager
async def looking(
    shaky: ShakyStore,
    *policies: Policy,
    meter: Counted | None = None,
    sites: Mapping[str, tuple[str, ...]] | None = None,
) -> AsyncIterator[Lookout]:
    """Look, meanwhile."""
    lookout = Lookout(ports(shaky.store, *policies, meter=meter), sites or {})
    lookout.change({each.site.name: each for each in policies})
    chores = [asyncio.create_task(each) for each in (lookout.run(), lookout.consequences.run())]
    try:
        yield lookout
        await until(lambda: not lookout._came and not lookout.consequences.count)
    finally:
        for each in chores:
            each.cancel()
        await asyncio.gather(*chores, return_exceptions=True)


def seen(told: list[EventDict]) -> list[tuple[object, ...]]:
    """Return what was told of attacks."""
    return [
        (each["site"], each["watch"], each["name"], each["count"])
        for each in told
        if each["event"] == "attack-seen"
    ]


def right(address: str = HOME, **more: object) -> Sighting:
    """Return that a right password was shown."""
    return sighting(Seen.RIGHT_PASSWORD, address=address, **more)  # type: ignore[arg-type]  # handed on


async def test_what_was_seen_often_enough_is_told_of_once(
    shaky: ShakyStore, told: list[EventDict]
) -> None:
    """And counted; what is of another site is not."""
    meter = Counted()
    async with looking(shaky, policy(watch()), policy(site="hotel"), meter=meter) as lookout:
        for number in range(30):
            lookout.see(sighting(site="office", at=NOW + number))
            lookout.see(sighting(site="gone", at=NOW + number))
    assert seen(told) == [("office", "guesses", "101", 3)]
    assert meter.signs[0] is Sign.GUESSING


async def test_a_policy_that_changes_is_in_force_at_once(
    shaky: ShakyStore, told: list[EventDict]
) -> None:
    """Also one that watches for nothing."""
    async with looking(shaky, policy(watch())) as lookout:
        lookout.change({"office": policy(), "hotel": policy(watch("its"), site="hotel")})
        for number in range(5):
            lookout.see(sighting(at=NOW + number))
    assert seen(told) == [("hotel", "its", "101", 3)]


async def test_who_tries_a_trap_is_seen_whatever_he_tries(
    shaky: ShakyStore, told: list[EventDict]
) -> None:
    """An account that there is not, and one that there is; of the sites of that Asterisk only."""
    trap = watch("trap", Sign.HONEYPOT, Per.ADDRESS, count=1)
    laid = Honeypot((Pattern("66X"),))
    office = replace(policy(trap), honeypot=laid)
    hotel = replace(policy(trap, site="hotel"), honeypot=laid)
    bound = {"pbx": ("office",)}
    async with looking(shaky, office, hotel, sites=bound) as lookout:
        lookout.see(sighting(Seen.UNKNOWN_ACCOUNT, "665"))
        lookout.see(sighting(Seen.WRONG_PASSWORD, "666", HOME))
        lookout.see(sighting(Seen.NOT_LET_IN, "666", "198.51.100.1"))
        lookout.see(sighting(Seen.UNKNOWN_ACCOUNT, "567", "198.51.100.1"))
    assert seen(told) == [("office", "trap", THIEF, 1), ("office", "trap", HOME, 1)]


async def test_a_phone_that_was_never_there_is_news_once(
    shaky: ShakyStore, told: list[EventDict]
) -> None:
    """By its right password, and what its contact says is not asked."""
    async with looking(shaky, policy(MOVED)) as lookout:
        lookout.see(right())
        await until(lambda: not lookout._came)
        lookout.see(right("192.0.2.99"))
        lookout.see(right(account="901", address=THIEF))
        await until(lambda: not lookout._came)
        lookout.see(right(THIEF))
        await until(lambda: not lookout._came)
        lookout.see(right(THIEF))
    assert seen(told) == [("office", "moved", "101", 1)]
    assert next(each for each in told if each["event"] == "attack-seen")["so_far"] == (
        "192.0.2.0/24"
    )


async def test_another_phone_than_ever_is_news(shaky: ShakyStore, told: list[EventDict]) -> None:
    """As it registers; of an account that is nobody's nothing is remembered."""
    agent = watch("other", Sign.NEW_AGENT, Per.ACCOUNT, count=1)
    async with looking(shaky, policy(agent)) as lookout:
        for name in ("one", "two", "two"):
            await lookout.registered(sighting(Seen.REGISTERED, address="", agent=name))
            await lookout.registered(sighting(Seen.REGISTERED, "901", "", agent=name))
        assert lookout.is_phone("pbx", "101")
        assert not lookout.is_phone("pbx", "901")
    assert seen(told) == [("office", "other", "101", 1)]


async def test_while_the_store_is_away_phones_wait(
    shaky: ShakyStore, told: list[EventDict]
) -> None:
    """And nothing that they do anew is missed."""
    async with looking(shaky, policy(MOVED)) as lookout:
        lookout.see(right())
        await until(lambda: not lookout._came)
        shaky.away = True
        lookout.see(right(THIEF))
        await until(lambda: "attack-not-followed" in [each["event"] for each in told])
        shaky.away = False
        await until(lambda: not lookout._came)
    assert seen(told) == [("office", "moved", "101", 1)]


async def test_what_is_new_is_held_against_the_extension_before_it_is_known(
    shaky: ShakyStore, told: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that fails, or an end, in between loses nothing: the address is new once more."""
    moved = watch("moved", Sign.NEW_ADDRESS, Per.ACCOUNT, ThenWatch.STEP_UP, count=1)
    lookout = Lookout(ports(shaky.store, policy(moved)), {})
    lookout.change({"office": policy(moved)})
    home, away = (replace(right(each), site="office") for each in (HOME, THIEF))
    await lookout._look_at(home)
    keep = held.keep
    monkeypatch.setattr(held, "keep", fails)
    for _ in range(2):
        with pytest.raises(StoreError):
            await lookout._look_at(away)
    monkeypatch.setattr(held, "keep", keep)
    monkeypatch.setattr(watching, "learn", fails)
    with pytest.raises(StoreError):
        await lookout._look_at(away)
    (kept,) = await held.every(shaky.store, "office", NOW)
    assert (kept.extension, kept.watch, kept.evidence.address) == ("101", "moved", THIEF)
    assert seen(told) == [("office", "moved", "101", 1)]  # told once, however often it was tried


async def fails(*_: object) -> NoReturn:
    """Stand for a step that the store does not take."""
    raise StoreError("away")


async def test_one_account_from_everywhere_fills_no_place_of_others(
    shaky: ShakyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight of it wait; when they were looked at, others may."""
    monkeypatch.setattr(watching, "CAME_MOST", 10)
    async with looking(shaky, policy(MOVED)) as lookout:
        for number in range(100):
            lookout.see(right(f"192.0.2.{number}"))
            lookout.see(right("192.0.2.0"))
        lookout.see(right(account="102"))
        assert [each[1] for each in lookout._came] == ["101"] * CAME_OF_ACCOUNT + ["102"]
        await until(lambda: not lookout._came)
        assert not lookout._came_of
        lookout.see(right("192.0.2.50"))
        assert len(lookout._came) == 1


async def test_who_has_the_right_password_is_a_friend_and_who_guessed_it_is_none(
    shaky: ShakyStore,
) -> None:
    """Whatever the policy watches for; nor who did not prove where it is."""
    async with looking(shaky, policy(watch())) as lookout:
        lookout.see(right())
        for number in range(12):
            lookout.see(sighting(account="102", address=THIEF, at=NOW + number))
        lookout.see(right(THIEF, account="102", at=NOW + 20))
        lookout.see(right("198.51.100.1", account="103", proven=False))
    assert [str(each) for each in await friends(shaky.store, NOW)] == [HOME]


async def test_a_restart_forgets_no_place(shaky: ShakyStore, told: list[EventDict]) -> None:
    """A phone that registers amid guesses is not taken for who guesses."""
    stolen = watch("stolen", Sign.SUCCESS_AFTER_GUESSING, Per.ACCOUNT, ThenWatch.STEP_UP)
    async with looking(shaky, policy(stolen)) as lookout:
        lookout.see(right())
    async with looking(shaky, policy(stolen)) as lookout:
        await lookout.recall()
        for number in range(12):
            lookout.see(sighting(at=NOW + number))
        lookout.see(right(at=NOW + 20))
        assert seen(told) == []
        lookout.see(right(THIEF, at=NOW + 21))
    assert [each[:3] for each in seen(told)] == [("office", "stolen", "101")]


async def test_a_fault_of_ours_ends_no_looking(
    shaky: ShakyStore, told: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told with its trace, at what is seen and at what phones have."""
    async with looking(shaky, policy(MOVED)) as lookout:
        lookout.see(replace(sighting(), seen="nonsense"))  # type: ignore[arg-type]  # as it says
        monkeypatch.setattr(watching, "habits_of", None)
        lookout.see(right())
        await until(lambda: [each["event"] for each in told].count("lookout-broke") == 2)


async def test_many_sites_share_the_work_and_no_password_is_let_go(
    shaky: ShakyStore, told: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of accounts that there are not; where there is one site, all are counted."""
    monkeypatch.setattr(watching, "COUNTED_PER_S", 20)
    now, meter = [0.0], Counted()
    scan = watch("scan", Sign.ENUMERATION, Per.SITE, count=11)
    both = (policy(scan, watch()), policy(site="hotel"))
    async with looking(shaky, *both, meter=meter) as lookout:
        lookout._clock = lambda: now[0]
        for number in range(30):
            lookout.see(sighting(Seen.UNKNOWN_ACCOUNT, f"5{number}", at=NOW))
        for number in range(3):
            lookout.see(sighting(account="101", at=NOW + number))
        assert seen(told) == [("office", "guesses", "101", 3)]
        now[0] = 1.0
        lookout.see(sighting(Seen.UNKNOWN_ACCOUNT, "599", at=NOW))
        assert seen(told)[1:] == [("office", "scan", "", 11)]
        assert meter.drops == {"shed": 20}
    async with looking(shaky, both[0]) as lookout:
        for number in range(11):
            lookout.see(sighting(Seen.UNKNOWN_ACCOUNT, f"5{number}", at=NOW))
        assert len(seen(told)) == 3


async def test_phones_without_end_take_no_memory_without_end(
    shaky: ShakyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that wait, and those that were looked at."""
    monkeypatch.setattr(watching, "CAME_MOST", 5)
    monkeypatch.setattr(watching, "LOOKED_AT_MOST", 3)
    async with looking(shaky, policy(MOVED)) as lookout:
        for number in range(100):
            lookout.see(right(f"192.0.2.{number}"))
        assert len(lookout._came) == 5
        await until(lambda: not lookout._came)
        assert len(lookout._looked_at) == 3


async def test_who_guesses_at_others_is_a_friend_no_more(shaky: ShakyStore) -> None:
    """Whatever he has the right password for, at whatever site."""
    async with looking(shaky, policy(watch()), policy(site="hotel")) as lookout:
        lookout.see(right(site="office"))
        await until(lambda: not lookout._came and not lookout.consequences.count)
        assert [str(each) for each in await friends(shaky.store, NOW)] == [HOME]
        for number in range(10):
            lookout.see(sighting(Seen.UNKNOWN_ACCOUNT, f"9{number}", HOME, at=NOW + number))
        await until(lambda: not lookout.consequences.count)
        assert await friends(shaky.store, NOW) == []
        lookout.see(right(account="102", site="office"))
    assert await friends(shaky.store, NOW) == []


async def test_a_site_that_comes_later_is_recalled_too(shaky: ShakyStore) -> None:
    """And again only what was not read."""
    async with looking(shaky, policy(watch())) as lookout:
        await lookout.recall()
        asked = len(shaky.asked)
        await lookout.recall()
        assert len(shaky.asked) == asked
        waiting = asyncio.create_task(lookout.to_recall())
        await asyncio.sleep(0)
        assert not waiting.done()
        lookout.change({each: policy(watch(), site=each) for each in ("office", "hotel")})
        await asyncio.wait_for(waiting, 5)
        await lookout.recall()
        assert len(shaky.asked) == asked + 1
