"""Phones whose password was handed out: bound to their sign-in, and cut off when it is over."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from fastagi.call.credentials import KIND
from fastagi.errors import LinkError, StoreError
from fastagi.stores.opening import open_store
from fastagi.stores.records import Record
from fastagi.stores.sign_ins import Origin, SignedOff, SignIn, Way
from fastagi.watcher import moves
from fastagi.watcher.borrowed import Borrowed, place
from fastagi.watcher.link import connected
from fastagi.watcher.moves import Moves
from fastagi.watcher.registered import digest_of
from tests.doubles.manager import Manager
from tests.unit.watcher.samples import CONTACTS, ELSEWHERE, NODE, hint, policy, registers
from tests.unit.watcher.test_link import login_of
from tests.unit.watcher.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from structlog.typing import EventDict

    from fastagi.watcher.link import Link
    from fastagi.watcher.ports import WatchPorts

NOW = 2000.0
WAITING = SignIn(
    site="office",
    extension="101",
    id="one",
    person="101",
    way=Way.PAGE,
    origin=Origin("10.0.0.5", "ws"),
    node="",
    since=NOW - 10,
    until=NOW + 290,
    idle_s=0,
    used=NOW - 10,
)
PLACE = Origin("10.0.0.5", "ws", digest_of("A Phone/1.0"), digest_of(CONTACTS))


@dataclass
class Office:
    """An Asterisk, who watches it, and a store in which 101 was handed a password."""

    manager: Manager
    link: Link
    ports: WatchPorts
    now: float = NOW

    def registers(self, at: str = "10.0.0.5", transport: str = "ws") -> None:
        """Have a phone be registered at an address."""
        uri = f"sip:101@{at}:5062;transport={transport}"
        self.manager.functions |= registers() | {
            f"PJSIP_CONTACT({CONTACTS},uri)": uri,
            f"PJSIP_CONTACT({CONTACTS},user_agent)": "A Phone/1.0",
        }

    async def hands_out(self, sign_in: str = "one", before: str | None = None) -> str:
        """Hand a password out; `before` is what the one before was kept as."""
        text = json.dumps({"sign_in": sign_in, "sealed": "d", "until": NOW + 3600})
        record = Record("101", text, NOW + 7200)
        assert await self.ports.store.put_record("office", KIND, record, before, NOW)
        return text

    async def found(self) -> SignIn:
        """Return what became of the sign-in."""
        found = await self.ports.store.sign_in("office", "101", "one", self.now)
        assert found is not None
        return found

    async def end(self, why: SignedOff = SignedOff.PAGE, at: float = NOW) -> None:
        """End it."""
        await self.ports.store.end_sign_ins("office", "101", None, why, at)

    @property
    def removed(self) -> int:
        """How often something was taken off Asterisk."""
        return len(self.manager.asked("Setvar"))


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    """One where nothing is registered yet."""
    store = open_store("sqlite://:memory:")
    async with Manager() as manager, connected(login_of(manager)) as link:
        manager.functions = {"PJSIP_ENDPOINT(101,auth)": "office/101"}
        world = World(manager)
        here = Office(manager, link, replace(world.ports, store=store, hands_out=True))
        here.ports = replace(here.ports, now=lambda: here.now)
        await store.open_sign_in(WAITING, None, 1, NOW - 10)
        await here.hands_out()
        yield here
    await store.close()


# ----------------------------------------------------------------------------- bound


async def test_the_first_phone_to_register_is_the_one(office: Office) -> None:
    """The sign-in is bound to all that is known of it, and lasts as it was meant to."""
    await place(office.link, NODE, WAITING, office.ports)
    assert await office.found() == WAITING
    office.registers()
    await place(office.link, NODE, WAITING, office.ports)
    expected = replace(WAITING, origin=PLACE, node=NODE, until=NOW + 3600, used=NOW)
    assert await office.found() == expected
    await place(office.link, "other", WAITING, office.ports)
    assert await office.found() == expected


@pytest.mark.parametrize(("at", "transport"), [("10.0.0.6", "ws"), ("10.0.0.5", "udp")])
async def test_who_registers_from_elsewhere_has_stolen_it(
    office: Office, service_said: list[EventDict], at: str, transport: str
) -> None:
    """It is over, and told; as is one that is in no browser."""
    office.registers(at, transport)
    await place(office.link, NODE, WAITING, office.ports)
    assert (await office.found()).why is SignedOff.MOVED
    assert [each["event"] for each in service_said] == ["credential-elsewhere"]


async def test_a_place_that_the_policy_names_will_do(office: Office) -> None:
    """As for a sign-in on a page."""
    more = '[networks]\noffice = ["10.0.0.0/8"]\n[sign-in]\nnetwork = ["office"]\n'
    world = World(office.manager)
    world.policies = [policy(more)]
    ports = replace(office.ports, policies=world)
    office.registers("10.0.0.6")
    await place(office.link, NODE, WAITING, ports)
    assert (await office.found()).origin.address == "10.0.0.6"


async def test_one_whose_password_is_another_by_now_is_not_placed(office: Office) -> None:
    """Nor one whose password is not there yet: what is registered is another's."""
    office.registers()
    text = (await office.ports.store.records("office", KIND, "", 1, NOW))[0].text
    await office.hands_out("two", text)
    await place(office.link, NODE, WAITING, office.ports)
    await office.ports.store.take_record("office", KIND, "101", NOW)
    await place(office.link, NODE, WAITING, office.ports)
    assert await office.found() == WAITING


async def test_a_site_that_is_no_more_places_nobody(office: Office) -> None:
    """Its policy was taken away meanwhile."""
    office.registers()
    await place(office.link, NODE, replace(WAITING, site="gone"), office.ports)
    assert await office.found() == WAITING


async def test_a_hint_has_it_placed_and_a_move_ends_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Asterisk tells that something registered."""
    monkeypatch.setattr(moves, "LOOK_S", 0.0)
    watching = Moves(NODE, office.ports)
    await watching.look(office.link)
    assert (await office.found()).is_waiting
    office.registers()
    watching.hear(hint())
    await watching.look(office.link)
    assert (await office.found()).origin == PLACE
    office.manager.functions |= registers(ELSEWHERE)
    watching.hear(hint())
    await watching.look(office.link)
    assert (await office.found()).why is SignedOff.MOVED


async def test_a_phone_of_that_name_that_is_anothers_is_none(office: Office) -> None:
    """Another site's, which has its own password; or one whose password lasts."""
    office.registers()
    for auth in ("branch/101", "101", ""):
        office.manager.functions |= {"PJSIP_ENDPOINT(101,auth)": auth}
        await place(office.link, NODE, WAITING, office.ports)
        assert await office.found() == WAITING


async def test_who_waits_and_is_not_here_is_no_news(
    office: Office, service_said: list[EventDict]
) -> None:
    """It is another Asterisk's phone."""
    office.manager.functions = {}
    await Moves(NODE, office.ports).look(office.link)
    assert service_said == []


async def test_nobody_waits_where_none_are_handed_out(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The settings say so."""
    office.registers()
    await Moves(NODE, replace(office.ports, hands_out=False)).look(office.link)
    assert await office.found() == WAITING


# ----------------------------------------------------------------------------- cut off


async def test_its_phone_is_taken_off_when_it_is_over_until_there_is_none(
    office: Office, service_said: list[EventDict]
) -> None:
    """While it lives it stays; and what came in at the last moment goes, too."""
    office.registers()
    borrowed = Borrowed(NODE, office.ports)
    await borrowed.look(office.link)
    assert office.removed == 0
    await office.end()
    for _ in range(2):
        await borrowed.look(office.link)
    office.manager.functions |= registers("")
    await borrowed.look(office.link)
    office.registers()
    await borrowed.look(office.link)
    assert office.removed == 2
    assert [each["event"] for each in service_said] == ["phone-cut-off"] * 2


async def test_whose_phone_is_not_here_is_not_told(
    office: Office, service_said: list[EventDict]
) -> None:
    """It is at another Asterisk, or nowhere."""
    office.manager.functions = {}
    await office.end()
    await Borrowed(NODE, office.ports).look(office.link)
    assert (office.removed, service_said) == (0, [])


async def test_a_lockout_cuts_off_once_it_is_sure(office: Office) -> None:
    """The guess that caused it may turn out right."""
    office.registers()
    borrowed = Borrowed(NODE, office.ports)
    await office.end(SignedOff.LOCKOUT)
    office.now += 1
    await borrowed.look(office.link)
    assert office.removed == 0
    office.now += 1
    await borrowed.look(office.link)
    assert office.removed == 1


async def test_the_next_ones_phone_is_taken_off_in_its_turn(office: Office) -> None:
    """What was seen to is forgotten with it."""
    office.registers()
    borrowed = Borrowed(NODE, office.ports)
    await office.end()
    await borrowed.look(office.link)
    office.manager.functions |= registers("")
    await borrowed.look(office.link)
    office.registers()
    text = (await office.ports.store.records("office", KIND, "", 1, NOW))[0].text
    await office.hands_out("two", text)
    await borrowed.look(office.link)
    assert office.removed == 2


async def test_where_none_are_handed_out_nothing_is_asked(office: Office) -> None:
    """The settings say so."""
    office.registers()
    await office.end()
    await Borrowed(NODE, replace(office.ports, hands_out=False)).look(office.link)
    assert office.removed == 0


async def test_what_asterisk_refuses_is_told(
    office: Office, service_said: list[EventDict]
) -> None:
    """Once; and is no trouble to others."""
    office.registers()
    office.manager.refuses = {"Setvar"}
    await office.end()
    borrowed = Borrowed(NODE, office.ports)
    for _ in range(2):
        await borrowed.look(office.link)
    assert [each["event"] for each in service_said] == ["phone-not-cut-off"]


async def test_a_link_that_is_lost_is_lost(office: Office) -> None:
    """The next one looks anew."""
    office.registers()
    await office.end()
    borrowed = Borrowed(NODE, office.ports)
    office.manager.drops_at = "PJSIP_AOR(101,contact)"
    with pytest.raises(LinkError):
        await borrowed.look(office.link)
    office.manager.drops_at = ""
    async with connected(login_of(office.manager)) as link:
        await borrowed.look(link)
    assert office.removed == 1


async def test_a_store_that_is_away_is_told(office: Office) -> None:
    """It is tried again."""
    await office.ports.store.close()
    with pytest.raises(StoreError):
        await Borrowed(NODE, office.ports).look(office.link)
