"""Phones that registered anew, from elsewhere.

A little longer than other files: each test is a way to mislead who watches, or to be silent.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.errors import LinkError
from fastagi.stores.sign_ins import Origin, SignedOff
from fastagi.watcher import moves
from fastagi.watcher.link import connected
from fastagi.watcher.registered import digest_of
from tests.unit.watcher.samples import (
    CONTACTS,
    ELSEWHERE,
    NODE,
    hint,
    policy,
    registers,
    signed_in,
    until,
)
from tests.unit.watcher.test_link import login_of
from tests.unit.watcher.world import NOW, turns

if TYPE_CHECKING:
    from structlog.typing import EventDict

    from tests.unit.watcher.world import World


@pytest.fixture
async def seldom(world: World) -> World:
    """A world in which no round comes after the first, at which nobody had moved."""
    world.manager.functions = registers() | registers(extension="102")
    world.shelf.people = [signed_in()]
    await until(lambda: asked(world, "101") == 1)
    await turns()
    return world


@pytest.fixture(autouse=True)
def soon(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks are close to each other."""
    monkeypatch.setattr(moves, "LOOK_S", 0.01)


def asked(world: World, extension: str) -> int:
    """Return how often Asterisk was asked what is registered for a phone."""
    name = f"PJSIP_AOR({extension},contact)"
    return len([each for each in world.manager.asked("Getvar") if each["Variable"] == name])


def over(world: World) -> dict[str, SignedOff | None]:
    """Return which sign-ins are over, and why."""
    return {each.id: each.why for each in world.shelf.people if each.ended is not None}


def told(said: list[EventDict], event: str) -> list[EventDict]:
    """Return the lines of one kind."""
    return [each for each in said if each["event"] == event]


async def test_a_phone_that_registered_elsewhere_is_signed_off(
    seldom: World, service_said: list[EventDict]
) -> None:
    """All of its sign-ins that were made at the old place, and told, each once."""
    seldom.shelf.people += [signed_in("two"), signed_in("new", contact=ELSEWHERE)]
    seldom.shelf.people += [signed_in("other", extension="102")]
    seldom.manager.functions |= registers(ELSEWHERE)
    seldom.hears(hint(), hint("102"))
    await until(lambda: over(seldom) != {} and asked(seldom, "102") == 1)
    await turns()
    assert over(seldom) == {"one": SignedOff.MOVED, "two": SignedOff.MOVED}
    (line, _) = told(service_said, "sign-in-moved")
    assert line == {
        "event": "sign-in-moved",
        "log_level": "warning",
        "node": "127.0.0.1",
        "site": "office",
        "extension": "101",
        "person": "101",
    }
    assert seldom.shelf.people[0].ended == NOW


@pytest.mark.parametrize("contacts", ["", f"{CONTACTS},{ELSEWHERE}"])
async def test_one_contact_less_or_more_is_a_move_too(seldom: World, contacts: str) -> None:
    """It is off, or another phone is there besides."""
    seldom.manager.functions |= registers(contacts)
    seldom.hears(hint(status="Removed"))
    await until(lambda: over(seldom) == {"one": SignedOff.MOVED})


async def test_a_contact_of_another_aor_of_the_phone_is_a_move_too(seldom: World) -> None:
    """The thief's own, perhaps: it is registered for the same endpoint."""
    seldom.manager.functions |= {
        "PJSIP_ENDPOINT(101,aors)": "101,desk",
        "PJSIP_AOR(desk,contact)": ELSEWHERE,
    }
    seldom.hears(hint())
    await until(lambda: over(seldom) == {"one": SignedOff.MOVED})


async def test_a_hint_alone_ends_nothing(seldom: World) -> None:
    """Whatever it says: what Asterisk answers counts."""
    seldom.hears(hint(status="Removed"), hint(status="Unreachable"))
    await until(lambda: asked(seldom, "101") == 2)
    await turns()
    assert over(seldom) == {}


@pytest.mark.parametrize(
    "event",
    [
        {"Event": "PeerStatus", "EndpointName": "101"},
        {"Event": "ContactStatus", "AOR": "101"},
        hint("101,aors)"),
        hint("103"),
        hint("102"),
    ],
)
async def test_what_hints_at_nobody_who_is_signed_in_asks_nothing(
    seldom: World, event: dict[str, str]
) -> None:
    """Other events, none, odd and unknown endpoints, and those of another Asterisk."""
    seldom.shelf.people.append(signed_in("theirs", extension="102", node="pbx-2"))
    before = len(seldom.manager.asked("Getvar"))
    seldom.hears(event)
    await turns()
    assert len(seldom.manager.asked("Getvar")) == before


async def test_all_are_looked_at_as_the_link_comes_up(world: World) -> None:
    """A move while it was down is not missed; and again with each round."""
    world.shelf.people = [signed_in(), signed_in("stays", extension="102")]
    world.manager.functions = registers(ELSEWHERE) | registers(extension="102")
    await until(lambda: over(world) == {"one": SignedOff.MOVED})
    world.manager.functions |= registers(ELSEWHERE, "102")
    await turns()
    assert "stays" not in over(world)
    world.manager.drop()
    await until(lambda: "stays" in over(world))


async def test_rounds_come_by_themselves(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the events that never came."""
    monkeypatch.setattr(moves, "ROUND_S", 0.02)
    world.shelf.people = [signed_in()]
    world.manager.functions = registers()
    await until(lambda: asked(world, "101") > 2)
    assert over(world) == {}
    world.manager.functions = registers(ELSEWHERE)
    await until(lambda: over(world) != {})


async def test_hints_at_others_put_no_round_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many come."""
    monkeypatch.setattr(moves, "ROUND_S", 0.2)
    world.shelf.people = [signed_in(), signed_in("other", extension="102")]
    world.manager.functions = registers() | registers(extension="102")
    await until(lambda: asked(world, "101") == 1)
    world.manager.functions |= registers(ELSEWHERE)

    def over_yet() -> bool:
        world.hears(hint("102"))
        return over(world) == {"one": SignedOff.MOVED}

    await until(over_yet)
    assert asked(world, "102") > asked(world, "101")


async def test_where_a_policy_does_not_bind_to_it_nothing_is_asked(world: World) -> None:
    """Of several sites, those that do."""
    world.policies = [
        policy('[sign-in]\nbound_to = ["address"]\n'),
        policy("", "branch"),
    ]
    world.shelf.people = [signed_in(), signed_in("there", extension="102", site="branch")]
    world.manager.functions = registers(ELSEWHERE) | registers(ELSEWHERE, "102")
    await until(lambda: over(world) == {"there": SignedOff.MOVED})
    assert asked(world, "101") == 0
    world.policies = world.policies[:1]
    world.hears(hint())
    await turns()
    assert asked(world, "101") == 0


async def test_a_sign_in_whose_contact_was_not_known_is_not_held_against_any(
    world: World,
) -> None:
    """No call counts by it anyway, where the policy binds to it by now."""
    world.shelf.people = [signed_in(contact=""), signed_in("two")]
    world.manager.functions = registers(ELSEWHERE)
    await until(lambda: over(world) == {"two": SignedOff.MOVED})


async def test_a_phone_that_calls_without_registering_has_not_moved_until_it_does(
    world: World,
) -> None:
    """The dialplan sends the digest of nothing then, and that is what is registered."""
    at_nothing = Origin("10.0.0.5", "udp", digest_of("a phone"), digest_of(""))
    world.shelf.people = [replace(signed_in(), origin=at_nothing)]
    world.manager.functions = registers("")
    await until(lambda: asked(world, "101") == 1)
    await turns()
    assert over(world) == {}
    world.manager.functions = registers()
    world.hears(hint())
    await until(lambda: over(world) != {})


async def test_asterisk_is_not_flooded_with_questions(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of some hundred phones it is asked a few at a time."""
    monkeypatch.setattr(moves, "AT_ONCE", 3)
    world.shelf.people = [signed_in(f"{each}", extension=f"{each}") for each in range(100, 200)]
    asking: set[str] = set()
    most = 0

    async def function(name: str) -> str:
        nonlocal most
        asking.add(name)
        most = max(most, len(asking))
        await asyncio.sleep(0)
        asking.remove(name)
        return ""

    async with connected(login_of(world.manager)) as link:
        monkeypatch.setattr(link, "function", function)
        await moves.Moves(NODE, world.ports).look(link)
    assert most == 3


async def test_what_asterisk_does_not_tell_ends_nothing_and_is_told(
    world: World, service_said: list[EventDict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once while it stays so, and a few of many."""
    monkeypatch.setattr(moves, "ROUND_S", 0.02)
    monkeypatch.setattr(moves, "NAMED_MAX", 2)
    phones = ["101", "102", "103"]
    world.manager.functions = registers(extension="104")
    world.shelf.people = [signed_in(each, extension=each) for each in [*phones, "104"]]
    await until(lambda: asked(world, "104") > 3)
    assert over(world) == {}
    (line,) = told(service_said, "registration-untold")
    assert (line["extensions"], line["more"]) == (["101", "102"], 1)
    world.manager.refuses.add("Getvar")
    await until(lambda: len(told(service_said, "registration-untold")) == 2)
    assert told(service_said, "registration-untold")[1]["extensions"] == ["104"]
    assert over(world) == {}
    world.manager.refuses.clear()
    world.manager.functions |= registers()
    before = asked(world, "101")
    await until(lambda: asked(world, "101") > before + 2)
    world.manager.functions = {}
    await until(lambda: len(told(service_said, "registration-untold")) > 2)
    assert "101" in told(service_said, "registration-untold")[2]["extensions"]


async def test_a_link_that_is_lost_as_it_is_asked_ends_nothing(world: World) -> None:
    """The next link asks again."""
    world.shelf.people = [signed_in()]
    world.manager.functions = registers(ELSEWHERE)
    world.manager.drops_at = "PJSIP_AOR(101,contact)"
    await until(lambda: asked(world, "101") > 1)
    assert over(world) == {}
    world.manager.drops_at = ""
    await until(lambda: over(world) != {})


async def test_a_link_that_is_lost_is_not_silence_about_a_phone(
    world: World, service_said: list[EventDict]
) -> None:
    """Whoever looks hears of it, and looks again."""
    world.shelf.people = [signed_in()]
    looking = moves.Moves(NODE, world.ports)
    async with connected(login_of(world.manager)) as link:
        world.manager.drop()
        await link.lost.wait()
        with pytest.raises(LinkError, match="lost"):
            await looking.look(link)
    assert told(service_said, "registration-untold") == []


async def test_a_store_that_is_away_is_asked_again(seldom: World) -> None:
    """No hint is forgotten by it."""
    seldom.shelf.down = True
    seldom.manager.functions |= registers(ELSEWHERE)
    seldom.hears(hint())
    await turns()
    assert over(seldom) == {}
    seldom.shelf.down = False
    await until(lambda: over(seldom) != {})


async def test_a_storm_of_hints_is_one_look(
    seldom: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or one for each half second that it lasts."""
    monkeypatch.setattr(moves, "LOOK_S", 3600.0)
    before = asked(seldom, "101")
    seldom.hears(hint())
    await until(lambda: asked(seldom, "101") == before + 1)
    for _ in range(500):
        seldom.hears(hint())
    await turns()
    assert asked(seldom, "101") == before + 1


async def test_hints_at_strangers_do_not_crowd_out_those_who_are_signed_in(
    seldom: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is a bound on the others only."""
    monkeypatch.setattr(moves, "HINTS_MAX", 3)
    seldom.manager.functions |= registers(ELSEWHERE)
    seldom.hears(*(hint(f"stranger-{number}") for number in range(50)), hint())
    await until(lambda: over(seldom) != {})
