"""Where a sign-in counts, and for how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from fastagi.call.identify import Caller, identify
from fastagi.call.sign_in import (
    Phone,
    counting_for,
    may_be_opened,
    over_at,
    phone_of,
    sign_in,
    sign_off,
)
from fastagi.policy.model import Bond, Condition, Reason, SignInTerms
from fastagi.stores.sign_ins import Origin, SignedOff, SignIn, Way
from tests.unit.call.conftest import ABROAD, World, question

if TYPE_CHECKING:
    from fastagi.stores.store import Enrolment

LONDON = ZoneInfo("Europe/London")
HERE = Origin("10.0.0.5", "udp", "a1" * 20, "c1" * 20)
FULL = {"address": "10.0.0.5:5060", "transport": "udp", "agent": "a1" * 20, "contact": "c1" * 20}
PHONE = Phone("101", HERE, "pbx")


def _caller(**arguments: str) -> Caller:
    caller = identify(question(ABROAD, **(FULL | arguments)))
    assert isinstance(caller, Caller)
    return caller


def _sign_in(origin: Origin = HERE) -> SignIn:
    return SignIn("office", "101", "x", "101", Way.KEYPAD, origin, "pbx", 0.0, 9.0, 0, 0.0)


def test_a_call_from_the_very_phone_counts() -> None:
    """All that a sign-in is bound to is the same."""
    assert phone_of(_caller(node="pbx")) == PHONE
    assert counting_for(_caller(), [_sign_in()], SignInTerms()) == _sign_in()


@pytest.mark.parametrize(
    ("bond", "elsewhere"),
    [
        (Bond.ADDRESS, {"address": "10.0.0.6:5060"}),
        (Bond.TRANSPORT, {"transport": "tls"}),
        (Bond.AGENT, {"agent": "a2" * 20}),
        (Bond.CONTACT, {"contact": "c2" * 20}),
    ],
)
def test_a_call_that_differs_in_what_it_is_bound_to_does_not_count(
    bond: Bond, elsewhere: dict[str, str]
) -> None:
    """In each by itself; in what it is not bound to, it may."""
    others = frozenset(Bond) - {bond}
    caller = _caller(**elsewhere)
    assert counting_for(caller, [_sign_in()], SignInTerms()) is None
    assert counting_for(caller, [_sign_in()], SignInTerms(bound_to=others)) is not None


@pytest.mark.parametrize("bound_to", [frozenset(), frozenset({Bond.ADDRESS})])
def test_one_that_waits_for_its_phone_counts_for_no_call(bound_to: frozenset[Bond]) -> None:
    """Whatever it is bound to: who calls by then has not registered with what was handed out."""
    terms = SignInTerms(bound_to=bound_to)
    waiting = replace(_sign_in(Origin("10.0.0.5", "ws")), way=Way.PAGE, node="")
    assert waiting.is_waiting
    assert counting_for(_caller(transport="ws"), [waiting], terms) is None
    placed = replace(waiting, node="pbx")
    assert counting_for(_caller(transport="ws"), [placed], terms) == placed


@pytest.mark.parametrize("registered", ["ws", "wss"])
@pytest.mark.parametrize("calls", ["ws", "wss"])
def test_a_phone_in_a_browser_is_where_it_is(registered: str, calls: str) -> None:
    """What registers by a secure WebSocket Asterisk names `ws`; nothing else is like either."""
    there = [_sign_in(replace(HERE, transport=registered))]
    assert counting_for(_caller(transport=calls), there, SignInTerms()) is not None
    for other in ("udp", "tcp", "tls", ""):
        assert counting_for(_caller(transport=other), there, SignInTerms()) is None
        elsewhere = [_sign_in(replace(HERE, transport=other))]
        assert counting_for(_caller(transport=calls), elsewhere, SignInTerms()) is None


@pytest.mark.parametrize("name", ["address", "transport", "agent", "contact"])
def test_what_is_not_known_is_not_the_same(name: str) -> None:
    """Neither of the call, nor of the sign-in, nor of both."""
    caller = _caller(**{name: ""})
    unplaced = _sign_in(replace(HERE, **{name: ""}))
    for sign_ins in ([_sign_in()], [unplaced]):
        assert counting_for(caller, sign_ins, SignInTerms()) is None
    assert counting_for(_caller(), [unplaced], SignInTerms()) is None


def test_a_transferred_call_never_counts() -> None:
    """Whoever is heard sits at another phone."""
    caller = _caller(transferer="PJSIP/101-0000002b")
    assert counting_for(caller, [_sign_in()], SignInTerms(bound_to=frozenset())) is None


@pytest.mark.parametrize(
    ("begun", "until", "over"),
    [
        ("2026-01-05T10:00", None, "2026-01-05T18:00"),
        ("2026-01-05T10:00", "19:00", "2026-01-05T18:00"),
        ("2026-01-05T15:00", "19:00", "2026-01-05T19:00"),
        ("2026-01-05T19:00", "19:00", "2026-01-06T03:00"),
        ("2026-01-05T22:00", "00:00", "2026-01-06T00:00"),
        ("2026-03-28T23:00", "03:00", "2026-03-29T03:00"),  # 01:00 is followed by 02:00
    ],
)
def test_it_is_over_at_the_hour_or_after_the_longest(
    world: World, begun: str, until: str | None, over: str
) -> None:
    """Whichever is first; the hour is of the clock on the site's wall."""
    clock = None if until is None else time.fromisoformat(until)
    policy = replace(world.policy, sign_in=SignInTerms(until=clock))
    at = datetime.fromisoformat(begun).replace(tzinfo=LONDON).timestamp()
    assert over_at(policy, at) == datetime.fromisoformat(over).replace(tzinfo=LONDON).timestamp()


@pytest.mark.parametrize(
    ("phone", "browser", "network", "opened"),
    [
        ("10.0.0.5", None, None, False),
        ("10.0.0.5", "10.0.0.5", None, True),
        ("10.0.0.5", "10.0.0.6", None, False),
        ("10.0.0.5", "10.0.0.6", "office", True),
        ("10.0.0.5", None, "office", True),
        ("192.0.2.66", "10.0.0.6", "office", False),
        ("192.0.2.66", "192.0.2.66", "office", True),
        ("", None, "office", False),
        ("a-name.example", None, "office", False),
        ("::ffff:10.0.0.5", "10.0.0.5", None, True),
    ],
)
def test_who_is_not_at_the_phone_opens_it_in_known_places_only(
    world: World, phone: str, browser: str | None, network: str | None, *, opened: bool
) -> None:
    """A thief who registers in its place, from home, would be who is signed in."""
    terms = SignInTerms(networks=(Condition(network),) if network else ())
    networks = {"office": (ip_network("10.0.0.0/8"),)}
    policy = replace(world.policy, sign_in=terms, networks=networks)
    where = None if browser is None else ip_address(browser)
    assert may_be_opened(policy, phone, where) is opened


@pytest.mark.parametrize("way", [Way.PAGE, Way.API])
async def test_a_phone_elsewhere_is_signed_in_on_at_its_keypad_only(
    world: World, enrolled: Enrolment, way: Way
) -> None:
    """There one is at it."""
    asked = (world.policy, PHONE, "101", enrolled)
    assert await sign_in(*asked, way, world.ports) is Reason.UNPLACED
    assert await sign_in(*asked, way, world.ports, browser=ip_address("10.0.0.6")) is (
        Reason.UNPLACED
    )
    assert isinstance(await sign_in(*asked, Way.KEYPAD, world.ports), SignIn)


async def test_it_is_opened_as_the_policy_says(world: World, enrolled: Enrolment) -> None:
    """With an id of its own each time, and of the same phone the last one only."""
    policy = replace(world.policy, sign_in=SignInTerms(for_s=600, idle_s=60))
    now, ports = world.clock.now, world.ports
    first = await sign_in(policy, PHONE, "101", enrolled, Way.KEYPAD, ports)
    here = ip_address("10.0.0.5")
    second = await sign_in(policy, PHONE, "101", enrolled, Way.PAGE, ports, browser=here)
    assert isinstance(first, SignIn)
    assert isinstance(second, SignIn)
    expected = SignIn(
        *("office", "101", second.id, "101", Way.PAGE, HERE, "pbx", now, now + 600, 60, now)
    )
    assert second == expected
    assert second.id != first.id
    assert list(await world.store.sign_ins("office", now)) == [second]
    over = await world.store.sign_in("office", "101", first.id, now)
    assert over is not None
    assert over.why is SignedOff.ELSEWHERE


async def test_a_factor_that_was_changed_meanwhile_opens_nothing(
    world: World, enrolled: Enrolment
) -> None:
    """What was shown is worth nothing any more."""
    await world.store.enrol("office", replace(enrolled, pin="another"))
    outcome = await sign_in(world.policy, PHONE, "101", enrolled, Way.KEYPAD, world.ports)
    assert outcome is Reason.WRONG_CODE
    assert not await world.store.sign_ins("office", world.clock.now)


async def test_a_phone_of_which_too_little_is_known_is_not_signed_in(
    world: World, enrolled: Enrolment
) -> None:
    """It could not be told from a thief's."""
    nowhere = replace(PHONE, origin=replace(HERE, address=""))
    outcome = await sign_in(world.policy, nowhere, "101", enrolled, Way.API, world.ports)
    assert outcome is Reason.UNPLACED
    assert not await world.store.sign_ins("office", world.clock.now)


async def test_signing_off_ends_what_is_there(world: World, enrolled: Enrolment) -> None:
    """Once, and tells how many there were."""
    await sign_in(world.policy, PHONE, "101", enrolled, Way.KEYPAD, world.ports)
    asked = ("office", "101", None, SignedOff.OPERATOR, world.ports)
    assert [await sign_off(*asked), await sign_off(*asked)] == [1, 0]
