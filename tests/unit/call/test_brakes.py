"""The brake: what puts it on, how far it goes, what it does to calls, and how it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from fastagi.call import brakes
from fastagi.call.asked import DIALLED, REMEMBERED_S
from fastagi.call.channel import Variable
from fastagi.call.flow import Gate
from fastagi.call.overrides import every as overrides_left
from fastagi.call.overrides import give
from fastagi.errors import StoreError
from fastagi.policy.loading import load_text
from fastagi.policy.model import Factor, Stage
from fastagi.stores.records import Record
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
    from collections.abc import Sequence
    from pathlib import Path

    from fastagi.policy.model import Policy

HONEYPOT = "900390698765432"
INSIDE = "102"

OPEN = POLICY.replace('then = "pin+totp"\nremember = "30m"', 'then = "allow"')

TRAP = """
[[rule]]
name = "trap"
to = ["prefix:+390698765"]
then = "deny"
brake = true
"""
BURST = """
[[limit]]
name = "burst"
per = "extension"
to = ["international"]
attempts = 1
within = "10m"
then = "brake"
"""
TERMS = '\n[brake]\nfor = "30m"\nthen = "{then}"\n'


def _with(world: World, *parts: str, then: str = "deny", to: str = "") -> World:
    """Return the same world under another policy: abroad is open to all, but for a brake."""
    rules = OPEN.replace("[[rule]]\nname", f"{TRAP}\n[[rule]]\nname", 1)
    text = rules + "".join(parts) + TERMS.format(then=then) + (f"to = {to}\n" if to else "")
    policies = OnePolicy(load_text(text, world.policy.source))
    ports = replace(world.ports, policies=policies)
    return replace(world, ports=ports, gate=Gate(ports))


async def _ask(world: World, dialled: str, *acts: Act, **arguments: str) -> ScriptedChannel:
    channel = ScriptedChannel(acts)
    await world.gate.answer(question(dialled, **arguments), channel)
    return channel


def _said(channel: ScriptedChannel) -> tuple[str, str, str]:
    told = channel.told
    return told[Variable.VERDICT], told[Variable.RULE], told[Variable.REASON]


async def _on(world: World) -> list[str]:
    found = await brakes.every(world.store, "office", world.clock.now)
    return [brakes.key_of(each.stage, each.name) for each in found]


# ----------------------------------------------------------------------------- by a rule


async def test_a_trap_puts_the_brake_on_and_denies(world: World) -> None:
    """One record, with what was braked; the service's log has it with who, why and until when."""
    own = _with(world)
    with capture_logs() as logs:
        channel = await _ask(own, HONEYPOT)
    assert _said(channel) == ("DENY", "trap", "rule")
    assert [each.brakes for each in own.log.records] == [((Stage.EXTENSION, "101"),)]
    (told,) = [each for each in logs if each["event"] == "brake-on"]
    assert (told["stage"], told["name"], told["cause"]) == ("extension", "101", "trap")
    assert told["until"] == own.clock.now + 1800
    assert told["reference"] == own.log.records[0].reference


async def test_what_it_touches_is_denied_then_and_nothing_else(world: World) -> None:
    """Abroad, of that extension; not its calls at home or inside, nor those of others."""
    own = _with(world)
    assert _said(await _ask(own, ABROAD, call="1.0"))[0] == "ALLOW"
    await _ask(own, HONEYPOT, call="1.1")
    assert _said(await _ask(own, ABROAD, call="1.2")) == ("DENY", "brake", "braked")
    assert _said(await _ask(own, NATIONAL, call="1.3")) == ("ALLOW", "at-home", "allowed")
    assert _said(await _ask(own, INSIDE, call="1.4"))[0] == "ALLOW"
    assert _said(await _ask(own, "999", call="1.5"))[2] == "emergency"
    assert _said(await _ask(own, ABROAD, call="1.6", endpoint="102"))[0] == "ALLOW"


async def test_it_costs_no_step_more(world: World) -> None:
    """Neither where nothing is braked, nor where a brake denies: no override would help."""
    own = _with(world)
    await _ask(own, ABROAD, call="1.0")
    shaky = ShakyStore(own.store)
    gate = Gate(replace(own.ports, store=shaky.store))
    await gate.answer(question(ABROAD, call="1.1"), ScriptedChannel())
    assert shaky.asked == ["known"]
    await _ask(own, HONEYPOT, call="1.2")
    shaky.asked.clear()
    channel = ScriptedChannel()
    await gate.answer(question(ABROAD, call="1.3"), channel)
    assert channel.told[Variable.REASON] == "braked"
    assert shaky.asked == ["known"]


async def test_an_override_does_not_lift_it_and_is_not_used(world: World) -> None:
    """Nor does it let the trap be dialled without springing; that it does where it is for it."""
    own = _with(world)
    await give(own.store, "office", "101", "+390612", 2, 3600, "ann", "", own.clock.now)
    await _ask(own, HONEYPOT, call="1.1")
    assert _said(await _ask(own, ABROAD, call="1.2"))[2] == "braked"
    (left,) = await overrides_left(own.store, "office", own.clock.now)
    assert left.uses == 2


async def test_an_override_for_the_trap_itself_springs_nothing(world: World) -> None:
    """An operator tries where it leads."""
    own = _with(world)
    await give(own.store, "office", "101", "+390698765432", 1, 3600, "ann", "", own.clock.now)
    assert _said(await _ask(own, HONEYPOT)) == ("ALLOW", "trap", "overridden")
    assert await _on(own) == []


async def test_it_is_over_after_its_time_and_each_hit_begins_that_anew(world: World) -> None:
    """Since when it is on stays."""
    own = _with(world)
    began = own.clock.now
    await _ask(own, HONEYPOT, call="1.1")
    own.clock.now += 1200
    await _ask(own, HONEYPOT, call="1.2")
    (brake,) = await brakes.every(own.store, "office", own.clock.now)
    assert (brake.since, brake.until) == (began, began + 3000)
    own.clock.now = began + 2999
    assert _said(await _ask(own, ABROAD, call="1.3"))[2] == "braked"
    own.clock.now = began + 3000
    assert _said(await _ask(own, ABROAD, call="1.4"))[0] == "ALLOW"


async def test_a_call_that_is_denied_by_the_brake_hits_nothing(world: World) -> None:
    """Else a phone that tries again and again would never be free."""
    own = _with(world, BURST)
    await _ask(own, HONEYPOT, call="1.1")
    (before,) = await brakes.every(own.store, "office", own.clock.now)
    own.clock.now += 60
    for n in range(5):
        await _ask(own, ABROAD, call=f"2.{n}")
    assert await brakes.every(own.store, "office", own.clock.now) == [before]


async def test_a_lifted_one_is_off(world: World) -> None:
    """At once; twice there is none."""
    own = _with(world)
    await _ask(own, HONEYPOT, call="1.1")
    now = own.clock.now
    lifted = await brakes.lift(own.store, "office", Stage.EXTENSION, "101", now)
    assert lifted is not None
    assert await brakes.lift(own.store, "office", Stage.EXTENSION, "101", now) is None
    assert _said(await _ask(own, ABROAD, call="1.2"))[0] == "ALLOW"


# ----------------------------------------------------------------------------- by a limit


async def test_a_call_over_a_limit_puts_it_on_and_is_denied_itself(world: World) -> None:
    """It holds no slot then; one record says that it was braked, and no shadow limit was full."""
    own = _with(world, BURST)
    assert _said(await _ask(own, ABROAD, call="1.1", endpoint="102"))[0] == "ALLOW"
    held = await own.slots()
    channel = await _ask(own, ABROAD, call="1.2", endpoint="102")
    assert _said(channel) == ("DENY", "brake", "braked")
    assert await own.slots() == held
    last = own.log.records[-1]
    assert (last.brakes, last.over) == (((Stage.EXTENSION, "102"),), ())
    (brake,) = await brakes.every(own.store, "office", own.clock.now)
    assert (brake.cause, brake.call, brake.reference) == ("burst", "1.2", last.reference)


async def test_a_call_over_a_limit_that_no_brake_touches_goes_on(world: World) -> None:
    """It keeps what it holds; its next one abroad is denied."""
    own = _with(world, BURST.replace('["international"]', '["national"]'))
    await _ask(own, NATIONAL, call="3.0", endpoint="103")
    held = await own.slots()
    assert _said(await _ask(own, NATIONAL, call="3.1", endpoint="103"))[0] == "ALLOW"
    assert await own.slots() == held + 1
    assert await _on(own) == ["extension/103"]
    assert _said(await _ask(own, ABROAD, call="3.2", endpoint="103"))[2] == "braked"


async def test_a_brake_may_ask_for_a_pin_besides(world: World) -> None:
    """Who keys it is let through, then and while it is on; and hits nothing by that."""
    own = _with(world, BURST, then="pin")
    await _ask(own, ABROAD, call="1.1")
    channel = await _ask(own, ABROAD, f"{PIN}#", call="1.2")
    assert _said(channel) == ("ALLOW", "abroad", "allowed")
    last = own.log.records[-1]
    assert (list(last.asked), set(last.shown)) == ([Factor.PIN], {Factor.PIN})
    (before,) = await brakes.every(own.store, "office", own.clock.now)
    own.clock.now += 60
    await own.store.release("office", "1.2", None, None, own.clock.now)
    assert _said(await _ask(own, ABROAD, f"{PIN}#", call="1.3"))[0] == "ALLOW"
    assert await brakes.every(own.store, "office", own.clock.now) == [before]
    assert _said(await _ask(own, ABROAD, "0000#", "0000#", "0000#", call="1.4")) == (
        *("DENY", "abroad", "wrong-code"),
    )


async def test_the_call_that_puts_it_on_is_denied_with_a_wrong_pin(world: World) -> None:
    """And holds nothing."""
    own = _with(world, BURST, then="pin")
    await _ask(own, ABROAD, call="1.0")
    held = await own.slots()
    channel = await _ask(own, ABROAD, "0000#", "0000#", "0000#", call="1.1")
    assert _said(channel) == ("DENY", "abroad", "wrong-code")
    assert await own.slots() == held


async def test_it_asks_in_addition_to_the_rule(world: World) -> None:
    """A rule asks for a PIN, the brake that the call puts on for a code: each is keyed once."""
    limit = BURST.replace('"international"', '"mobile"')
    own = _with(world, limit, then="totp", to='["mobile"]')
    await _ask(own, MOBILE, f"{PIN}#", call="1.0")
    channel = await _ask(own, MOBILE, f"{PIN}#", f"{own.code()}#", call="1.1")
    assert _said(channel) == ("ALLOW", "new-mobile", "allowed")
    last = own.log.records[-1]
    assert list(last.asked) == [Factor.PIN, Factor.TOTP]
    assert last.shown == set(Factor)
    own.clock.now += 30
    channel = await _ask(own, MOBILE, f"{PIN}#", f"{own.code()}#", call="1.2")
    assert _said(channel)[0] == "DENY"  # two calls at a time are all that 101 may have
    assert own.log.records[-1].asked == ("pin", "totp")


async def test_who_is_not_enrolled_is_denied(world: World) -> None:
    """Nothing can be shown."""
    own = _with(world, then="pin")
    await _ask(own, HONEYPOT, call="1.1", endpoint="102")
    assert _said(await _ask(own, ABROAD, call="1.2", endpoint="102"))[2] == "not-enrolled"


# ----------------------------------------------------------------------------- how far it goes


@pytest.mark.parametrize(
    ("hits", "on"),
    [
        (("101",), ["extension/101"]),
        (("101", "101"), ["extension/101"]),
        (("101", "201"), ["extension/101", "extension/201"]),
        (("101", "102"), ["class/staff", "extension/101", "extension/102"]),
        (
            ("101", "102", "201"),
            ["site/", "class/staff", "extension/101", "extension/102", "extension/201"],
        ),
        (
            ("201", "101", "102"),
            ["site/", "class/staff", "extension/101", "extension/102", "extension/201"],
        ),
    ],
)
async def test_it_goes_from_extension_to_class_to_site(
    world: World, hits: Sequence[str], on: list[str]
) -> None:
    """Another of the class: the class; another class beside it: the site."""
    own = _with(world)
    for n, extension in enumerate(hits):
        await _ask(own, HONEYPOT, call=f"1.{n}", endpoint=extension)
    assert await _on(own) == on


async def test_a_braked_class_is_braked_as_a_whole_and_no_other(world: World) -> None:
    """Of extensions that did nothing, too; all of the site, once that is."""
    own = _with(world)
    for extension in ("101", "102"):
        await _ask(own, HONEYPOT, call=f"1.{extension}", endpoint=extension)
    assert _said(await _ask(own, ABROAD, call="2.1", endpoint="103"))[2] == "braked"
    assert _said(await _ask(own, ABROAD, call="2.2", endpoint="201"))[0] == "ALLOW"
    await _ask(own, HONEYPOT, call="1.201", endpoint="201")
    assert _said(await _ask(own, ABROAD, call="2.3", endpoint="202"))[2] == "braked"


async def test_what_is_over_leads_to_nothing(world: World) -> None:
    """A class is braked where another of it is at that moment, not where one was."""
    own = _with(world)
    await _ask(own, HONEYPOT, call="1.1", endpoint="101")
    own.clock.now += 1800
    await _ask(own, HONEYPOT, call="1.2", endpoint="102")
    assert await _on(own) == ["extension/102"]


# ----------------------------------------------------------------------------- trouble


async def test_a_store_that_goes_away_costs_the_brake_and_not_the_denial(world: World) -> None:
    """It is told; a call that a limit was too small for is denied, and holds nothing."""
    own = _with(world, BURST)
    await _ask(own, ABROAD, call="1.0")
    held = await own.slots()
    shaky = ShakyStore(own.store)

    async def fails() -> None:
        raise StoreError("away")

    shaky.before["put_record"] = fails
    gate = Gate(replace(own.ports, store=shaky.store))
    for dialled, said in (
        (ABROAD, ("DENY", "burst", "store-down")),
        (HONEYPOT, ("DENY", "trap", "rule")),
    ):
        channel = ScriptedChannel()
        with capture_logs() as logs:
            await gate.answer(question(dialled, call="1.1"), channel)
        assert _said(channel) == said
        assert [each["event"] for each in logs if each["log_level"] == "error"] == [
            "brake-not-put-on"
        ]
    assert await own.slots() == held


async def test_without_the_store_a_call_passes_only_if_no_brake_would_touch_it(
    outage: Outage,
) -> None:
    """Whether one is on nobody knows then."""
    policy = outage.policy
    text = OPEN.replace(
        'to = ["national"]\nthen = "allow"',
        'to = ["national", "mobile"]\nthen = "allow"\nwithout_store = "allow"',
    ).replace('to = ["mobile"]\nthen = "pin"', 'to = ["voip"]\nthen = "pin"')
    text += '\n[brake]\nto = ["mobile"]\n'
    ports = replace(outage.ports, policies=OnePolicy(load_text(text, policy.source)))
    own = replace(outage, ports=ports, gate=Gate(ports))
    outage.shaky.away = True
    assert _said(await _ask(own, NATIONAL, call="1.1"))[0] == "ALLOW"
    assert _said(await _ask(own, MOBILE, call="1.2"))[2] == "store-down"


async def test_a_brake_that_is_put_on_while_a_call_takes_its_slots_stops_it(world: World) -> None:
    """It was judged before, and looks again once it holds them; it holds nothing then."""
    own = _with(world)
    shaky, now = ShakyStore(own.store), own.clock.now

    async def meanwhile() -> None:
        await brakes.by_hand(own.store, own.policy, Stage.SITE, "", 600, "ann", "", now)

    shaky.before["take"] = meanwhile
    gate = Gate(replace(own.ports, store=shaky.store))
    channel = ScriptedChannel()
    await gate.answer(question(ABROAD, call="1.1"), channel)  # a country that is new: two steps
    assert "take" in shaky.asked
    assert _said(channel) == ("DENY", "brake", "braked")
    assert await own.slots() == 0


async def test_what_cannot_be_given_back_is_asked_for_again(world: World) -> None:
    """The answer names no call, so that the caller's hangup handler sees to it."""
    own = _with(world, BURST)
    await _ask(own, ABROAD, call="1.0")
    shaky = ShakyStore(own.store)

    async def fails() -> None:
        raise StoreError("away")

    shaky.before["release"] = fails
    channel = ScriptedChannel()
    await Gate(replace(own.ports, store=shaky.store)).answer(question(ABROAD, call="1.1"), channel)
    assert _said(channel)[::2] == ("DENY", "store-down")
    assert channel.told[Variable.CALL] == ""


# ----------------------------------------------------------------------------- given back

FRANCE = "90033142614701"
FRANCE_OF_SITE, FRANCE_OF_101 = "site//country/FR", "extension/101/number/+33142614701"
NEW = """
[hours]
night = ["Mon-Sun 22:00-06:00"]

[[rule]]
name = "new"
to = ["{}"]
{}
then = "{}"

"""


async def _marked(world: World, key: str) -> float | None:
    """Return until when a mark lasts; None where there is none."""
    found = await world.store.record("office", DIALLED, key, world.clock.now)
    return None if found is None else found.until


async def _mark(world: World, key: str, until: float) -> None:
    now = world.clock.now
    assert await world.store.put_record("office", DIALLED, Record(key, "", until), None, now)


def _with_new(
    world: World,
    novelty: str,
    *,
    when: str = "",
    new: str = "totp",
    abroad: str = "allow",
    then: str = "pin",
) -> World:
    """Return the world where what is new abroad is asked for, and the second call there brakes."""
    rules = OPEN.replace(
        '["international"]\nthen = "allow"', f'["international"]\nthen = "{abroad}"'
    )
    rules = rules.replace("[[rule]]", NEW.format(novelty, when, new) + "[[rule]]", 1)
    policies = OnePolicy(load_text(rules + BURST + TERMS.format(then=then), world.policy.source))
    ports = replace(world.ports, policies=policies)
    return replace(world, ports=ports, gate=Gate(ports))


async def test_what_the_site_knew_it_knows_when_a_call_is_given_back(world: World) -> None:
    """The PIN of the brake is all that is asked for; neither it nor the next needs more."""
    own = _with_new(world, "first-time-country-of-site")
    await _mark(own, "site//country/IT", own.clock.now + 99)
    await _mark(own, FRANCE_OF_SITE, own.clock.now + 99)
    assert _said(await _ask(own, ABROAD, call="1.0")) == ("ALLOW", "abroad", "allowed")
    channel = await _ask(own, FRANCE, f"{PIN}#", call="1.1")
    assert _said(channel) == ("ALLOW", "abroad", "allowed")
    assert own.log.records[-1].brakes == ((Stage.EXTENSION, "101"),)
    assert await _marked(own, FRANCE_OF_SITE) == own.clock.now + REMEMBERED_S


@pytest.mark.parametrize("then", ["pin", "deny"])
async def test_a_mark_lasts_no_longer_for_a_call_that_is_given_back(
    world: World, then: str
) -> None:
    """As long as it did before: nobody keeps a country known by calls that are refused."""
    own = _with_new(world, "first-time-country-of-site", then=then)
    until = own.clock.now + 99
    await _mark(own, "site//country/IT", until)
    await _mark(own, FRANCE_OF_SITE, until)
    await _ask(own, ABROAD, call="1.0")
    assert _said(await _ask(own, FRANCE, "1234#", "1234#", "1234#", call="1.1"))[0] == "DENY"
    assert await _marked(own, FRANCE_OF_SITE) == until


async def test_a_call_that_is_given_back_leaves_no_mark(world: World) -> None:
    """What it was the first to call is as new to the next one."""
    own = _with_new(world, "first-time-country-of-site", then="deny")
    await _mark(own, "site//country/IT", own.clock.now + 99)
    await _ask(own, ABROAD, call="1.0")
    channel = await _ask(own, FRANCE, f"{own.code()}#", call="1.1")
    assert _said(channel) == ("DENY", "brake", "braked")
    assert await _marked(own, FRANCE_OF_SITE) is None


async def test_a_mark_that_was_not_looked_at_is_not_taken_for_another_calls(world: World) -> None:
    """Of what is asked for by night only nobody knows by day whether it was there."""
    own = _with_new(world, "first-time-number", when='when = "night"', then="deny")
    await _mark(own, FRANCE_OF_101, own.clock.now + 99)
    await _ask(own, ABROAD, call="1.0")
    assert _said(await _ask(own, FRANCE, call="1.1")) == ("DENY", "brake", "braked")
    assert await _marked(own, FRANCE_OF_101) is None


@pytest.mark.parametrize("novelty", ["first-time-country", "first-time-country-of-site"])
async def test_what_was_new_of_a_call_is_new_still_when_it_is_given_back(
    world: World, novelty: str
) -> None:
    """The rule for what is new lets it through, and is on record as the one that does."""
    own = _with_new(world, novelty)
    if novelty == "first-time-country-of-site":
        await _mark(own, "site//country/IT", own.clock.now + 99)
        await _ask(own, ABROAD, call="1.0")
    else:
        await _ask(own, ABROAD, f"{own.code()}#", call="1.0")
        own.clock.now += 30
    channel = await _ask(own, FRANCE, f"{own.code()}#", f"{PIN}#", call="1.1")
    assert _said(channel) == ("ALLOW", "new", "allowed")
    assert own.log.records[-1].asked == (Factor.TOTP, Factor.PIN)


async def test_a_mark_that_went_while_a_code_was_keyed_is_not_put_back(world: World) -> None:
    """The call that had left it was given back itself: two of them leave as little as one."""
    novelty = "first-time-country-of-site"
    own = _with_new(world, novelty, new="pin", abroad="pin", then="totp")
    shaky = ShakyStore(own.store)
    gate = Gate(replace(own.ports, store=shaky.store))
    await _mark(own, FRANCE_OF_SITE, own.clock.now + 99)
    await gate.answer(question(ABROAD, call="1.0"), ScriptedChannel([f"{PIN}#"]))

    async def meanwhile() -> None:
        await own.store.take_record("office", DIALLED, FRANCE_OF_SITE, own.clock.now)

    shaky.before["remember"] = meanwhile
    channel = ScriptedChannel([f"{PIN}#", "000000#", "000000#", "000000#"])
    await gate.answer(question(FRANCE, call="1.1"), channel)
    assert _said(channel)[2] == "wrong-code"
    assert own.log.records[-1].brakes == ((Stage.EXTENSION, "101"),)
    assert await _marked(own, FRANCE_OF_SITE) is None


# ----------------------------------------------------------------------------- the next trunk


async def test_a_braked_call_does_not_go_on_to_its_next_trunk(world: World) -> None:
    """Nobody talks yet."""
    own = _with(world)
    assert _said(await _ask(own, ABROAD, call="1.1", trunk="one"))[0] == "ALLOW"
    await _ask(own, HONEYPOT, call="1.2")
    assert _said(await _ask(own, ABROAD, call="1.1", trunk="two"))[2] == "braked"


async def test_a_next_trunk_over_a_limit_is_denied_as_well(world: World) -> None:
    """What it holds its hangup handler gives back."""
    by_trunk = BURST.replace('per = "extension"', 'per = "trunk"')
    own = _with(world, by_trunk)
    await _ask(own, ABROAD, call="1.0", endpoint="102", trunk="two")
    assert _said(await _ask(own, ABROAD, call="1.1", trunk="one"))[0] == "ALLOW"
    held = await own.slots()
    assert _said(await _ask(own, ABROAD, call="1.1", trunk="two")) == ("DENY", "brake", "braked")
    assert await own.slots() == held
    assert await _on(own) == ["extension/101"]


async def test_a_code_that_the_brake_asks_for_is_no_way_round_the_next_trunks_slots(
    world: World,
) -> None:
    """Nobody is asked on the way; but what the next trunk has no room for does not go there."""
    one_each = '\n[[limit]]\nname = "a-trunk"\nper = "trunk"\ncalls = 1\n'
    own, now = _with(world, one_each, then="pin"), world.clock.now
    await _ask(own, ABROAD, call="1.0", endpoint="102", trunk="two")
    assert _said(await _ask(own, ABROAD, call="1.1", trunk="one"))[0] == "ALLOW"
    await brakes.by_hand(own.store, own.policy, Stage.SITE, "", 600, "ann", "", now)
    assert _said(await _ask(own, ABROAD, call="1.1", trunk="two")) == (
        *("DENY", "a-trunk", "limit-reached"),
    )


# ----------------------------------------------------------------------------- by hand


def _policy(tmp_path: Path, more: str = "\n[brake]\n") -> Policy:
    return load_text(POLICY + more, tmp_path / "office.toml")


@pytest.mark.parametrize(
    ("stage", "name", "for_s", "why", "wrong"),
    [
        (Stage.EXTENSION, "999", 60, "", "is in no class, and no inside number"),
        (Stage.EXTENSION, "10/1", 60, "", "is in no class, and no inside number"),
        (Stage.CLASS, "sales", 60, "", "there is no class 'sales'; there is staff, lobby"),
        (Stage.SITE, "office", 60, "", "leave the name out"),
        (Stage.SITE, "", 0, "", "30 days at most"),
        (Stage.SITE, "", 31 * 86_400, "", "30 days at most"),
        (Stage.SITE, "", 60, "a\nb", "in one line"),
        (Stage.SITE, "", 60, "x" * 201, "up to 200 characters"),
    ],
)
def test_what_cannot_be_braked_by_hand(
    tmp_path: Path, stage: Stage, name: str, for_s: int, why: str, wrong: str
) -> None:
    """It says what can."""
    with pytest.raises(ValueError, match=wrong):
        brakes.check(_policy(tmp_path), stage, name, for_s, why)


def test_a_policy_without_a_brake_has_none_to_be_put_on(tmp_path: Path) -> None:
    """Nobody would look for it."""
    with pytest.raises(ValueError, match=r"speaks of a brake; write `\[brake\]`"):
        brakes.check(_policy(tmp_path, ""), Stage.SITE, "", 60, "")


@pytest.mark.parametrize(
    ("stage", "name"), [(Stage.EXTENSION, "101"), (Stage.CLASS, "staff"), (Stage.SITE, "")]
)
async def test_one_by_hand_is_just_that_one(world: World, stage: Stage, name: str) -> None:
    """It denies as any other; what is longer on already stays so."""
    own, now = _with(world), world.clock.now
    for for_s in (600, 60):
        on = await brakes.by_hand(
            own.store, own.policy, stage, name, for_s, "ann", "holidays", now
        )
    assert (on.until, on.by, on.why) == (now + 600, "ann", "holidays")
    assert await _on(own) == [brakes.key_of(stage, name)]
    assert _said(await _ask(own, ABROAD))[2] == "braked"


@pytest.mark.parametrize(
    ("stage", "name"), [(Stage.CLASS, "lobby"), (Stage.EXTENSION, "102"), (Stage.CLASS, "staff")]
)
async def test_one_by_hand_is_no_first_step_for_a_thief(
    world: World, stage: Stage, name: str
) -> None:
    """One hit beside it brakes the extension that made it, and nobody else."""
    own, now = _with(world), world.clock.now
    await brakes.by_hand(own.store, own.policy, stage, name, 600, "ann", "", now)
    await _ask(own, HONEYPOT, call="1.1")
    assert set(await _on(own)) == {brakes.key_of(stage, name), "extension/101"}


async def test_a_hit_takes_the_operators_word_from_none(world: World) -> None:
    """It says besides what was hit; and counts as one from then on."""
    own, now = _with(world), world.clock.now
    await brakes.by_hand(own.store, own.policy, Stage.EXTENSION, "101", 60, "ann", "odd", now)
    await _ask(own, HONEYPOT, call="1.1")
    (brake,) = await brakes.every(own.store, "office", now)
    assert (brake.by, brake.why, brake.cause, brake.call) == ("ann", "odd", "trap", "1.1")
    await brakes.by_hand(own.store, own.policy, Stage.EXTENSION, "101", 60, "bob", "still", now)
    (brake,) = await brakes.every(own.store, "office", now)
    assert (brake.by, brake.cause) == ("bob", "trap")
    await _ask(own, HONEYPOT, call="1.2", endpoint="102")
    assert "class/staff" in await _on(own)


async def test_whoever_rings_a_phone_that_forwards_itself_brakes_no_other(world: World) -> None:
    """Anybody can, from outside; a hit of the phone's own counts as ever after that."""
    own = _with(world)
    for n, phone in enumerate(("101", "102", "201")):
        await _ask(own, HONEYPOT, call=f"1.{n}", endpoint="", forwarder=f"PJSIP/{phone}-00000003")
    assert await _on(own) == ["extension/101", "extension/102", "extension/201"]
    await _ask(own, HONEYPOT, call="2.1", endpoint="101")
    await _ask(own, HONEYPOT, call="2.2", endpoint="102")
    assert "class/staff" in await _on(own)


async def test_many_are_read_page_by_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The widest first."""
    monkeypatch.setattr(brakes, "PAGE", 2)
    own, now = _with(world), world.clock.now
    for extension in ("103", "101", "102"):
        await brakes.by_hand(own.store, own.policy, Stage.EXTENSION, extension, 60, "a", "", now)
    await brakes.by_hand(own.store, own.policy, Stage.SITE, "", 60, "a", "", now)
    assert await _on(own) == ["site/", "extension/101", "extension/102", "extension/103"]


def test_what_is_braked_is_said_in_words() -> None:
    """Also of those that are in no class."""
    assert brakes.in_words(Stage.EXTENSION, "101") == "extension 101"
    assert brakes.in_words(Stage.CLASS, "staff") == "class staff"
    assert brakes.in_words(Stage.CLASS, "") == "the extensions in no class"
    assert brakes.in_words(Stage.SITE, "") == "the site"


async def test_of_two_who_put_one_on_at_a_moment_both_are_done(world: World) -> None:
    """Whoever finds another's there keeps it on for as long as the later one says."""
    own, now = _with(world), world.clock.now
    shaky = ShakyStore(own.store)
    twice = [600, 60]

    async def meanwhile() -> None:
        if len(twice) == 1:
            return
        twice.pop()
        await brakes.by_hand(own.store, own.policy, Stage.SITE, "", 600, "bob", "", now)

    shaky.after["record"] = meanwhile
    on = await brakes.by_hand(shaky.store, own.policy, Stage.SITE, "", 60, "ann", "", now)
    assert (on.by, on.until) == ("ann", now + 600)
    assert shaky.asked == ["record", "put_record", "record", "put_record"]
