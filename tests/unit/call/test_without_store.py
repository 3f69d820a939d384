"""Calls while the store is away: those that a rule lets through, on a cap, and no others."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from fastagi.call import release as door
from fastagi.call.admit import LEASE_MARGIN_S
from fastagi.call.channel import Question, Script, Variable
from fastagi.call.flow import Gate
from tests.doubles.scripted_channel import ScriptedChannel
from tests.unit.call.conftest import (
    ABROAD,
    CALL,
    CALLS_WITHOUT,
    MOBILE,
    NATIONAL,
    NOTHING,
    PIN,
    SATELLITE,
    Outage,
    question,
)

Told = tuple[str, str]
"""Verdict and reason."""


async def _ask(outage: Outage, dialled: str, **arguments: str) -> ScriptedChannel:
    channel = ScriptedChannel()
    await outage.gate.answer(question(dialled, **arguments), channel)
    return channel


async def _told(outage: Outage, dialled: str, **arguments: str) -> Told:
    told = (await _ask(outage, dialled, **arguments)).told
    return told[Variable.VERDICT], told[Variable.REASON]


def _releasing(**arguments: str) -> Question:
    return replace(question("", **arguments), script=Script.RELEASE)


# ----------------------------------------------------------------------------- who passes


async def test_a_rule_lets_its_calls_through(outage: Outage) -> None:
    """It is told as ever, on record as such, and holds its slots on this machine."""
    outage.shaky.away = True
    channel = await _ask(outage, NATIONAL)
    assert channel.told[Variable.VERDICT] == "ALLOW"
    assert channel.told[Variable.RULE] == "at-home"
    assert channel.told[Variable.CALL] == CALL
    assert channel.told[Variable.SECONDS] == str(4 * 3600)
    record = outage.log.records[-1]
    assert (record.reason, record.without_store) == ("allowed", True)
    (held,) = await outage.local.live(outage.clock.now)
    assert (held.site, held.call, held.reference) == ("office", CALL, record.reference)
    assert held.expires == outage.clock.now + held.seconds + LEASE_MARGIN_S
    assert [(hold.limit, hold.key) for hold in held.holds] == [("two-at-a-time", "101")]
    assert await outage.slots() == 0


@pytest.mark.parametrize("dialled", [ABROAD, SATELLITE, MOBILE, NOTHING])
async def test_what_asks_a_code_or_is_denied_stays_denied(outage: Outage, dialled: str) -> None:
    """Without the store nobody can prove anything."""
    outage.shaky.away = True
    assert await _told(outage, dialled) == ("DENY", "store-down")
    assert not outage.log.records[-1].without_store
    assert not outage.local.is_used


@pytest.mark.parametrize("arguments", [{"endpoint": "999999"}, {"endpoint": ""}])
async def test_a_stranger_stays_denied(outage: Outage, arguments: dict[str, str]) -> None:
    """Who calls is known without a store."""
    outage.shaky.away = True
    assert (await _told(outage, NATIONAL, **arguments))[0] == "DENY"
    assert not outage.local.is_used


async def test_without_a_local_store_nobody_passes(outage: Outage) -> None:
    """As where it could not be made."""
    outage.shaky.away = True
    outage.gate = Gate(replace(outage.ports, local=None))
    assert await _told(outage, NATIONAL) == ("DENY", "store-down")


async def test_a_store_that_works_is_asked_and_no_other(outage: Outage) -> None:
    """Nothing changes for anybody; a lockout holds."""
    assert await _told(outage, NATIONAL) == ("ALLOW", "allowed")
    assert not outage.log.records[-1].without_store
    assert not outage.local.is_used
    for _ in range(3):
        await _ask(outage, NOTHING, endpoint="102")
    assert await _told(outage, NATIONAL, endpoint="102") == ("DENY", "locked-out")


async def test_a_broken_local_store_denies(outage: Outage) -> None:
    """It fails closed, and says why."""
    outage.shaky.away = True
    await outage.local.store.close()
    assert await _told(outage, NATIONAL) == ("DENY", "store-down")


async def test_a_local_store_without_a_place_denies(outage: Outage) -> None:
    """Its folder is gone: a release could not know that there is something to release."""
    outage.shaky.away = True
    nowhere = replace(outage.local, mark=outage.local.mark / "gone" / "used")
    outage.gate = Gate(replace(outage.ports, local=nowhere))
    assert await _told(outage, NATIONAL) == ("DENY", "store-down")


# ----------------------------------------------------------------------------- how many


async def test_the_gate_lets_no_more_through_than_its_cap(outage: Outage) -> None:
    """Of all extensions together; whoever is refused may hold something in the store."""
    outage.shaky.away = True
    asked = [
        _ask(outage, NATIONAL, call=f"1.{n}", endpoint=f"1{n:02}")
        for n in range(CALLS_WITHOUT + 4)
    ]
    told = [channel.told for channel in await asyncio.gather(*asked)]
    assert [each[Variable.VERDICT] for each in told].count("ALLOW") == CALLS_WITHOUT
    refused = next(each for each in told if each[Variable.VERDICT] == "DENY")
    assert (refused[Variable.REASON], refused[Variable.RULE]) == ("limit-reached", "without-store")
    assert refused[Variable.CALL] == ""


async def test_limits_hold_within_the_gate(outage: Outage) -> None:
    """Two at a time, whether the store is there or not."""
    outage.shaky.away = True
    told = [await _told(outage, NATIONAL, call=f"1.{n}") for n in range(3)]
    assert told == [("ALLOW", "allowed")] * 2 + [("DENY", "limit-reached")]
    assert outage.log.records[-1].rule == "two-at-a-time"


# ----------------------------------------------------------------------------- how soon


async def test_a_store_that_hangs_is_waited_for_once(outage: Outage) -> None:
    """All its steps have one patience together: the second of two slow ones is not waited for."""
    outage.shaky.slow_s = 0.3
    assert await _told(outage, NATIONAL) == ("ALLOW", "allowed")
    assert outage.log.records[-1].without_store


async def test_a_store_that_never_answers_counts_as_away(outage: Outage) -> None:
    """After half a second."""
    outage.shaky.silent = True
    assert await _told(outage, NATIONAL) == ("ALLOW", "allowed")
    assert outage.log.records[-1].without_store


async def test_a_store_that_reads_and_does_not_write_counts_as_away(outage: Outage) -> None:
    """As one that another process has locked."""

    async def locked() -> None:
        outage.shaky.away = True

    outage.shaky.after["known"] = locked
    assert await _told(outage, NATIONAL) == ("ALLOW", "allowed")
    assert await outage.local_slots() == 1


# ----------------------------------------------------------------------------- afterwards


async def test_the_next_trunk_has_the_same_lease(outage: Outage) -> None:
    """A call that asks again takes nothing more, and lasts no longer."""
    outage.shaky.away = True
    await _ask(outage, NATIONAL)
    outage.clock.now += 100
    channel = await _ask(outage, NATIONAL)
    assert channel.told[Variable.SECONDS] == str(4 * 3600 - 100)
    assert await outage.local_slots() == 1


async def test_another_extension_does_not_ride_on_it(outage: Outage) -> None:
    """A call of that name and number is somebody else's."""
    outage.shaky.away = True
    await _ask(outage, NATIONAL)
    assert await _told(outage, NATIONAL, endpoint="102") == ("DENY", "bad-question")


async def test_a_release_frees_the_slot_while_the_store_is_away(
    outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once; but it is not told as done, as the store was not heard."""
    monkeypatch.setattr(door, "PAUSES_S", ())
    outage.shaky.away = True
    await _ask(outage, NATIONAL)
    channel = ScriptedChannel()
    await outage.gate.answer(_releasing(), channel)
    assert await outage.local_slots() == 0
    assert Variable.RELEASED not in channel.told
    outage.shaky.away = False
    await outage.gate.answer(_releasing(), channel)
    assert channel.told[Variable.RELEASED] == "yes"


async def test_a_broken_local_store_does_not_stop_a_release(outage: Outage) -> None:
    """What the store has is free."""
    await _ask(outage, NATIONAL)
    outage.local.mark.touch()
    await outage.local.store.close()
    channel = ScriptedChannel()
    await outage.gate.answer(_releasing(), channel)
    assert channel.told[Variable.RELEASED] == "yes"
    assert await outage.slots() == 0


async def test_who_hung_up_meanwhile_holds_nothing(outage: Outage) -> None:
    """The handler may have released before there was anything."""
    outage.shaky.away = True
    channel = ScriptedChannel()
    channel.hung_up = True
    await outage.gate.answer(question(NATIONAL), channel)
    assert await outage.local_slots() == 0


async def test_a_code_is_asked_as_ever_while_the_store_is_there(outage: Outage) -> None:
    """A call that needs a code takes its own time."""
    channel = ScriptedChannel([f"{PIN}#", f"{outage.code()}#"])
    await outage.gate.answer(question(ABROAD), channel)
    assert channel.told[Variable.VERDICT] == "ALLOW"


async def test_a_crowd_is_no_outage(outage: Outage) -> None:
    """Whoever waited too long while the store answered others is refused, as one of many.

    What it was asked for it may do yet, so a release is asked for.
    """
    first = asyncio.Event()

    async def hold_up() -> None:
        if first.is_set():
            await asyncio.Event().wait()
        first.set()
        await asyncio.sleep(0.2)

    outage.shaky.before["known"] = hold_up
    asked = await asyncio.gather(_ask(outage, NATIONAL), _ask(outage, NATIONAL, call="1.2"))
    told = {each.told[Variable.VERDICT]: each.told for each in asked}
    assert {verdict: each[Variable.REASON] for verdict, each in told.items()} == {
        "ALLOW": "allowed",
        "DENY": "busy",
    }
    assert told["DENY"][Variable.CALL] == ""
    assert not outage.local.is_used
    outage.shaky.before.clear()
    outage.shaky.silent = True  # now it is silent for everybody
    assert await _told(outage, NATIONAL, call="1.3", extension="102") == ("ALLOW", "allowed")
    assert outage.local.is_used


async def test_who_had_no_slot_left_gets_none_by_an_outage(outage: Outage) -> None:
    """A thief whose slots are all taken gains nothing by keeping the store away from us."""
    for call in ("1.1", "1.2"):
        assert await _told(outage, NATIONAL, call=call) == ("ALLOW", "allowed")
    assert await _told(outage, NATIONAL, call="1.3") == ("DENY", "limit-reached")
    outage.shaky.away = True
    assert await _told(outage, NATIONAL, call="1.4") == ("DENY", "limit-reached")
    outage.clock.now += 61
    assert await _told(outage, NATIONAL, call="1.5") == ("ALLOW", "allowed")
