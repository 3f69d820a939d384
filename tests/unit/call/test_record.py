"""What is put on record of a call, however far its story went."""

from __future__ import annotations

from pathlib import Path

from fastagi.call.ending import Story, refused
from fastagi.call.record import record_of
from fastagi.decision_log.record import line
from fastagi.policy.loading import load_text
from fastagi.policy.model import Factor, Facts, Reason, Request
from fastagi.stores.budgets import Level, Unit
from fastagi.stores.store import Full
from tests.doubles.scripted_channel import ScriptedChannel
from tests.unit.call.conftest import ABROAD, CALL, NATIONAL, NOTHING, PIN, POLICY, World, question
from tests.unit.policy.samples import MONDAY


async def test_a_whole_story_is_recorded_whole(world: World) -> None:
    """Who, what, where from, by which rule of which policy, and what was shown."""
    channel = ScriptedChannel([f"{PIN}#", f"{world.code()}#"])
    await world.gate.answer(question(ABROAD, trunk="my-trunk", node="pbx1"), channel)
    record = world.log.records[-1]
    assert (record.site, record.node, record.call) == ("office", "pbx1", CALL)
    assert (record.extension, record.address, record.trunk) == ("101", "10.0.0.5", "my-trunk")
    assert (record.number, record.country) == ("+390612345678", "IT")
    assert (record.rule, record.seconds) == ("abroad", 1800)
    assert record.asked == (Factor.PIN, Factor.TOTP)
    assert record.shown == {Factor.PIN, Factor.TOTP}
    assert record.policy == world.policy.version


async def test_an_invalid_number_is_recorded_as_it_was_dialled(world: World) -> None:
    """The operator sees what somebody tried."""
    await world.gate.answer(question(NOTHING), ScriptedChannel())
    assert world.log.records[-1].number == NOTHING


async def test_a_call_without_an_address_is_recorded_without(world: World) -> None:
    """What Asterisk did not tell is left empty."""
    await world.gate.answer(question(NATIONAL, address=""), ScriptedChannel())
    assert world.log.records[-1].address == ""


def test_a_story_that_went_nowhere_is_recorded_as_claimed() -> None:
    """Even of a question that nobody believed there is a line."""
    story = Story(CALL, "101", "900", "4071", began=10.0)
    record = record_of(story, refused(Reason.BAD_QUESTION), now=10.5)
    assert (record.extension, record.number, record.site) == ("101", "900", "")
    assert record.waited_s == 0.5


async def test_a_judged_call_is_recorded_with_what_it_hung_on(world: World) -> None:
    """The question, the facts, and that a factor was shown: never what was keyed."""
    channel = ScriptedChannel([f"{PIN}#", f"{world.code()}#"])
    await world.gate.answer(question(ABROAD), channel)
    record = world.log.records[-1]
    assert record.judged is not None
    assert record.judged.policy is world.policy
    assert record.judged.request.number.number == record.number
    assert record.judged.facts.shown == {Factor.PIN, Factor.TOTP}
    written = line(record, 4)
    assert PIN not in written.partition('"facts":')[2]
    assert '"shown":["pin","totp"]' in written.partition('"facts":')[2]


def test_what_refused_a_call_its_slots_is_recorded() -> None:
    """Slots, or the unit of a budget; and what was used of what it hung on."""
    policy = load_text(POLICY, Path("office.toml"))
    request = Request("101", policy.plan.read(NATIONAL), MONDAY)
    story = Story(CALL, "101", "900", "4071", began=10.0, policy=policy)
    story.put(request, Facts())
    story.levels = (Level("a-day", "101", Unit.SPEND, 7, 9),)
    for full, told in ((Full("two", "101"), "calls"), (Full("a-day", "101", Unit.SPEND), "spend")):
        story.full = full
        judged = record_of(story, refused(Reason.LIMIT_REACHED), now=10.5).judged
        assert judged is not None
        assert (judged.full, judged.used) == (told, (("a-day", "spend", 7),))
