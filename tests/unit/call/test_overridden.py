"""A call that an operator lets through: what it costs, what it still takes, and what it is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from fastagi.call.channel import Argument, Script, Variable
from fastagi.call.flow import Gate
from fastagi.call.overrides import end, every, give
from fastagi.policy.loading import load_text
from fastagi.policy.model import Reason
from fastagi.stores.sign_ins import Origin, SignedOff, SignIn, Way
from fastagi.stores.store import FailureKind, Penalty, Subject, SubjectKind
from tests.doubles.scripted_channel import Act, ScriptedChannel
from tests.doubles.shaky_store import ShakyStore
from tests.unit.call.conftest import (
    ABROAD,
    CALL,
    MOBILE,
    NATIONAL,
    NOTHING,
    PIN,
    POLICY,
    SATELLITE,
    OnePolicy,
    World,
    question,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastagi.call.overrides import Override

NOBODYS = "9118500"  # a short code, of which no rule speaks


async def _give(world: World, to: str = "", *, uses: int = 1) -> Override:
    now = world.clock.now
    return await give(world.store, "office", "101", to, uses, 3600, "ann", "", now)


async def _left(world: World) -> int:
    found = await every(world.store, "office", world.clock.now)
    return sum(each.uses for each in found)


async def _ask(world: World, dialled: str, *acts: Act, **arguments: str) -> ScriptedChannel:
    channel = ScriptedChannel(acts)
    await world.gate.answer(question(dialled, **arguments), channel)
    return channel


def _verdict(channel: ScriptedChannel) -> tuple[str, str, str]:
    told = channel.told
    return told[Variable.VERDICT], told[Variable.RULE], told[Variable.REASON]


def _shaky(world: World) -> tuple[ShakyStore, World]:
    """Return the same world over a store that a test can meddle with."""
    shaky = ShakyStore(world.store)
    ports = replace(world.ports, store=shaky.store)
    return shaky, replace(world, ports=ports, gate=Gate(ports))


def _policy(world: World, text: str) -> World:
    policies = OnePolicy(load_text(text, world.policy.source))
    ports = replace(world.ports, policies=policies)
    return replace(world, ports=ports, gate=Gate(ports))


# ----------------------------------------------------------------------------- let through


async def test_it_works_so_many_times_and_not_once_more(world: World) -> None:
    """Without a prompt; each is on record with the override that let it through."""
    given = await _give(world, uses=2)
    for n in (1, 2):
        with capture_logs() as logs:
            channel = await _ask(world, ABROAD, call=f"1.{n}")
        assert channel.steps == ["tell"]
        assert _verdict(channel) == ("ALLOW", "abroad", "overridden")
        assert channel.told[Variable.SECONDS] == "1800"
        told = {"call": f"1.{n}", "id": given.id, "by": "ann", "left": 2 - n}
        assert logs == [{"event": "override-used", "log_level": "info", **told}]
    third = await _ask(world, ABROAD, call="1.3")
    assert (third.told[Variable.VERDICT], third.heard != []) == ("DENY", True)
    assert [each.override for each in world.log.records] == [given.id, given.id, ""]
    assert await world.slots() == 2


@pytest.mark.parametrize(
    ("dialled", "rule"),
    [(SATELLITE, "no-satellites"), (MOBILE, "new-mobile"), (NOBODYS, "none")],
)
async def test_it_lifts_whatever_a_rule_demands(world: World, dialled: str, rule: str) -> None:
    """A denial, a code, or that no rule speaks of it."""
    await _give(world)
    assert _verdict(await _ask(world, dialled)) == ("ALLOW", rule, "overridden")
    assert await _left(world) == 0


async def test_it_stands_for_a_sign_in(world: World) -> None:
    """The call does not hang on one then."""
    own = _policy(world, POLICY.replace('"pin+totp"\nremember = "30m"', '"sign-in"'))
    await _give(own)
    assert _verdict(await _ask(own, ABROAD)) == ("ALLOW", "abroad", "overridden")
    (lease,) = await own.store.live(None, own.clock.now)
    assert lease.sign_in == ""
    assert (await _ask(own, ABROAD, call="1.2")).told[Variable.REASON] == "sign-in-required"


async def test_a_call_that_passes_by_itself_asks_for_none_and_uses_none(world: World) -> None:
    """Nor does it cost a step more."""
    await _give(world)
    await _ask(world, NATIONAL, call="1.1")
    shaky, same = _shaky(world)
    assert _verdict(await _ask(same, NATIONAL)) == ("ALLOW", "at-home", "allowed")
    assert shaky.asked == ["known"]
    assert await _left(world) == 1


async def test_who_is_refused_waits_for_one_step_more(world: World) -> None:
    """Only where an override would change anything."""
    shaky, same = _shaky(world)
    await _ask(same, SATELLITE)
    assert shaky.asked == ["known", "records"]
    shaky.asked.clear()
    await _ask(same, NATIONAL, endpoint="999")
    assert shaky.asked == ["known"]


async def test_a_call_that_asks_for_its_next_trunk_uses_none(world: World) -> None:
    """It rides on its lease."""
    await _give(world, uses=2)
    for trunk in ("one", "two"):
        channel = await _ask(world, ABROAD, trunk=trunk)
        assert channel.told[Variable.VERDICT] == "ALLOW"
    assert await _left(world) == 1
    assert await world.slots() == 1


ONE_TRUNK = '\n[[limit]]\nname = "one-a-trunk"\nper = "trunk"\ncalls = 1\n'
TRUNKS = POLICY + ONE_TRUNK


async def test_its_next_trunk_has_its_limit_as_ever(world: World) -> None:
    """The slot there is taken in the place of the first, or refused."""
    own = _policy(world, TRUNKS)
    await _give(own)
    await _ask(own, ABROAD, trunk="one")
    await _ask(own, ABROAD, trunk="two")
    (lease,) = await own.store.live(None, own.clock.now)
    assert "two" in {each.key for each in lease.holds if each.limit == "one-a-trunk"}
    await _ask(own, NATIONAL, call="1.2", endpoint="102", trunk="one")
    full = await _ask(own, ABROAD, trunk="one")
    assert _verdict(full) == ("DENY", "one-a-trunk", "limit-reached")


async def test_a_call_that_is_over_as_it_asks_for_its_next_trunk_is_not_let_through_anew(
    world: World,
) -> None:
    """Its use was for what it was; another one is not made of it."""
    own = _policy(world, TRUNKS)
    await _give(own, uses=2)
    await _ask(own, ABROAD, trunk="one")
    shaky, same = _shaky(own)
    hang_up = replace(question("", call=CALL), script=Script.RELEASE)
    shaky.before["take"] = lambda: own.gate.answer(hang_up, ScriptedChannel())
    channel = await _ask(same, ABROAD, trunk="two")
    assert _verdict(channel) == ("DENY", "abroad", "budget-reached")
    assert await own.slots() == 0
    assert await _left(own) == 1


# ----------------------------------------------------------------------------- and what it is not


async def test_limits_hold(world: World) -> None:
    """Of a call that finds them full nothing is used."""
    await _give(world)
    for n in (1, 2):
        await _ask(world, NATIONAL, call=f"1.{n}")
    full = await _ask(world, ABROAD)
    assert _verdict(full) == ("DENY", "two-at-a-time", "limit-reached")
    assert await _left(world) == 1


@pytest.mark.parametrize("argument", [Argument.TRANSFERER, Argument.FORWARDER])
async def test_it_is_none_for_who_was_transferred(world: World, argument: Argument) -> None:
    """Whoever talks may be anybody."""
    await _give(world)
    channel = await _ask(world, ABROAD, **{argument: "PJSIP/101-0000000a"})
    assert channel.told[Variable.REASON] == "cannot-challenge"
    assert await _left(world) == 1


async def test_it_opens_nothing_of_who_is_locked_out(world: World) -> None:
    """A lockout is to be cleared, by who has asked the person."""
    await _give(world)
    subject = Subject(SubjectKind.EXTENSION, "101", 1)
    penalty, now = Penalty(900, 86400), world.clock.now
    await world.store.begin_attempt("office", (subject,), FailureKind.CODE, penalty, now)
    assert (await _ask(world, ABROAD)).told[Variable.REASON] == "locked-out"
    assert await _left(world) == 1


async def test_a_number_that_means_nothing_counts_as_a_failure_as_ever(world: World) -> None:
    """There is nothing to let through; three of them lock out."""
    await _give(world)
    for n in range(3):
        channel = await _ask(world, NOTHING, call=f"1.{n}")
        assert channel.told[Variable.REASON] == "invalid-number"
    assert (await _ask(world, NATIONAL)).told[Variable.REASON] == "locked-out"
    assert await _left(world) == 1


@pytest.mark.parametrize("other", [{"endpoint": "102"}, {"endpoint": "nobody"}])
async def test_it_is_for_its_extension_only(world: World, other: dict[str, str]) -> None:
    """No other's, known or not."""
    await _give(world)
    assert (await _ask(world, SATELLITE, **other)).told[Variable.VERDICT] == "DENY"
    assert await _left(world) == 1


async def test_it_is_for_its_numbers_only(world: World) -> None:
    """A call elsewhere is judged as ever."""
    await _give(world, "+44")
    asked = await _ask(world, ABROAD, f"{PIN}#", f"{world.code()}#")
    assert _verdict(asked) == ("ALLOW", "abroad", "allowed")
    assert world.log.records[-1].override == ""
    assert await _left(world) == 1


async def test_a_call_whose_sign_in_is_over_does_not_go_on_by_one(world: World) -> None:
    """It was let through as something else; its lease and the override stay as they are."""
    own = _policy(world, POLICY.replace('"pin+totp"\nremember = "30m"', '"sign-in"') + ONE_TRUNK)
    place = {"transport": "udp", "agent": "a1" * 20, "contact": "c1" * 20}
    now = own.clock.now
    origin = Origin("10.0.0.5", *place.values())
    there = SignIn("office", "101", "x", "101", Way.KEYPAD, origin, "", now, now + 60, 0, now)
    await own.store.put_sign_in(there)
    assert _verdict(await _ask(own, ABROAD, trunk="one", **place)) == (
        *("ALLOW", "abroad", "allowed"),
    )
    leases = await own.store.live(None, now)
    await own.store.end_sign_ins("office", "101", None, SignedOff.KEYPAD, now)
    await _give(own)
    refused = await _ask(own, ABROAD, trunk="two", **place)
    assert _verdict(refused) == ("DENY", "abroad", "sign-in-required")
    assert await own.store.live(None, now) == leases
    assert await _left(own) == 1


# ----------------------------------------------------------------------------- what goes wrong


async def test_who_is_outrun_is_judged_as_ever(world: World) -> None:
    """The slots are given back, and the code is asked for."""
    given = await _give(world)
    shaky, same = _shaky(world)
    shaky.before["take_record"] = lambda: end(world.store, "office", given.id, world.clock.now)
    channel = await _ask(same, ABROAD)
    assert (channel.told[Variable.REASON], channel.heard != []) == ("no-digits", True)
    assert world.log.records[-1].override == ""
    assert await world.slots() == 0


async def test_of_two_that_fit_the_second_does_where_the_first_is_gone(world: World) -> None:
    """The narrower one was another's, a moment ago."""
    narrow, wide = await _give(world, "+39"), await _give(world, uses=2)
    shaky, same = _shaky(world)
    shaky.before["take_record"] = lambda: end(world.store, "office", narrow.id, world.clock.now)
    assert _verdict(await _ask(same, ABROAD)) == ("ALLOW", "abroad", "overridden")
    assert world.log.records[-1].override == wide.id
    assert await _left(world) == 1


async def test_who_shows_the_code_after_that_gets_through(world: World) -> None:
    """With slots of their own, once."""
    given = await _give(world)
    shaky, same = _shaky(world)
    shaky.before["take_record"] = lambda: end(world.store, "office", given.id, world.clock.now)
    channel = await _ask(same, ABROAD, f"{PIN}#", f"{world.code()}#")
    assert _verdict(channel) == ("ALLOW", "abroad", "allowed")
    assert await world.slots() == 1


@pytest.mark.parametrize("step", ["records", "take", "take_record"])
async def test_where_the_store_goes_away_nobody_is_let_through(world: World, step: str) -> None:
    """At whichever step: the slots are given back, or the hangup handler does."""
    await _give(world)
    shaky, same = _shaky(world)
    shaky.before[step] = _fails(shaky)
    with capture_logs() as logs:
        channel = await _ask(same, SATELLITE)
    assert _verdict(channel) == ("DENY", "no-satellites", "rule")
    assert "override-not-used" in [each["event"] for each in logs]
    assert await _left(world) == 1


def _fails(shaky: ShakyStore) -> Callable[[], Awaitable[object]]:
    async def fail() -> None:
        shaky.before.clear()
        shaky.away = True
        try:
            await shaky.store.record_kinds("office")
        finally:
            shaky.away = False

    return fail


async def test_what_was_taken_is_given_back_where_the_use_is_not_counted(world: World) -> None:
    """No slot leaks by it."""
    await _give(world)
    shaky, same = _shaky(world)
    shaky.before["take_record"] = _fails(shaky)
    await _ask(same, SATELLITE)
    assert await world.slots() == 0


async def test_of_one_call_that_asks_twice_at_once_one_is_let_through(world: World) -> None:
    """What the other one has taken may be given back yet: nobody rides on it."""
    await _give(world, uses=2)
    shaky, same = _shaky(world)

    async def other() -> None:
        shaky.before.clear()
        await _ask(world, SATELLITE)

    shaky.before["take"] = other
    assert _verdict(await _ask(same, SATELLITE)) == ("DENY", "no-satellites", "rule")
    assert [each.reason for each in world.log.records] == [Reason.OVERRIDDEN, Reason.RULE]
    assert (await world.slots(), await _left(world)) == (1, 1)


async def test_who_hangs_up_just_then_holds_nothing(world: World) -> None:
    """The use is gone: that it was not heard cannot be known in time."""
    await _give(world)
    channel = ScriptedChannel()
    channel.hung_up = True
    await world.gate.answer(question(ABROAD), channel)
    assert (await world.slots(), await _left(world)) == (0, 0)
