"""A policy in shadow judges as it would if it were in force, and counts apart."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
import structlog

from fastagi.call.channel import Argument, Variable
from fastagi.call.ending import Story
from fastagi.call.flow import Gate
from fastagi.call.identify import identify
from fastagi.call.ports import Reports
from fastagi.policy.loading import load_text
from fastagi.policy.model import Reason, Verdict
from fastagi.shadows.differences import Difference, Kind
from fastagi.shadows.judging import Heard
from tests.doubles.scripted_channel import Does, ScriptedChannel
from tests.unit.call.conftest import (
    ABROAD,
    MOBILE,
    NATIONAL,
    NOTHING,
    PIN,
    SATELLITE,
    OnePolicy,
    question,
)
from tests.unit.shadows.conftest import changed

if TYPE_CHECKING:
    from fastagi.policy.model import Policy
    from tests.doubles.scripted_channel import Act
    from tests.unit.shadows.conftest import Shadowed

AT_HOME = 'name = "at-home"\nto = ["national"]\nthen = "allow"'


def _only(shadowed: Shadowed) -> Difference:
    (difference,) = shadowed.entries.differences
    return difference


@pytest.mark.parametrize("dialled", [NATIONAL, ABROAD, SATELLITE, MOBILE, NOTHING, "102", "112"])
async def test_the_same_policy_differs_in_nothing(shadowed: Shadowed, dialled: str) -> None:
    """Whatever is dialled, and however often."""
    for _ in range(4):
        await shadowed.dial(dialled, f"{PIN}#", f"{shadowed.code()}#")
        shadowed.clock.now += 60
    assert shadowed.entries.differences == []


async def test_what_it_would_refuse_is_let_through_all_the_same(shadowed: Shadowed) -> None:
    """And goes on record with what was decided; it holds nothing in shadow."""
    shadowed.beside(changed((AT_HOME, AT_HOME.replace("allow", "deny"))))
    channel = await shadowed.dial(NATIONAL)
    assert channel.told[Variable.VERDICT] == "ALLOW"
    found = _only(shadowed)
    assert (found.kind, found.record.verdict, found.record.rule) == (
        Kind.REFUSED,
        Verdict.DENY,
        "at-home",
    )
    assert (found.record.site, found.live.reference) == ("office", found.record.reference)
    assert await shadowed.held() == []
    assert await shadowed.slots() == 1


async def test_what_it_would_let_through_is_refused_all_the_same(shadowed: Shadowed) -> None:
    """Nobody talks, so it holds nothing in shadow either, and leaves no mark."""
    shadowed.beside(
        changed(('to = ["satellite"]\nthen = "deny"', 'to = ["satellite"]\nthen = "allow"'))
    )
    channel = await shadowed.dial(SATELLITE)
    assert channel.told[Variable.VERDICT] == "DENY"
    assert _only(shadowed).kind is Kind.LET_THROUGH
    assert await shadowed.held() == []


async def test_its_slots_are_its_own(shadowed: Shadowed) -> None:
    """Two calls fit the policy in force, one the shadow; a release goes to both."""
    shadowed.beside(changed(("calls = 2", "calls = 1")))
    await shadowed.dial(NATIONAL)
    await shadowed.dial(NATIONAL)
    found = _only(shadowed)
    assert (found.record.reason, found.record.rule) == (Reason.LIMIT_REACHED, "two-at-a-time")
    assert await shadowed.slots() == 2
    await shadowed.ports.store.release("office", "1732412345.1", None, "127.0.0.1", 0.0, 5)
    await shadowed.judge()
    assert await shadowed.held() == []
    await shadowed.dial(NATIONAL)
    assert len(shadowed.entries.differences) == 1


async def test_who_showed_a_pin_is_taken_to_show_what_the_shadow_asks(shadowed: Shadowed) -> None:
    """Also the code that nobody asked for; the call holds its slot in shadow."""
    shadowed.beside(changed((AT_HOME, AT_HOME.replace("allow", "pin"))))
    await shadowed.dial(NATIONAL)
    assert _only(shadowed).kind is Kind.ASKED
    assert await shadowed.held() == ["+442079460000"]


async def test_who_could_not_show_it_cannot_in_shadow(shadowed: Shadowed) -> None:
    """A thief without the PIN is let through by neither."""
    shadowed.beside(changed(('name = "abroad"', 'name = "elsewhere"')))
    await shadowed.dial(ABROAD, Does.NOTHING)
    found = _only(shadowed)
    assert (found.kind, found.record.reason) == (Kind.OTHER, Reason.NO_DIGITS)


async def test_who_is_spared_a_code(shadowed: Shadowed) -> None:
    """It was asked for, and shown."""
    shadowed.beside(changed(('to = ["mobile"]\nthen = "pin"', 'to = ["mobile"]\nthen = "allow"')))
    await shadowed.dial(MOBILE, f"{PIN}#")
    assert _only(shadowed).kind is Kind.SPARED


async def test_less_time_and_more(shadowed: Shadowed) -> None:
    """What would end a call earlier is told."""
    for duration, kind in (("10m", Kind.SHORTENED), ("40m", Kind.LENGTHENED)):
        shadowed.beside(changed(('duration = "30m"', f'duration = "{duration}"')))
        await shadowed.dial(ABROAD, f"{PIN}#", f"{shadowed.code()}#")
        shadowed.clock.now += 60
        assert shadowed.entries.differences[-1].kind is kind


async def test_a_lockout_is_that_of_the_policy_in_force(shadowed: Shadowed) -> None:
    """Of the extension that is locked out the shadow refuses the same."""
    for _ in range(3):
        await shadowed.dial(NOTHING)
    channel = await shadowed.dial(NATIONAL)
    assert channel.told[Variable.REASON] == Reason.LOCKED_OUT
    assert shadowed.entries.differences == []


async def test_countries_that_are_known_stay_known(shadowed: Shadowed) -> None:
    """A rule on first-time countries does not take all the world for new."""
    await shadowed.dial(ABROAD, f"{PIN}#", f"{shadowed.code()}#")
    new = 'name = "new"\nto = ["first-time-country"]\nthen = "deny"'
    shadowed.beside(
        changed(('name = "no-satellites"', f'{new}\n[[rule]]\nname = "no-satellites"'))
    )
    shadowed.clock.now += 60
    await shadowed.dial(ABROAD, f"{PIN}#", f"{shadowed.code()}#")
    assert shadowed.entries.differences == []


BRAKING = """
[[limit]]
name = "one-a-number"
per = "extension"
to = ["national"]
attempts = 1
within = "1h"
then = "brake"

[brake]
to = ["national"]
"""


async def test_its_brake_is_its_own_and_wakes_nobody(shadowed: Shadowed) -> None:
    """The second call hits it, and the third is braked; the policy in force knows no brake."""
    shadowed.beside(changed(("[lockout]", f"{BRAKING}\n[lockout]")))
    with structlog.testing.capture_logs() as told:
        for _ in range(2):
            channel = await shadowed.dial(NATIONAL)
            assert channel.told[Variable.VERDICT] == "ALLOW"
    assert told == []
    found = _only(shadowed)
    assert (found.kind, found.record.reason) == (Kind.REFUSED, Reason.BRAKED)
    assert found.record.brakes != ()
    assert await shadowed.store.records("office", "brake", "", 9, shadowed.clock.now) == []
    assert len(await shadowed.held()) == 1
    await shadowed.dial(NATIONAL)
    assert shadowed.entries.differences[-1].record.reason is Reason.BRAKED


async def test_a_brake_that_asks_for_a_pin_in_shadow(shadowed: Shadowed) -> None:
    """Who hits it would have been asked, and let through."""
    asking = f'{BRAKING}then = "pin"\n\n[lockout]'
    shadowed.beside(changed(("[lockout]", asking)))
    for _ in range(2):
        await shadowed.dial(NATIONAL)
    assert _only(shadowed).kind is Kind.ASKED
    assert len(await shadowed.held()) == 2


@pytest.mark.parametrize("last", ["902079460000", "902079460001"])
async def test_a_brake_takes_back_the_marks_of_its_own_call_only(
    shadowed: Shadowed, last: str
) -> None:
    """What was known in shadow stays so for as long as it was; what was new is new still."""
    new = 'name = "new"\nto = ["first-time-number"]\nthen = "pin"\n\n[[rule]]\n'
    at_home = 'name = "at-home"'
    shadowed.beside(changed(("[lockout]", f"{BRAKING}\n[lockout]"), (at_home, new + at_home)))
    await shadowed.dial(NATIONAL)
    known = await shadowed.marks()
    assert [each.key for each in known] == ["extension/101/number/+442079460000"]
    shadowed.clock.now += 60
    await shadowed.dial(last)
    found = shadowed.entries.differences[-1]
    assert (found.record.reason, len(found.record.brakes)) == (Reason.BRAKED, 1)
    assert await shadowed.marks() == known


async def test_a_brake_takes_nothing_back_that_was_not_taken(shadowed: Shadowed) -> None:
    """A call that asks for its next trunk, and hits it there, goes on with what it holds."""
    a_trunk = BRAKING.replace('per = "extension"', 'per = "trunk"')
    shadowed.beside(changed(("[lockout]", f"{a_trunk}\n[lockout]")))
    await shadowed.dial(NATIONAL, call="5.5", **{Argument.TRUNK: "b"})
    await shadowed.dial(NATIONAL, call="6.6", **{Argument.TRUNK: "a"})
    await shadowed.dial(NATIONAL, call="6.6", **{Argument.TRUNK: "b"})
    found = _only(shadowed)
    assert found.record.reason is Reason.BRAKED
    assert len(await shadowed.held()) == 2


async def test_an_inside_call_that_is_asked_in_shadow(shadowed: Shadowed) -> None:
    """It asks the store then."""
    shadowed.beside(changed(('from = ["lobby"]', 'from = ["staff"]')))
    await shadowed.dial("102")
    assert _only(shadowed).kind is Kind.ASKED


async def test_a_rule_that_brakes_in_shadow(shadowed: Shadowed) -> None:
    """What it refuses puts the shadow's brake on."""
    satellites = 'to = ["satellite"]\nthen = "deny"'
    shadowed.beside(changed((satellites, f"{satellites}\nbrake = true")))
    await shadowed.dial(SATELLITE)
    assert await shadowed.store.records("office+shadow", "brake", "", 9, shadowed.clock.now)
    await shadowed.dial(ABROAD, f"{PIN}#", f"{shadowed.code()}#")
    assert _only(shadowed).record.reason is Reason.BRAKED


async def test_a_trap_and_an_emergency_of_the_shadow(shadowed: Shadowed) -> None:
    """Neither asks the store."""
    shadowed.beside(changed(("[lockout]", '[honeypot]\nto = ["prefix:+4420"]\n\n[lockout]')))
    await shadowed.dial(NATIONAL)
    assert _only(shadowed).record.rule == "honeypot"
    shadowed.beside(changed(('outside_prefix = "9"', 'outside_prefix = "9"\nemergency = ["901"]')))
    await shadowed.dial("901")
    assert shadowed.entries.differences[-1].record.reason is Reason.EMERGENCY


async def test_a_call_that_asks_for_its_next_trunk(shadowed: Shadowed) -> None:
    """It has its slot already, in shadow as in force."""
    shadowed.beside(changed(("calls = 2", "calls = 1")))
    for _ in range(3):
        await shadowed.dial(NATIONAL, call="1732412345.77")
    assert shadowed.entries.differences == []
    shadowed.beside(changed((AT_HOME, AT_HOME.replace("allow", "pin"))))
    await shadowed.dial(NATIONAL, call="1732412345.77")
    assert shadowed.entries.differences == []


async def test_inside_calls_ask_no_store(shadowed: Shadowed) -> None:
    """As in the story itself."""
    shadowed.shadow_store.away = True
    await shadowed.dial("102")
    assert shadowed.entries.all == []
    assert shadowed.shadow_store.asked == []
    assert shadowed.meter.counted == [("office", "None")]


MUCH = """
[[limit]]
name = "few-a-day"
per = "extension"
to = ["national", "mobile"]
attempts = 12
within = "24h"

[[limit]]
name = "short"
per = "site"
to = ["national"]
minutes = 900
within = "2h"

[[limit]]
name = "burst"
per = "site"
to = ["national"]
attempts = 3
within = "30m"
then = "brake"

[brake]
to = ["national"]
for = "10m"
"""


@pytest.mark.parametrize("seed", range(8))
async def test_the_two_never_drift_apart(shadowed: Shadowed, seed: int) -> None:
    """Whatever is dialled, ended and waited for: the same policy in shadow says the same."""
    new = 'name = "new"\nto = ["first-time-number"]\nthen = "pin"\n\n[[rule]]\n'
    text = changed(
        ("[lockout]", f"{MUCH}\n[lockout]"), ('name = "at-home"', f'{new}name = "at-home"')
    )
    shadowed.beside(text)
    policies = OnePolicy(load_text(text, shadowed.folder / "office.toml"))
    shadowed.gate = Gate(replace(shadowed.ports, policies=policies))
    chance = random.Random(seed)  # noqa: S311 - the same each time
    up: list[str] = []
    for step in range(60):
        shadowed.clock.now += chance.choice([1, 20, 400])
        if up and chance.random() < 0.7:
            call = up.pop(chance.randrange(len(up)))
            talked_s = chance.choice([0, 7, 300, None])
            now = shadowed.clock.now
            await shadowed.ports.store.release("office", call, None, None, now, talked_s)
            continue
        up.append(f"{seed}.{step}")
        dialled = chance.choice([*[NATIONAL] * 8, MOBILE, ABROAD, SATELLITE, NOTHING, "102"])
        keys: list[Act] = [*[f"{PIN}#"] * 8, "0000#", Does.NOTHING]
        extension = {Argument.ENDPOINT: chance.choice([*["101"] * 4, "102"])}
        await shadowed.dial(dialled, chance.choice(keys), call=up[-1], **extension)
    assert shadowed.entries.differences == []
    verdicts = {each.reason for each in shadowed.log.records}
    assert Reason.ALLOWED in verdicts
    assert len(verdicts) > 3, verdicts


@dataclass
class Told:
    """A `Lookups` for which every number is reported; and whose question that was."""

    asked: list[str] = field(default_factory=list)

    def known(self, policy: Policy, *_: object) -> Reports:
        """Say so."""
        self.asked.append(policy.site.name)
        return Reports(number=True)


async def test_for_a_shadow_nobody_is_asked_what_is_reported(shadowed: Shadowed) -> None:
    """It goes by what the live story knew; no number leaves the house for it."""
    told = Told()
    shadowed.gate = Gate(replace(shadowed.ports, lookups=told))
    thieves = '[[rule]]\nname = "thieves"\nto = ["reported"]\nthen = "deny"\n\n[[rule]]\n'
    shadowed.beside(changed(("[[rule]]\n" + AT_HOME, thieves + AT_HOME)))
    channel = await shadowed.dial(NATIONAL)
    assert channel.told[Variable.VERDICT] == "ALLOW"
    assert _only(shadowed).record.rule == "thieves"
    assert set(told.asked) == {"office"}


async def test_what_was_put_to_no_policy_is_reported_by_nobody(shadowed: Shadowed) -> None:
    """There is nothing to go by then."""
    await shadowed.gate.answer(question(NATIONAL), ScriptedChannel())
    (record,) = shadowed.log.records
    story = Story(call="1.1", claimed_extension="101", claimed_number="", reference="", began=0.0)
    caller = identify(question(NATIONAL))
    assert not isinstance(caller, Reason)
    assert Heard(story, caller, record, 0.0).reports == Reports()
