"""What watches saw: how it is held against an extension, what it does to calls, how it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from fastagi.call import evidence, overrides
from fastagi.call.channel import Variable
from fastagi.call.evidence import every, keep, lift, lift_all
from fastagi.call.flow import Gate
from fastagi.errors import StoreError
from fastagi.policy.loading import load_text
from fastagi.policy.model import Factor
from fastagi.signs.sign import Evidence, Per, Sign
from tests.doubles.scripted_channel import Act, ScriptedChannel
from tests.doubles.shaky_store import ShakyStore
from tests.unit.call.conftest import (
    ABROAD,
    MOBILE,
    NATIONAL,
    PIN,
    POLICY,
    OnePolicy,
    Outage,
    World,
    question,
)

if TYPE_CHECKING:
    from fastagi.call.evidence import Held
    from fastagi.policy.model import Watch

OPEN = POLICY.replace('then = "pin+totp"\nremember = "30m"', 'then = "allow"')
WATCHES = """
[[watch]]
name = "guessed"
sign = "success-after-guessing"
then = ["step-up"]
for = "30m"

[[watch]]
name = "moved"
sign = "new-country"
then = ["lock"]
to = ["mobile"]

[[watch]]
name = "trial"
sign = "new-agent"
then = ["lock"]
shadow = true

[[watch]]
name = "heard"
sign = "guessing"
"""
WORDS = "41 wrong passwords within 12 s, then the right one from 203.0.113.5"


def _with(world: World, text: str = OPEN + WATCHES) -> World:
    """Return the same world under another policy: abroad is open to all, but for watches."""
    policies = OnePolicy(load_text(text, world.policy.source))
    ports = replace(world.ports, policies=policies)
    return replace(world, ports=ports, gate=Gate(ports))


def _watch(world: World, name: str) -> Watch:
    return next(each for each in world.policy.watches if each.name == name)


async def _saw(
    world: World, name: str = "guessed", account: str = "101", **fields: object
) -> Held | None:
    """Have a watch see an attack just now."""
    watch = _watch(world, name)
    address = "203.0.113.5"
    what = Evidence(
        *("office", name, watch.sign, Per.ACCOUNT, account, account, address),
        *(41, 12.0, 1, True, world.clock.now),
    )
    given = replace(what, **fields)  # type: ignore[arg-type]  # by name
    return await keep(world.store, world.policy, watch, given, world.clock.now)


async def _ask(world: World, dialled: str, *acts: Act, **arguments: str) -> ScriptedChannel:
    channel = ScriptedChannel(acts)
    await world.gate.answer(question(dialled, **arguments), channel)
    return channel


def _said(channel: ScriptedChannel) -> tuple[str, str, str]:
    told = channel.told
    return told[Variable.VERDICT], told[Variable.RULE], told[Variable.REASON]


# ----------------------------------------------------------------------------- calls


async def test_a_call_of_a_stepped_up_extension_is_asked_though_its_rule_allows(
    world: World,
) -> None:
    """Who keys both is let through; what was seen is on record with it."""
    own = _with(world)
    assert _said(await _ask(own, ABROAD, call="1.0"))[0] == "ALLOW"
    assert own.log.records[-1].asked == ()
    await _saw(own)
    channel = await _ask(own, ABROAD, f"{PIN}#", f"{own.code()}#", call="1.1")
    assert _said(channel) == ("ALLOW", "abroad", "allowed")
    last = own.log.records[-1]
    assert (last.asked, last.shown) == (tuple(Factor), frozenset(Factor))
    assert last.evidence == (("guessed", WORDS),)


async def test_a_wrong_code_is_denied_with_what_was_seen_on_record(world: World) -> None:
    """The password was right, and that is not enough."""
    own = _with(world)
    await _saw(own)
    channel = await _ask(own, ABROAD, *("0000#", "000000#") * 3)
    assert _said(channel) == ("DENY", "abroad", "wrong-code")
    assert own.log.records[-1].evidence == (("guessed", WORDS),)
    assert await own.slots() == 0


async def test_a_locked_extension_is_denied_and_all_else_passes(world: World) -> None:
    """Its calls that the watch touches; not others, not those of others, no emergency."""
    own = _with(world)
    await _saw(own, "moved", so_far="DE", count=1)
    assert _said(await _ask(own, MOBILE, call="1.1")) == ("DENY", "moved", "watched")
    told = own.log.records[-1].evidence
    assert told == (
        ("moved", "registered in DE before, and now in another country, from 203.0.113.5"),
    )
    for dialled in (ABROAD, NATIONAL):
        channel = await _ask(own, dialled, call=f"2.{dialled}")
        assert _said(channel)[0] == "ALLOW"
        await own.store.release("office", f"2.{dialled}", None, None, own.clock.now)
    assert _said(await _ask(own, "102", call="1.4"))[0] == "ALLOW"
    assert _said(await _ask(own, "999", call="1.5"))[2] == "emergency"
    assert _said(await _ask(own, ABROAD, call="1.6", endpoint="102"))[0] == "ALLOW"
    assert all(not each.evidence for each in own.log.records[1:])


async def test_under_shadow_it_is_told_and_nothing_is_asked(world: World) -> None:
    """With what was seen."""
    own = _with(world)
    await _saw(own, "trial", count=1)
    assert _said(await _ask(own, ABROAD))[0] == "ALLOW"
    last = own.log.records[-1]
    assert last.shadows == (("trial", "deny"),)
    assert [name for name, _ in last.evidence] == ["trial"]


async def test_who_shows_it_once_shows_it_again(world: World) -> None:
    """What is remembered was maybe shown by who knows the password."""
    own = _with(world, POLICY + WATCHES)
    keyed = (f"{PIN}#", f"{own.code()}#")
    assert _said(await _ask(own, ABROAD, *keyed, call="1.0"))[0] == "ALLOW"
    assert _said(await _ask(own, ABROAD, call="1.1"))[0] == "ALLOW"  # remembered
    for call in ("1.0", "1.1"):
        await own.store.release("office", call, None, None, own.clock.now)
    await _saw(own)
    assert _said(await _ask(own, ABROAD, call="1.2"))[0] == "DENY"
    own.clock.now += 30
    keyed = (f"{PIN}#", f"{own.code()}#")
    assert _said(await _ask(own, ABROAD, *keyed, call="1.3"))[0] == "ALLOW"
    assert own.log.records[-1].asked == tuple(Factor)


async def test_who_is_not_enrolled_is_denied(world: World) -> None:
    """Nothing can be shown."""
    own = _with(world)
    await _saw(own, account="102")
    channel = await _ask(own, ABROAD, endpoint="102")
    assert _said(channel)[2] == "not-enrolled"


async def test_an_override_does_not_lift_it_and_is_not_used(world: World) -> None:
    """Whoever gave it may not know of the thief."""
    own = _with(world)
    now = own.clock.now
    await overrides.give(own.store, "office", "101", "+44", 2, 3600, "ann", "", now)
    await _saw(own, "moved", count=1)
    assert _said(await _ask(own, MOBILE))[2] == "watched"
    (left,) = await overrides.every(own.store, "office", now)
    assert left.uses == 2


async def test_it_costs_no_step_more_and_one_that_tells_what_was_seen(world: World) -> None:
    """Where nothing was seen all is one step, as ever."""
    own = _with(world)
    await _ask(own, ABROAD, call="1.0")
    shaky = ShakyStore(own.store)
    gate = Gate(replace(own.ports, store=shaky.store))
    await gate.answer(question(ABROAD, call="1.1"), ScriptedChannel())
    assert shaky.asked == ["known"]
    shaky.asked.clear()
    await _saw(own, "moved", count=1)
    await gate.answer(question(MOBILE, call="1.2"), ScriptedChannel())
    assert shaky.asked == ["known", "record"]


async def test_what_cannot_be_read_is_left_out_and_the_call_judged(world: World) -> None:
    """It only tells why."""
    own = _with(world)
    await _saw(own, "moved", count=1)
    shaky = ShakyStore(own.store)

    async def fails() -> None:
        raise StoreError("away")

    shaky.before["record"] = fails
    gate = Gate(replace(own.ports, store=shaky.store))
    channel = ScriptedChannel()
    with capture_logs() as logs:
        await gate.answer(question(MOBILE), channel)
    assert _said(channel) == ("DENY", "moved", "watched")
    assert own.log.records[-1].evidence == ()
    assert [each["event"] for each in logs] == ["evidence-not-read"]


async def test_what_is_gone_by_then_is_left_out(world: World) -> None:
    """Somebody lifted it in the meantime."""
    own = _with(world)
    await _saw(own, "moved", count=1)
    shaky = ShakyStore(own.store)

    async def lifts() -> None:
        await lift(own.store, "office", "101", "moved", own.clock.now)

    shaky.before["record"] = lifts
    channel = ScriptedChannel()
    await Gate(replace(own.ports, store=shaky.store)).answer(question(MOBILE), channel)
    assert (_said(channel)[2], own.log.records[-1].evidence) == ("watched", ())


async def test_what_is_seen_while_a_call_takes_its_slots_stops_it(world: World) -> None:
    """It was judged before, and looks again once it holds them; it holds nothing then."""
    own = _with(world)
    shaky = ShakyStore(own.store)

    async def meanwhile() -> None:
        await _saw(own)

    shaky.before["take"] = meanwhile
    gate = Gate(replace(own.ports, store=shaky.store))
    channel = ScriptedChannel()
    await gate.answer(question(ABROAD, call="1.1"), channel)  # a country that is new: two steps
    assert "take" in shaky.asked
    assert _said(channel)[0] == "DENY"
    assert await own.slots() == 0


async def test_a_locked_call_does_not_go_on_to_its_next_trunk(world: World) -> None:
    """Nobody talks yet; one that is stepped up was let through, and goes on."""
    own = _with(world, OPEN + WATCHES.replace('to = ["mobile"]', 'to = ["international"]'))
    assert _said(await _ask(own, ABROAD, call="1.1", trunk="one"))[0] == "ALLOW"
    await _saw(own)
    assert _said(await _ask(own, ABROAD, call="1.1", trunk="two"))[0] == "ALLOW"
    await _saw(own, "moved", count=1)
    assert _said(await _ask(own, ABROAD, call="1.1", trunk="two"))[2] == "watched"


async def test_a_code_that_a_watch_asks_for_is_no_way_round_the_next_trunks_slots(
    world: World,
) -> None:
    """Nobody is asked on the way; but what the next trunk has no room for does not go there."""
    one_each = '\n[[limit]]\nname = "a-trunk"\nper = "trunk"\ncalls = 1\n'
    own = _with(world, OPEN + WATCHES + one_each)
    await _ask(own, ABROAD, call="1.0", endpoint="102", trunk="two")
    assert _said(await _ask(own, ABROAD, call="1.1", trunk="one"))[0] == "ALLOW"
    await _saw(own)
    assert _said(await _ask(own, ABROAD, call="1.1", trunk="two")) == (
        *("DENY", "a-trunk", "limit-reached"),
    )


async def test_without_the_store_a_call_passes_only_if_no_watch_would_hold_it(
    outage: Outage,
) -> None:
    """What they saw nobody knows then."""
    text = OPEN.replace(
        'to = ["national"]\nthen = "allow"',
        'to = ["national", "mobile"]\nthen = "allow"\nwithout_store = "allow"',
    ).replace('to = ["mobile"]\nthen = "pin"', 'to = ["voip"]\nthen = "pin"')
    ports = replace(
        outage.ports, policies=OnePolicy(load_text(text + WATCHES, outage.policy.source))
    )
    own = replace(outage, ports=ports, gate=Gate(ports))
    outage.shaky.away = True
    assert _said(await _ask(own, NATIONAL, call="1.1"))[0] == "ALLOW"
    assert _said(await _ask(own, MOBILE, call="1.2"))[2] == "store-down"


# ----------------------------------------------------------------------------- held


async def test_it_is_held_for_its_time_and_told_once(world: World) -> None:
    """Until the very moment; the service's log has whom, by which watch, why and until when."""
    own = _with(world)
    began = own.clock.now
    with capture_logs() as logs:
        held = await _saw(own)
        await _saw(own)
    assert held is not None
    assert (held.since, held.until, held.words) == (began, began + 1800, WORDS)
    (told,) = logs
    assert told == {
        "event": "extension-watched",
        "log_level": "warning",
        "site": "office",
        "extension": "101",
        "watch": "guessed",
        "then": ["step-up"],
        "shadow": False,
        "until": began + 1800,
        "evidence": WORDS,
    }
    own.clock.now = began + 1799
    assert _said(await _ask(own, ABROAD, call="1.1"))[0] == "DENY"
    own.clock.now = began + 1800
    assert await every(own.store, "office", own.clock.now) == []
    assert _said(await _ask(own, ABROAD, call="1.2"))[0] == "ALLOW"


async def test_more_of_it_keeps_it_there_for_longer_and_never_for_less(world: World) -> None:
    """Since when stays; what was seen last is told."""
    own = _with(world)
    began = own.clock.now
    await _saw(own)
    own.clock.now += 600
    await _saw(own, count=90)
    late = await _saw(own, count=7, at=began - 60)  # told of late: it was before
    assert late is not None
    assert (late.since, late.until, late.evidence.count) == (began, began + 2400, 90)
    shorter = load_text((OPEN + WATCHES).replace('"30m"', '"1m"'), own.policy.source)
    what = replace(late.evidence, count=91, at=own.clock.now)
    kept = await keep(own.store, shorter, shorter.watches[0], what, own.clock.now)
    assert kept is not None
    assert (kept.until, kept.evidence.count) == (began + 2400, 91)
    assert await every(own.store, "office", own.clock.now) == [kept]


async def test_of_two_who_hear_of_it_at_one_moment_neither_is_lost(world: World) -> None:
    """Whoever comes second sees the other's, and begins anew."""
    own = _with(world)
    began, shaky = own.clock.now, ShakyStore(own.store)

    async def meanwhile() -> None:
        shaky.before.clear()
        await _saw(own, count=90, at=began + 1)

    shaky.before["put_record"] = meanwhile
    held = await _saw(replace(own, ports=replace(own.ports, store=shaky.store)))
    assert held is not None
    assert held.evidence.count == 90
    assert shaky.asked == ["record", "put_record", "record", "put_record"]
    assert await every(own.store, "office", began) == [held]


@pytest.mark.parametrize(
    "account", ["carrier", "", "101/x", "101\r\nx", "1" * 81, "guessed/101", "../101"]
)
async def test_of_who_is_no_phone_of_the_site_nothing_is_held(world: World, account: str) -> None:
    """Whoever tries accounts that there are not makes no records."""
    own = _with(world)
    assert await _saw(own, account=account) is None
    assert await every(own.store, "office", own.clock.now) == []


async def test_what_only_tells_holds_nothing(world: World) -> None:
    """There is no record that no call asks for."""
    own = _with(world)
    assert await _saw(own, "heard") is None


async def test_all_that_was_seen_is_read_as_it_was_written(world: World) -> None:
    """But for what no honest sender writes: that is cut off."""
    own = _with(world)
    held = await _saw(own, proven=False, so_far="DE", addresses=3, address="x" * 999)
    assert held is not None
    (there,) = await every(own.store, "office", own.clock.now)
    assert there == held
    assert there.evidence == replace(held.evidence, address="x" * evidence.TEXT_MOST)
    assert (there.evidence.sign, there.evidence.per) == (Sign.SUCCESS_AFTER_GUESSING, Per.ACCOUNT)


async def test_a_store_that_is_away_says_so(world: World) -> None:
    """Whoever keeps it tries again."""
    own = _with(world)
    shaky = ShakyStore(own.store)
    shaky.away = True
    with pytest.raises(StoreError):
        await _saw(replace(own, ports=replace(own.ports, store=shaky.store)))


async def test_more_than_a_page_is_listed_by_extension(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order of the extensions, then of the watches."""
    monkeypatch.setattr(evidence, "PAGE", 2)
    own = _with(world)
    for account in ("103", "101", "102"):
        await _saw(own, account=account)
        await _saw(own, "moved", account=account)
    found = await every(own.store, "office", own.clock.now)
    assert [(each.extension, each.watch) for each in found] == [
        (extension, watch) for extension in ("101", "102", "103") for watch in ("guessed", "moved")
    ]


async def test_what_is_lifted_is_held_no_more(world: World) -> None:
    """One of it, or all; of another extension nothing is."""
    own = _with(world)
    now = own.clock.now
    for account in ("101", "102"):
        await _saw(own, account=account)
        await _saw(own, "moved", account=account)
    lifted = await lift(own.store, "office", "101", "moved", now)
    assert lifted is not None
    assert (lifted.watch, lifted.extension) == ("moved", "101")
    assert await lift(own.store, "office", "101", "moved", now) is None
    assert await lift_all(own.store, "office", "101", "moved", now) == []
    found = await lift_all(own.store, "office", "101", "", now)
    assert [each.watch for each in found] == ["guessed"]
    assert _said(await _ask(own, ABROAD))[0] == "ALLOW"
    found = await every(own.store, "office", now)
    assert [each.extension for each in found] == ["102", "102"]


async def test_what_a_watch_saw_that_the_policy_has_no_more_holds_nothing(world: World) -> None:
    """It stands in the list until it is over."""
    own = _with(world)
    await _saw(own)
    bare = _with(world, OPEN)
    assert _said(await _ask(bare, ABROAD))[0] == "ALLOW"
    assert len(await every(own.store, "office", own.clock.now)) == 1
