"""What follows of evidence lies in the store, or waits until it does."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

import pytest

from fastagi.attacks import book
from fastagi.attacks.book import Did
from fastagi.bans import ban
from fastagi.bans.friend import friends
from fastagi.call import evidence as held
from fastagi.errors import StoreError
from fastagi.lookout import consequences, places
from fastagi.lookout.consequences import Consequences, Friend
from fastagi.policy.model import ThenWatch
from fastagi.signs.familiar import Familiar
from fastagi.signs.places import number_of
from fastagi.signs.sign import Per, Sign
from fastagi.stores.sign_ins import Origin, SignedOff, SignIn, Way
from tests.unit.lookout.samples import (
    NOW,
    THIEF,
    Counted,
    Nobody,
    evidence,
    policy,
    ports,
    until,
    watch,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from structlog.typing import EventDict

    from fastagi.lookout.ports import LookoutPorts
    from fastagi.signs.sign import Evidence
    from tests.doubles.shaky_store import ShakyStore

ALL = (ThenWatch.STEP_UP, ThenWatch.LOCK, ThenWatch.END_SIGN_IN, ThenWatch.BAN)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for nothing."""
    monkeypatch.setattr(consequences, "PACE_S", 0.0)
    monkeypatch.setattr(consequences, "AGAIN_S", (0.01, 0.01))


@asynccontextmanager
async def following(given: LookoutPorts) -> AsyncIterator[Consequences]:
    """Do what follows, meanwhile; in the end all of it is done."""
    made = Consequences(given)
    running = asyncio.create_task(made.run())
    try:
        yield made
        await until(lambda: made.count == 0)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def entries(shaky: ShakyStore) -> list[book.Entry]:
    """Return what is in the book."""
    return await book.every(shaky.store, "office", NOW - 1, NOW)


async def signed_in(shaky: ShakyStore, extension: str) -> None:
    """Sign somebody in."""
    new = SignIn(
        site="office",
        extension=extension,
        id="it",
        person=extension,
        way=Way.PAGE,
        origin=Origin("192.0.2.7", "tls"),
        node="pbx",
        since=NOW,
        until=NOW + 3600,
        idle_s=0,
        used=NOW,
    )
    assert await shaky.store.open_sign_in(new, None, 5, NOW) is not None


async def test_all_that_a_watch_says_follows(shaky: ShakyStore, told: list[EventDict]) -> None:
    """Step-up and lock for the calls, the sign-in's end, the ban, and the book."""
    await signed_in(shaky, "101")
    await signed_in(shaky, "102")
    given = ports(shaky.store, policy(watch("guesses", Sign.GUESSING, Per.ACCOUNT, *ALL)))
    async with following(given) as made:
        made.follow(evidence())
    (kept,) = await held.every(shaky.store, "office", NOW)
    assert (kept.extension, kept.watch, kept.until) == ("101", "guesses", NOW + 3600)
    over = await shaky.store.sign_in("office", "101", "it", NOW)
    assert over is not None
    assert (over.ended, over.why) == (NOW, SignedOff.ATTACK)
    assert [each.extension for each in await shaky.store.sign_ins("office", NOW)] == ["102"]
    (banned,) = await ban.every(shaky.store, NOW)
    assert (str(banned.network), banned.watch, banned.site) == (
        f"{THIEF}/32",
        "guesses",
        "office",
    )
    (entry,) = await entries(shaky)
    assert entry.did == {
        Did.TOLD,
        Did.STEPPED_UP,
        Did.LOCKED,
        Did.SIGN_IN_ENDED,
        Did.BANNED,
    }
    assert [each["event"] for each in told] == [
        "extension-watched",
        "sign-in-ended",
        "ban-put-on",
    ]


async def test_a_shadow_is_told_and_nothing_is_done(shaky: ShakyStore) -> None:
    """But that decisions say what would be."""
    await signed_in(shaky, "101")
    on_trial = watch("guesses", Sign.GUESSING, Per.ACCOUNT, *ALL, shadow=True)
    async with following(ports(shaky.store, policy(on_trial))) as made:
        made.follow(evidence())
    assert [each.did for each in await entries(shaky)] == [{Did.SHADOW}]
    assert await ban.every(shaky.store, NOW) == []
    assert len(await shaky.store.sign_ins("office", NOW)) == 1


async def test_who_is_somebody_else_perhaps_is_not_banned(shaky: ShakyStore) -> None:
    """But where the policy says so."""
    for unproven in (False, True):
        strict = watch("scans", Sign.ENUMERATION, Per.ADDRESS, ThenWatch.BAN, unproven=unproven)
        async with following(ports(shaky.store, policy(strict))) as made:
            made.follow(
                evidence(
                    Sign.ENUMERATION, Per.ADDRESS, THIEF, watch="scans", account="", proven=False
                )
            )
        assert len(await ban.every(shaky.store, NOW)) == unproven


async def test_a_network_is_banned_as_one(shaky: ShakyStore) -> None:
    """Where it is counted as one; of a site nobody is, but the last."""
    wide = watch("wide", Sign.ENUMERATION, Per.NETWORK, ThenWatch.BAN)
    async with following(ports(shaky.store, policy(wide))) as made:
        made.follow(
            evidence(Sign.ENUMERATION, Per.NETWORK, "203.0.113.0/24", watch="wide", account="")
        )
    assert [each.network for each in await ban.every(shaky.store, NOW)] == [
        ip_network("203.0.113.0/24")
    ]


async def test_who_is_never_banned_is_not(shaky: ShakyStore, told: list[EventDict]) -> None:
    """Nor anybody where it is not known who that is, or where there is no address."""
    given = ports(shaky.store, policy(watch("guesses", Sign.GUESSING, Per.ACCOUNT, ThenWatch.BAN)))
    nobody = given.never
    assert isinstance(nobody, Nobody)
    nobody.networks = ["203.0.113.0/24"]
    async with following(given) as made:
        made.follow(evidence())
    assert [each["event"] for each in told] == ["ban-refused"]
    nobody.broken = True
    async with following(given) as made:
        made.follow(evidence())
    assert told[-1]["event"] == "attack-not-banned"
    nobody.networks, nobody.broken = [], False
    async with following(given) as made:
        made.follow(evidence(address=""))
    assert await ban.every(shaky.store, NOW) == []
    assert [each.did for each in await entries(shaky)] == [{Did.TOLD}]


async def test_nothing_follows_of_what_no_policy_watches_for(shaky: ShakyStore) -> None:
    """It was changed meanwhile."""
    async with following(ports(shaky.store, policy())) as made:
        made.follow(evidence())
        made.follow(evidence(site="gone"))
        made.follow(evidence(site=""))
    assert await entries(shaky) == []


async def test_while_the_store_is_away_it_waits_and_the_strongest_is_kept(
    shaky: ShakyStore, told: list[EventDict]
) -> None:
    """Told of once."""
    given = ports(shaky.store, policy(watch("guesses", Sign.GUESSING, Per.ACCOUNT, *ALL)))
    shaky.away = True
    async with following(given) as made:
        made.follow(evidence(count=10))
        await until(lambda: len(shaky.asked) > 3)
        made.follow(evidence(count=100))
        made.follow(evidence(count=50))
        assert made.count == 1
        shaky.away = False
    (kept,) = await held.every(shaky.store, "office", NOW)
    assert kept.evidence.count == 100
    assert [each["event"] for each in told].count("attack-not-followed") == 1


async def test_what_is_heavier_is_done_first_and_a_flood_pushes_none_of_it_out(
    shaky: ShakyStore,
) -> None:
    """Of the rest the oldest is let go, and counted."""
    meter = Counted()
    guesses = watch("guesses", Sign.GUESSING, Per.ACCOUNT, ThenWatch.STEP_UP)
    broken_in = watch("broken-in", Sign.SUCCESS_AFTER_GUESSING, Per.ACCOUNT, ThenWatch.STEP_UP)
    given = ports(shaky.store, policy(guesses, broken_in), meter=meter)
    made = Consequences(given)
    made.follow(evidence(name="102", account="102"))
    made.follow(
        evidence(Sign.SUCCESS_AFTER_GUESSING, name="101", account="101", watch="broken-in")
    )
    spoofed = evidence(Sign.ENUMERATION, Per.ADDRESS, "x", account="", proven=False)
    for number in range(2000):
        made.follow(replace(spoofed, name=str(number)))
    assert meter.drops == {"unfollowed": 1500}
    assert made.count == 502
    await made._next()
    assert [each.extension for each in await held.every(shaky.store, "office", NOW)] == ["101"]
    await made._next()
    assert len(await held.every(shaky.store, "office", NOW)) == 2


async def test_who_touches_traps_pushes_out_no_break_in(shaky: ShakyStore) -> None:
    """However long the store is slow; a break-in is done first."""
    stolen = watch("stolen", Sign.SUCCESS_AFTER_GUESSING, Per.ACCOUNT, ThenWatch.STEP_UP)
    made = Consequences(ports(shaky.store, policy(stolen)))
    made.follow(evidence(Sign.SUCCESS_AFTER_GUESSING, watch="stolen"))
    touch = evidence(Sign.HONEYPOT, Per.ADDRESS, "x", account="", watch="trap")
    for number in range(2 * consequences.WAITING_OF_SITE):
        made.follow(replace(touch, name=f"10.0.{number // 256}.{number % 256}"))
    await made._next()
    assert [each.watch for each in await held.every(shaky.store, "office", NOW)] == ["stolen"]


async def test_a_site_pushes_out_its_own_only_and_each_has_its_turn(
    shaky: ShakyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of all that waits the site lets go that has most of it; its own bound comes first."""
    monkeypatch.setattr(consequences, "WAITING_OF_SITE", 4)
    monkeypatch.setattr(consequences, "WAITING_MOST", 6)
    sites = ("office", "hotel", "mill")
    followed: list[tuple[str, str]] = []

    async def follows(what: Evidence) -> None:
        followed.append((what.site, what.name))

    meter = Counted()
    made = Consequences(ports(shaky.store, *(policy(site=each) for each in sites), meter=meter))
    monkeypatch.setattr(made, "_do", follows)
    for number in range(9):
        made.follow(evidence(name=f"10{number}"))
    made.follow(evidence(site="hotel", name="201"))
    assert (made.count, meter.drops) == (5, {"unfollowed": 5})
    for site in ("mill", "mill"):
        made.follow(evidence(site=site, name=str(made.count)))
    assert (made.count, meter.drops) == (6, {"unfollowed": 6})
    for _ in range(6):
        await made._next()
    assert followed == [
        ("office", "106"),
        ("hotel", "201"),
        ("mill", "5"),
        ("office", "107"),
        ("mill", "6"),
        ("office", "108"),
    ]
    assert made.count == 0


async def test_more_sites_than_places_take_no_more_places(
    shaky: ShakyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where each has one, it is the newest that has none."""
    monkeypatch.setattr(consequences, "WAITING_MOST", 2)
    made = Consequences(ports(shaky.store))
    for number in range(5):
        made.follow(evidence(site=f"site-{number}"))
    assert made.count == 2
    await made._next()
    await made._next()
    assert made.count == 0


async def test_of_a_network_of_ipv6_the_strongest_waits_once(shaky: ShakyStore) -> None:
    """Whoever has one of its addresses has them all."""
    made = Consequences(ports(shaky.store))
    for number in range(1, 100):
        made.follow(
            evidence(Sign.GUESSING, Per.ADDRESS, f"2001:db8::{number}", account="", count=number)
        )
    assert made.count == 1


async def test_what_must_be_done_now_is_done_or_whoever_asks_tries_again(
    shaky: ShakyStore, told: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours is told, and tried no more."""
    made = Consequences(ports(shaky.store, policy(watch("it", Sign.NEW_ADDRESS))))
    shaky.away = True
    with pytest.raises(StoreError):
        await made.done(evidence(Sign.NEW_ADDRESS, watch="it"))
    shaky.away = False
    await made.done(evidence(Sign.NEW_ADDRESS, watch="it"))
    assert (len(await entries(shaky)), made.count) == (1, 0)
    monkeypatch.setattr(book, "note", None)
    await made.done(evidence(Sign.NEW_ADDRESS, watch="it"))
    assert told[-1]["event"] == "attack-follow-broke"


async def test_a_fault_of_ours_holds_nothing_up(
    shaky: ShakyStore, told: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told with its trace."""
    monkeypatch.setattr(book, "note", None)
    async with following(ports(shaky.store, policy(watch()))) as made:
        made.follow(evidence())
    assert told[0]["event"] == "attack-follow-broke"


async def test_friends_are_known_when_nothing_else_is_due(
    shaky: ShakyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many of them may wait."""
    monkeypatch.setattr(consequences, "FRIENDS_MOST", 2)
    async with following(ports(shaky.store)) as made:
        for number in range(5):
            made.befriend(Friend(ip_address(f"192.0.2.{number}"), NOW + 60))
        assert made.count == 2
    assert len(await friends(shaky.store, NOW)) == 2


async def test_nobody_is_banned_for_the_right_password(shaky: ShakyStore) -> None:
    """After a stranger's guesses it may be a phone of yours at a new address."""
    stolen = watch("stolen", Sign.SUCCESS_AFTER_GUESSING, Per.ACCOUNT, ThenWatch.BAN)
    async with following(ports(shaky.store, policy(stolen))) as made:
        made.follow(evidence(Sign.SUCCESS_AFTER_GUESSING, watch="stolen"))
    assert await ban.every(shaky.store, NOW) == []
    assert [each.did for each in await entries(shaky)] == [{Did.TOLD}]


async def test_nothing_follows_where_another_gate_knows_the_phone(shaky: ShakyStore) -> None:
    """The store is asked; of another address it follows."""
    stolen = watch("stolen", Sign.SUCCESS_AFTER_GUESSING, Per.ACCOUNT, ThenWatch.STEP_UP)
    there = Familiar()
    there.learn("office", "101", number_of(ip_address(THIEF)), NOW)
    await places.keep(shaky.store, there, "office", "101", NOW)
    async with following(ports(shaky.store, policy(stolen))) as made:
        made.follow(evidence(Sign.SUCCESS_AFTER_GUESSING, watch="stolen"))
    assert await entries(shaky) == []
    async with following(ports(shaky.store, policy(stolen))) as made:
        made.follow(evidence(Sign.SUCCESS_AFTER_GUESSING, watch="stolen", address="192.0.2.99"))
    assert len(await entries(shaky)) == 1
