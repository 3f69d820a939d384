"""Feature codes: signing in by keypad, signing off, hearing what is left, and calling then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.call.channel import Keyed, Question, Script, Variable
from fastagi.call.flow import Gate
from fastagi.policy.loading import load_text
from fastagi.policy.model import Reason, Verdict
from fastagi.stores.sign_ins import SignedOff, Way
from fastagi.stores.store import SubjectKind
from tests.doubles.scripted_channel import Act, Does, ScriptedChannel
from tests.doubles.shaky_store import ShakyStore
from tests.unit.call.conftest import (
    ABROAD,
    NATIONAL,
    PIN,
    POLICY,
    OnePolicy,
    World,
    question,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PHONE = {"transport": "udp", "agent": "a1" * 20, "contact": "c1" * 20}
ABROAD_RULE = 'to = ["international"]\nthen = "pin+totp"\nremember = "30m"'
TERMS = '\n[sign-in]\nfor = "8h"\nidle = "90m"\n'


@pytest.fixture
def desk(world: World, tmp_path: Path) -> World:
    """A gate at which calls abroad need a sign-in."""
    return _with(world, tmp_path, TERMS)


def _with(world: World, folder: Path, terms: str) -> World:
    assert ABROAD_RULE in POLICY
    text = POLICY.replace(ABROAD_RULE, 'to = ["international"]\nthen = "sign-in"') + terms
    ports = replace(world.ports, policies=OnePolicy(load_text(text, folder / "office.toml")))
    return replace(world, ports=ports, gate=Gate(ports))


def _feature(script: Script, **arguments: str) -> Question:
    asked = question(script, **(PHONE | arguments))
    return replace(asked, script=script)


async def _key(world: World, script: Script, *acts: Act, **arguments: str) -> ScriptedChannel:
    channel = ScriptedChannel(acts)
    await world.gate.answer(_feature(script, **arguments), channel)
    return channel


async def _sign_in(world: World, **arguments: str) -> ScriptedChannel:
    return await _key(world, Script.SIGN_IN, f"{PIN}#", f"{world.code()}#", **arguments)


async def _call(world: World, number: str = ABROAD, **arguments: str) -> tuple[str, str]:
    channel = ScriptedChannel()
    await world.gate.answer(question(number, **(PHONE | arguments)), channel)
    return channel.told[Variable.VERDICT], channel.told[Variable.REASON]


REFUSED = ("DENY", Reason.SIGN_IN_REQUIRED)
ALLOWED = ("ALLOW", Reason.ALLOWED)


async def test_nobody_calls_abroad_who_has_not_signed_in(desk: World) -> None:
    """And at home as ever."""
    assert await _call(desk) == REFUSED
    assert await _call(desk, NATIONAL) == ALLOWED


async def test_who_signed_in_calls_until_they_sign_off(desk: World) -> None:
    """The whole of it: in, a call, what is left, off, no call."""
    told = (await _sign_in(desk)).told
    assert told == {
        Variable.REASON: Reason.SIGNED_IN,
        Variable.REF: told[Variable.REF],
        Variable.PROMPT: "agent-loginok&vm-youhave",
        Variable.CALL: "1732412345.17",
        Variable.HOURS: "1",
        Variable.MINUTES: "30",
    }
    assert await _call(desk) == ALLOWED
    (lease,) = await desk.store.live(None, desk.clock.now)
    (sign_in,) = await desk.store.sign_ins(None, desk.clock.now)
    assert lease.sign_in == sign_in.id
    assert (sign_in.way, sign_in.person, sign_in.origin.address) == (
        *(Way.KEYPAD, "101"),
        "10.0.0.5",
    )
    desk.clock.now += 31 * 60
    left = (await _key(desk, Script.SIGNED_IN)).told
    assert (left[Variable.HOURS], left[Variable.MINUTES]) == ("0", "59")
    off = (await _key(desk, Script.SIGN_OFF)).told
    assert off[Variable.REASON] == Reason.SIGNED_OFF
    assert off[Variable.PROMPT] == "agent-loggedoff"
    assert Variable.HOURS not in off
    assert await _call(desk, call="2.2") == REFUSED


async def test_no_feature_code_gives_a_verdict(desk: World) -> None:
    """So nothing of it can ever be dialled with."""
    for script in (Script.SIGN_IN, Script.SIGNED_IN, Script.SIGN_OFF):
        channel = await _key(desk, script, f"{PIN}#", f"{desk.code()}#")
        assert not {Variable.VERDICT, Variable.NUMBER, Variable.SECONDS} & channel.told.keys()


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"address": "192.0.2.66:5060"},
        {"transport": "tls"},
        {"agent": "a2" * 20},
        {"contact": "c2" * 20},
        {"endpoint": "102"},
        {"transferer": "PJSIP/101-0000002b"},
    ],
    ids=["address", "transport", "agent", "contact", "extension", "transfer"],
)
async def test_a_sign_in_is_worth_nothing_elsewhere(
    desk: World, elsewhere: dict[str, str]
) -> None:
    """Whoever has the SIP password still needs the phone."""
    await _sign_in(desk)
    assert await _call(desk, **elsewhere) == REFUSED
    assert await _call(desk, call="2.2") == ALLOWED


async def test_a_sign_in_that_was_idle_is_over(desk: World) -> None:
    """Not while a call of it is up, though it be a long one."""
    await _sign_in(desk)
    assert await _call(desk) == ALLOWED
    desk.clock.now += 1700
    await desk.store.release("office", "1732412345.17", None, None, desk.clock.now)
    desk.clock.now += 89 * 60
    assert await _call(desk, call="2.2") == ALLOWED
    await desk.store.release("office", "2.2", None, None, desk.clock.now)
    desk.clock.now += 90 * 60
    assert await _call(desk, call="3.3") == REFUSED


async def test_wrong_codes_sign_nobody_in_and_lock_out(desk: World) -> None:
    """The count is the challenge's: five over all, at calls and here."""
    first = await _key(desk, Script.SIGN_IN, "1357#", "000000#", "1357#", "000000#", "1357#", "9#")
    assert first.told[Variable.REASON] == Reason.WRONG_CODE
    await _key(desk, Script.SIGN_IN, "1357#", "000000#", "1357#", "000000#")
    third = await _sign_in(desk)
    assert third.told[Variable.REASON] == Reason.LOCKED_OUT
    assert not await desk.store.sign_ins(None, desk.clock.now)
    assert await _call(desk) == ("DENY", Reason.LOCKED_OUT)
    desk.clock.now += 16 * 60
    assert (await _sign_in(desk)).told[Variable.REASON] == Reason.SIGNED_IN


async def test_a_lockout_ends_the_sign_in(desk: World) -> None:
    """It is over for good, not only for as long as the lockout lasts."""
    await _sign_in(desk)
    for _ in range(2):
        await _key(desk, Script.SIGN_IN, *["1357#", "000000#"] * 3)
    assert await desk.store.clear("office", SubjectKind.EXTENSION, "101", desk.clock.now)
    assert await _call(desk) == REFUSED


async def test_a_code_that_signed_in_is_burnt(desk: World) -> None:
    """Whoever looked over a shoulder has nothing."""
    await _sign_in(desk)
    again = await _key(desk, Script.SIGN_IN, f"{PIN}#", f"{desk.code()}#")
    assert again.told[Variable.REASON] == Reason.NO_DIGITS  # wrong, and then silence


@pytest.mark.parametrize(
    ("acts", "reason"),
    [
        ((Does.NOTHING, Does.NOTHING), Reason.NO_DIGITS),
        ((f"{PIN}#", Does.NOTHING, Does.NOTHING), Reason.NO_DIGITS),
        ((Does.FREEZE,), None),
        ((Does.HANG_UP,), None),
    ],
)
async def test_silence_and_hanging_up_sign_nobody_in(
    desk: World, acts: tuple[Act, ...], reason: Reason | None
) -> None:
    """Each is on record; to whom is gone nothing is told."""
    channel = await _key(desk, Script.SIGN_IN, *acts)
    assert channel.told.get(Variable.REASON) == reason
    assert desk.log.records[-1].verdict is Verdict.DENY
    assert not await desk.store.sign_ins(None, desk.clock.now)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"endpoint": "my-trunk"}, Reason.UNKNOWN_EXTENSION),
        ({"endpoint": ""}, Reason.NO_IDENTITY),
        ({"endpoint": "102"}, Reason.NOT_ENROLLED),
        ({"transferer": "PJSIP/101-0000002b"}, Reason.CANNOT_CHALLENGE),
        ({"forwarder": "PJSIP/101-0000002b"}, Reason.CANNOT_CHALLENGE),
        ({"site": "branch"}, Reason.BAD_QUESTION),
        ({"agent": ""}, Reason.UNPLACED),
    ],
)
async def test_who_may_not_sign_in(desk: World, arguments: dict[str, str], reason: Reason) -> None:
    """Trunks, strangers, transferred calls, and phones that nobody could know again."""
    told = (await _sign_in(desk, **arguments)).told
    assert told[Variable.REASON] == reason
    assert told[Variable.REF] in told[Variable.PROMPT].replace("&digits/", "")
    assert desk.log.records[-1].reason is reason
    assert not await desk.store.sign_ins(None, desk.clock.now)


async def test_while_the_store_is_away_nobody_signs_in(desk: World) -> None:
    """And who did calls no more."""
    await _sign_in(desk)
    shaky = ShakyStore(desk.store)
    ports = replace(desk.ports, store=shaky.store)
    away = replace(desk, ports=ports, gate=Gate(ports))
    shaky.away = True
    assert (await _sign_in(away)).told[Variable.REASON] == Reason.STORE_DOWN
    assert (await _call(away))[1] == Reason.STORE_DOWN


async def test_a_fault_of_ours_signs_nobody_in(
    desk: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told, and on record."""
    monkeypatch.setattr("fastagi.call.reception.is_known", None)
    assert (await _sign_in(desk)).told[Variable.REASON] == Reason.FAILED
    assert desk.log.records[-1].reason is Reason.FAILED


async def test_the_record_names_who_signed_in(desk: World) -> None:
    """Of the sign-in, and of the calls that it opened."""
    await _sign_in(desk)
    await _call(desk)
    opened, call = desk.log.records
    assert (opened.rule, opened.number, opened.reason) == ("sign-in", "sign-in", "signed-in")
    assert opened.asked == ("pin", "totp")
    assert (opened.person, call.person) == ("101", "101")


async def test_a_call_goes_to_no_other_trunk_once_who_signed_in_signed_off(desk: World) -> None:
    """Its lease lives until it ends, but opens nothing more."""
    await _sign_in(desk)
    assert await _call(desk) == ALLOWED
    assert await _call(desk) == ALLOWED  # at its next trunk
    await _key(desk, Script.SIGN_OFF)
    assert await _call(desk) == REFUSED
    assert len(await desk.store.live(None, desk.clock.now)) == 1


async def test_a_call_goes_to_no_other_trunk_from_elsewhere(desk: World) -> None:
    """What a phone registered anew counts for the calls that it has, too."""
    await _sign_in(desk)
    assert await _call(desk) == ALLOWED
    assert await _call(desk, contact="c2") == REFUSED


async def test_who_signed_in_while_a_code_was_keyed_opens_the_call_by_that(
    world: World, tmp_path: Path
) -> None:
    """A call that turns out to hang on a sign-in hangs on the one that there is then."""
    both = (
        *('to = ["first-time-country"]\nthen = "pin"', ""),
        *("[[rule]]", 'name = "known"', 'to = ["international"]\nthen = "sign-in"'),
    )
    text = POLICY.replace(ABROAD_RULE, "\n".join(both))
    ports = replace(world.ports, policies=OnePolicy(load_text(text, tmp_path / "office.toml")))
    desk = replace(world, ports=ports, gate=Gate(ports))

    class Slow(ScriptedChannel):
        """Somebody who takes their time to key the PIN."""

        async def ask(self, sounds: Sequence[str], *, wait_s: int, most: int) -> Keyed:
            first = ScriptedChannel([f"{PIN}#"])
            await desk.gate.answer(question(ABROAD, call="2.2", **PHONE), first)
            assert first.told[Variable.VERDICT] == "ALLOW"
            assert (await _sign_in(desk)).told[Variable.REASON] == Reason.SIGNED_IN
            return await super().ask(sounds, wait_s=wait_s, most=most)

    channel = Slow([f"{PIN}#"])
    await desk.gate.answer(question(ABROAD, **PHONE), channel)
    assert channel.told[Variable.RULE] == "known"
    (sign_in,) = await desk.store.sign_ins(None, desk.clock.now)
    leases = {each.call: each.sign_in for each in await desk.store.live(None, desk.clock.now)}
    assert leases == {"2.2": "", "1732412345.17": sign_in.id}
    assert desk.log.records[-1].person == "101"


# ----------------------------------------------------------------------------- on others' phones


@pytest.fixture
def anywhere(world: World, tmp_path: Path) -> World:
    """A gate at which people may sign in on a phone of others."""
    return _with(world, tmp_path, "\n[sign-in]\nanywhere = true\n")


async def test_one_may_sign_in_on_a_phone_of_others(anywhere: World) -> None:
    """The phone's calls are open then, and charged to it; who opened them is on record."""
    acts = ("101#", f"{PIN}#", f"{anywhere.code()}#")
    told = (await _key(anywhere, Script.SIGN_IN, *acts, endpoint="102")).told
    assert told[Variable.REASON] == Reason.SIGNED_IN
    assert await _call(anywhere, endpoint="102") == ALLOWED
    assert await _call(anywhere, call="2.2") == REFUSED  # one's own is no more open than before
    assert [each.person for each in anywhere.log.records[:2]] == ["101", "101"]


async def test_one_may_sign_in_on_ones_own_by_saying_nothing(anywhere: World) -> None:
    """`#` alone means this very phone."""
    told = (await _key(anywhere, Script.SIGN_IN, "#", f"{PIN}#", f"{anywhere.code()}#")).told
    assert told[Variable.REASON] == Reason.SIGNED_IN
    assert await _call(anywhere) == ALLOWED


@pytest.mark.parametrize("person", ["103", "5555", "101"])
async def test_nobody_learns_whose_extension_is_enrolled(anywhere: World, person: str) -> None:
    """One that is not sounds like one whose PIN is wrong, prompt by prompt."""
    acts = (f"{person}#", *["1357#", "000000#"] * 3)
    channel = await _key(anywhere, Script.SIGN_IN, *acts, endpoint="102")
    assert channel.told[Variable.REASON] == Reason.WRONG_CODE
    assert [len(sounds) for sounds in channel.heard] == [1, 1, 1, 3, 1, 3, 1]


async def test_whose_codes_are_guessed_at_is_on_record(anywhere: World) -> None:
    """But not what is nobody's extension: it may be a PIN, keyed where the extension was asked."""
    for person in ("101", PIN):
        await _key(anywhere, Script.SIGN_IN, f"{person}#", "1357#", "000000#", endpoint="102")
    assert [each.person for each in anywhere.log.records] == ["101", ""]
    assert PIN not in repr(anywhere.log.records)


async def test_guesses_at_everybody_lock_out_the_phone_they_are_keyed_on(anywhere: World) -> None:
    """And end who is signed in on it; not those who are guessed at."""
    acts = ("101#", f"{PIN}#", f"{anywhere.code()}#")
    await _key(anywhere, Script.SIGN_IN, *acts, endpoint="102")
    assert await _call(anywhere, endpoint="102") == ALLOWED
    for each in range(7):
        wrong = (f"2{each:02}#", *["1357#", "000000#"] * 3)
        there = {"endpoint": "102", "address": f"192.0.2.{each}:5060"}
        await _key(anywhere, Script.SIGN_IN, *wrong, **there)
    (lockout,) = await anywhere.store.lockouts("office", anywhere.clock.now)
    assert lockout.name == "102"
    assert not await anywhere.store.sign_ins(None, anywhere.clock.now)


async def test_removing_the_person_ends_what_they_opened(anywhere: World) -> None:
    """On whatever phone."""
    acts = ("101#", f"{PIN}#", f"{anywhere.code()}#")
    await _key(anywhere, Script.SIGN_IN, *acts, endpoint="102")
    (there,) = await anywhere.store.sign_ins(None, anywhere.clock.now)
    await anywhere.store.unenrol("office", "101", anywhere.clock.now)
    assert await _call(anywhere, endpoint="102") == REFUSED
    over = await anywhere.store.sign_in("office", "102", there.id, anywhere.clock.now)
    assert over is not None
    assert over.why is SignedOff.REVOKED


async def test_an_answer_that_is_lost_is_not_told_twice(desk: World) -> None:
    """The caller is gone; the sign-in stays, as it was opened."""
    acts = [f"{PIN}#", f"{desk.code()}#"]
    channel = ScriptedChannel(acts, dies_after=7)
    await desk.gate.answer(_feature(Script.SIGN_IN), channel)
    assert channel.steps[-1] == "tell"
    assert len(await desk.store.sign_ins(None, desk.clock.now)) == 1
