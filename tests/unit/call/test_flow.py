"""The story of a call, from the question to what is told."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Never

import pytest
from structlog.testing import capture_logs

from fastagi.call.channel import Channel, Keyed, Question, Script, Variable
from fastagi.call.crowd import MOST
from fastagi.call.flow import SAME_CALL_S, Gate
from fastagi.errors import BusyError, ChannelError, ChannelGone, StoreError
from fastagi.policy.loading import load_text
from fastagi.policy.model import Reason
from fastagi.second_factor import pin
from fastagi.second_factor.vault import Vault, new_key
from fastagi.stores.store import Attempt, Enrolment, Full, Lease, SubjectKind, Taken
from tests.contract.store_kinds import a_lease
from tests.doubles.scripted_channel import Act, Does, ScriptedChannel
from tests.unit.call.conftest import (
    ABROAD,
    CALL,
    MOBILE,
    NATIONAL,
    NOTHING,
    PIN,
    POLICY,
    SATELLITE,
    SPARE,
    OnePolicy,
    World,
    question,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence


async def ask(world: World, asked: Question, *acts: Act) -> ScriptedChannel:
    """Put a question to the gate; the caller does as scripted."""
    channel = ScriptedChannel(acts)
    await world.gate.answer(asked, channel)
    return channel


def _verdict(channel: ScriptedChannel) -> tuple[str, str, str]:
    told = channel.told
    return told[Variable.VERDICT], told[Variable.RULE], told[Variable.REASON]


# ----------------------------------------------------------------------------- allowed


async def test_a_national_call_passes_without_a_prompt(world: World) -> None:
    """Most calls hear nothing, and the trunk is given what was judged."""
    channel = await ask(world, question(NATIONAL))
    assert channel.steps == ["tell"]
    assert channel.told == {
        Variable.REASON: "allowed",
        Variable.RULE: "at-home",
        Variable.REF: channel.told[Variable.REF],
        Variable.NUMBER: "+442079460000",
        Variable.CATEGORY: "national",
        Variable.COUNTRY: "GB",
        Variable.SECONDS: str(4 * 3600),
        Variable.CALL: "1732412345.17",
        Variable.VERDICT: "ALLOW",
    }
    assert await world.slots() == 1


async def test_a_call_abroad_passes_after_pin_and_code(world: World) -> None:
    """Both are asked for on the answered channel, and the length is that of the limit."""
    channel = await ask(world, question(ABROAD), f"{PIN}#", f"{world.code()}#")
    assert _verdict(channel) == ("ALLOW", "abroad", "allowed")
    assert channel.told[Variable.NUMBER] == "+390612345678"
    assert channel.told[Variable.SECONDS] == "1800"
    assert channel.answered
    assert channel.heard == [("confbridge-pin",), ("agent-pass",)]


async def test_the_verdict_is_told_last(world: World) -> None:
    """The verdict stands for all the other variables."""
    for dialled in (NATIONAL, SATELLITE):
        channel = await ask(world, question(dialled))
        assert list(channel.told)[-1] is Variable.VERDICT


async def test_an_emergency_call_passes_whatever_else_is_broken(world: World) -> None:
    """Nobody known, no store, no slot: it passes."""
    gate = Gate(replace(world.ports, store=_Broken()))  # type: ignore[arg-type]  # it must not be touched
    channel = ScriptedChannel()
    await gate.answer(question("999", endpoint=""), channel)
    assert _verdict(channel) == ("ALLOW", "emergency", "emergency")
    assert channel.told[Variable.NUMBER] == "999"
    assert channel.told[Variable.SECONDS] == "0"


async def test_an_inside_call_needs_no_store(world: World) -> None:
    """What never leaves the PBX passes while the store is away."""
    gate = Gate(replace(world.ports, store=_Broken()))  # type: ignore[arg-type]  # it must not be touched
    channel = ScriptedChannel()
    await gate.answer(question("102"), channel)
    assert _verdict(channel) == ("ALLOW", "internal", "internal")


async def test_an_inside_call_that_a_rule_speaks_of_is_judged_by_it(world: World) -> None:
    """A rule may ask for a PIN even inside."""
    channel = await ask(world, question("102", endpoint="201"))
    assert _verdict(channel) == ("DENY", "lobby-inside", "not-enrolled")


# ----------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("asked", "rule", "reason", "cause"),
    [
        (question(SATELLITE), "no-satellites", "rule", "21"),
        (question("9080012345x"), "invalid", "invalid-number", "1"),
        (question(NATIONAL, endpoint="my-trunk"), "unknown", "unknown-extension", "21"),
        (question(NATIONAL, endpoint=""), "none", "no-identity", "21"),
        (question(NATIONAL, site="elsewhere"), "none", "bad-question", "21"),
        (question(ABROAD, endpoint="102"), "abroad", "not-enrolled", "21"),
        (
            question(ABROAD, transferer="PJSIP/101-00000001", endpoint="my-trunk"),
            "abroad",
            "cannot-challenge",
            "21",
        ),
        (
            question(NATIONAL, transferer="PJSIP/101-00000001", endpoint="my-trunk"),
            "at-home",
            "off-net",
            "21",
        ),
        (question(NATIONAL, behalf="101", endpoint=""), "at-home", "off-net", "21"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_refusal_says_why(
    world: World, asked: Question, rule: str, reason: str, cause: str
) -> None:
    """Rule, reason, cause and a prompt that ends with the reference; no slot is taken."""
    channel = await ask(world, asked)
    assert _verdict(channel) == ("DENY", rule, reason)
    assert channel.told[Variable.CAUSE] == cause
    reference = channel.told[Variable.REF]
    spoken = "&".join(f"digits/{digit}" for digit in reference)
    assert channel.told[Variable.PROMPT].endswith(spoken)
    assert Variable.NUMBER not in channel.told
    assert not channel.answered
    assert await world.slots() == 0


async def test_a_third_call_finds_both_slots_taken(world: World) -> None:
    """The limit is named as the rule that decided; a slot given back is free again."""
    for call in ("1.1", "1.2"):
        assert _verdict(await ask(world, question(NATIONAL, call=call)))[0] == "ALLOW"
    third = await ask(world, question(NATIONAL, call="1.3"))
    assert _verdict(third) == ("DENY", "two-at-a-time", "limit-reached")
    await ask(world, _release("1.1"))
    again = await ask(world, question(NATIONAL, call="1.4"))
    assert _verdict(again)[0] == "ALLOW"


async def test_a_limit_under_shadow_refuses_nobody_and_is_recorded(world: World) -> None:
    """What it would have done stands in the record."""
    await ask(world, question(ABROAD, call="1.1"), f"{PIN}#", f"{world.code()}#")
    second = await ask(world, question(ABROAD, call="1.2"))
    assert _verdict(second)[0] == "ALLOW"
    assert world.log.records[-1].over == ("one-abroad-in-shadow",)


async def test_three_numbers_that_mean_nothing_lock_out(world: World) -> None:
    """Thieves hunt for trunk prefixes; guesses count."""
    for _ in range(3):
        await ask(world, question(NOTHING))
    refused = await ask(world, question(NATIONAL))
    assert _verdict(refused)[2] == "locked-out"
    assert refused.told[Variable.PROMPT].startswith("feature-not-avail-line&")
    lockouts = await world.store.lockouts("office", world.clock.now)
    assert [(each.kind, each.name) for each in lockouts] == [(SubjectKind.EXTENSION, "101")]


async def test_a_satellite_call_does_not_count_as_a_number_that_means_nothing(
    world: World,
) -> None:
    """A call that a rule denies is no guess."""
    for _ in range(5):
        await ask(world, question(SATELLITE))
    assert _verdict(await ask(world, question(NATIONAL)))[0] == "ALLOW"


async def test_an_unknown_script_is_refused(world: World) -> None:
    """Only the doors that exist lead anywhere."""
    channel = await ask(world, replace(question(NATIONAL), script="inbound"))
    assert _verdict(channel) == ("DENY", "none", "bad-question")


# ----------------------------------------------------------------------------- the challenge


async def test_what_was_remembered_is_not_asked_again(world: World) -> None:
    """Within `remember`, from the same address, the next call abroad passes without a prompt."""
    await ask(world, question(ABROAD, call="1.1"), f"{PIN}#", f"{world.code()}#")
    world.clock.now += 1700
    second = await ask(world, question(ABROAD, call="1.2"))
    assert second.steps == ["tell"]
    world.clock.now += 200
    third = await ask(world, question(ABROAD, call="1.3"))
    assert _verdict(third)[2] == "no-digits"


async def test_what_was_remembered_holds_from_the_same_address_only(world: World) -> None:
    """The thief elsewhere is asked."""
    await ask(world, question(ABROAD, call="1.1"), f"{PIN}#", f"{world.code()}#")
    other = await ask(world, question(ABROAD, call="1.2", address="192.0.2.7:5060"))
    assert _verdict(other)[2] == "no-digits"


async def test_without_an_address_nothing_is_remembered(world: World) -> None:
    """Calls from nowhere are not all from the same place."""
    await ask(world, question(ABROAD, call="1.1", address=""), f"{PIN}#", f"{world.code()}#")
    other = await ask(world, question(ABROAD, call="1.2", address=""))
    assert _verdict(other)[2] == "no-digits"


async def test_a_wrong_code_is_on_record_with_what_was_asked(world: World) -> None:
    """The operator sees which factors the caller could not show, and no digit of them."""
    channel = await ask(world, question(MOBILE), "1357#", "2468#", "9753#")
    assert _verdict(channel) == ("DENY", "new-mobile", "wrong-code")
    record = world.log.records[-1]
    assert (record.asked, record.shown) == (("pin",), frozenset())
    assert "1357" not in repr(record)


class _Meanwhile(ScriptedChannel):
    """A caller at whose first prompt something else happens."""

    def __init__(self, acts: Sequence[Act], meanwhile: Callable[[], Awaitable[object]]) -> None:
        super().__init__(acts)
        self._meanwhile = meanwhile

    async def ask(self, sounds: Sequence[str], *, wait_s: int, most: int) -> Keyed:
        """Let it happen, then ask."""
        if not self.heard:
            await self._meanwhile()
        return await super().ask(sounds, wait_s=wait_s, most=most)


async def test_what_was_remembered_counts_no_more_once_it_is_revoked(
    world: World, enrolled: Enrolment
) -> None:
    """Also for a call that is at the prompt for the other factor just then."""
    now = world.clock.now
    await world.store.remember("office", enrolled, "address:10.0.0.5", ["pin"], now, now + 900)
    new = replace(enrolled, pin=pin.hash_pin(world.ports.vault, "office", "101", "80911"))
    channel = _Meanwhile([f"{world.code()}#"], lambda: world.store.enrol("office", new))
    await world.gate.answer(question(ABROAD), channel)
    assert channel.heard == [("agent-pass",)]
    assert _verdict(channel) == ("DENY", "abroad", "wrong-code")


async def test_a_pin_revoked_since_it_was_looked_at_is_not_remembered(world: World) -> None:
    """Nor does the call pass that showed it."""

    class Revokes:
        def __getattr__(self, name: str) -> object:
            return getattr(world.store, name)

        async def succeed(self, attempt: Attempt, now: float, *, anew: bool = True) -> None:
            await world.store.succeed(attempt, now, anew=anew)
            await world.store.unenrol("office", "101", world.clock.now)

    gate = Gate(replace(world.ports, store=Revokes()))  # type: ignore[arg-type]  # all but one is the store's
    channel = ScriptedChannel([f"{PIN}#"])
    await gate.answer(question(MOBILE), channel)
    assert _verdict(channel) == ("DENY", "new-mobile", "wrong-code")
    assert world.log.records[-1].shown == frozenset()
    assert await world.slots() == 0


async def test_one_extension_cannot_hold_every_prompt(world: World) -> None:
    """The next of its calls is refused while the others are at a prompt."""
    arrived, hung_up = asyncio.Semaphore(0), asyncio.Event()

    class Waits(ScriptedChannel):
        async def ask(self, sounds: Sequence[str], *, wait_s: int, most: int) -> Keyed:
            arrived.release()
            await hung_up.wait()
            raise ChannelGone("at last")

    at_prompts = [
        asyncio.create_task(world.gate.answer(question(ABROAD, call=f"1.{n}"), Waits()))
        for n in range(MOST)
    ]
    for _ in at_prompts:
        await arrived.acquire()
    refused = await ask(world, question(ABROAD, call="2.1"))
    assert _verdict(refused) == ("DENY", "abroad", "busy")
    hung_up.set()
    await asyncio.gather(*at_prompts)
    assert _verdict(await ask(world, question(ABROAD, call="2.2")))[2] == "no-digits"


# ----------------------------------------------------------------------------- asking again


async def test_the_same_call_keeps_its_slot_when_it_asks_for_its_next_trunk(world: World) -> None:
    """One call to one number is one slot, however many trunks it tries."""
    first = await ask(world, question(ABROAD), f"{PIN}#", f"{world.code()}#")
    world.clock.now += 100
    again = await ask(world, question(ABROAD))
    assert again.steps == ["tell"]
    assert _verdict(again) == ("ALLOW", "abroad", "allowed")
    assert int(again.told[Variable.SECONDS]) == int(first.told[Variable.SECONDS]) - 100
    assert await world.slots() == 1


@pytest.fixture
def trunks(world: World) -> World:
    """A gate whose policy holds each trunk to one call."""
    limit = '[[limit]]\nname = "one-a-trunk"\nper = "trunk"\ncalls = 1\n'
    policy = load_text(f"{POLICY}\n{limit}", Path("office.toml"))
    ports = replace(world.ports, policies=OnePolicy(policy))
    return replace(world, ports=ports, gate=Gate(ports))


async def _trunks_taken(world: World) -> list[str]:
    return [
        hold.key
        for lease in await world.store.live(None, world.clock.now)
        for hold in lease.holds
        if hold.limit == "one-a-trunk"
    ]


async def test_the_next_trunk_of_a_call_is_counted_and_its_last_is_not(trunks: World) -> None:
    """A call is at one trunk at a time, for no longer than it was allowed at first."""
    await ask(trunks, question(NATIONAL, call="1.1", trunk="a"))
    trunks.clock.now += 100
    second = await ask(trunks, question(NATIONAL, call="1.1", trunk="b"))
    assert _verdict(second) == ("ALLOW", "at-home", "allowed")
    assert second.told[Variable.SECONDS] == str(4 * 3600 - 100)
    assert await _trunks_taken(trunks) == ["b"]
    full = await ask(trunks, question(NATIONAL, call="1.2", trunk="b"))
    assert _verdict(full) == ("DENY", "one-a-trunk", "limit-reached")
    free = await ask(trunks, question(NATIONAL, call="1.2", trunk="a"))
    assert _verdict(free)[0] == "ALLOW"


async def test_a_next_trunk_that_is_full_is_refused(trunks: World) -> None:
    """The call keeps what it has, and may try yet another."""
    await ask(trunks, question(NATIONAL, call="1.1", trunk="b"))
    await ask(trunks, question(NATIONAL, call="1.2", trunk="a"))
    full = await ask(trunks, question(NATIONAL, call="1.2", trunk="b"))
    assert _verdict(full) == ("DENY", "one-a-trunk", "limit-reached")
    assert await _trunks_taken(trunks) == ["b", "a"]
    other = await ask(trunks, question(NATIONAL, call="1.2", trunk="c"))
    assert _verdict(other)[0] == "ALLOW"
    assert await _trunks_taken(trunks) == ["b", "c"]


async def test_a_call_whose_time_is_up_takes_no_other_slot(trunks: World) -> None:
    """It is refused before the store is asked."""
    await ask(trunks, question(NATIONAL, trunk="a"))
    trunks.clock.now += 4 * 3600 + 1
    late = await ask(trunks, question(NATIONAL, trunk="b"))
    assert _verdict(late) == ("DENY", "at-home", "budget-reached")
    assert await _trunks_taken(trunks) == ["a"]


async def test_a_call_is_not_asked_for_its_factors_again_at_its_next_trunk(
    trunks: World,
) -> None:
    """However long the first trunk let it wait: the lease stands for them."""
    await ask(trunks, question(MOBILE, trunk="a"), f"{PIN}#")
    trunks.clock.now += SAME_CALL_S + 1
    again = await ask(trunks, question(MOBILE, trunk="b"))
    assert (again.steps, _verdict(again)) == (["tell"], ("ALLOW", "new-mobile", "allowed"))


async def test_a_rule_that_denies_by_now_is_not_held_against_a_call_let_through(
    trunks: World,
) -> None:
    """It goes on to its next trunk as it was allowed to."""
    await ask(trunks, question(NATIONAL, trunk="a"))
    closed = load_text(POLICY.replace('then = "allow"', 'then = "deny"'), Path("office.toml"))
    gate = Gate(replace(trunks.ports, policies=OnePolicy(closed)))
    again, new = ScriptedChannel(), ScriptedChannel()
    await gate.answer(question(NATIONAL, trunk="b"), again)
    await gate.answer(question(NATIONAL, call="1.2"), new)
    assert (_verdict(again), _verdict(new)[0]) == (("ALLOW", "at-home", "allowed"), "DENY")


async def test_who_hung_up_at_the_next_trunk_keeps_the_lease(trunks: World) -> None:
    """An earlier question took it: it is the hangup handler's to give back."""
    await ask(trunks, question(NATIONAL, trunk="a"))
    channel = ScriptedChannel(dies_at=0)
    channel.hung_up = True
    await trunks.gate.answer(question(NATIONAL, trunk="b"), channel)
    assert await _trunks_taken(trunks) == ["b"]


async def test_a_call_that_lost_its_slot_between_two_trunks_is_not_asked_again(
    world: World,
) -> None:
    """The first trunk's leg gave the slot back; the factors shown still count, for a while."""
    world.ports.policies.of("")
    await ask(world, question(MOBILE), f"{PIN}#")
    await ask(world, _release("1732412345.17"))
    assert await world.slots() == 0
    again = await ask(world, question(MOBILE))
    assert (again.steps, _verdict(again)[0]) == (["tell"], "ALLOW")
    await ask(world, _release("1732412345.17"))
    world.clock.now += SAME_CALL_S + 1
    late = await ask(world, question(MOBILE))
    assert _verdict(late)[2] == "no-digits"


async def test_another_number_on_the_same_channel_is_another_call(world: World) -> None:
    """A slot and a code are for one number."""
    await ask(world, question(MOBILE), f"{PIN}#")
    other = await ask(world, question("907400654321"))
    assert _verdict(other)[2] == "no-digits"


async def test_a_call_whose_time_is_up_is_not_let_through_again(world: World) -> None:
    """A next leg would outlive the lease."""
    await ask(world, question(NATIONAL))
    world.clock.now += 4 * 3600 + 1
    again = await ask(world, question(NATIONAL))
    assert _verdict(again) == ("DENY", "at-home", "budget-reached")


async def test_a_locked_out_call_is_not_let_through_again(world: World) -> None:
    """A lockout in the midst of a call holds for its next trunk."""
    await ask(world, question(NATIONAL))
    for _ in range(3):
        await ask(world, question(NOTHING, call="1.9"))
    assert _verdict(await ask(world, question(NATIONAL)))[2] == "locked-out"


# ----------------------------------------------------------------------------- what breaks


class _Broken:
    """A store that is away."""

    def __getattr__(self, name: str) -> object:
        async def away(*_: object) -> None:
            raise StoreError(f"`{name}` was asked of a store that is away")

        return away


class _Full(_Broken):
    """A store in which every limit is full."""

    async def take(self, lease: Lease, now: float) -> Taken | Full:
        return Full("two-at-a-time", "101")


async def test_without_a_store_nothing_outside_passes(world: World) -> None:
    """Whatever breaks, calls that cost fail closed."""
    gate = Gate(replace(world.ports, store=_Broken()))  # type: ignore[arg-type]  # a store that is away
    channel = ScriptedChannel()
    await gate.answer(question(NATIONAL), channel)
    assert _verdict(channel)[2] == "store-down"
    assert channel.told[Variable.CAUSE] == "41"


async def test_a_store_that_dies_after_the_challenge_lets_nobody_through(world: World) -> None:
    """The rule that was in play stands on record."""

    class Dies(_Broken):
        known = staticmethod(world.store.known)

    gate = Gate(replace(world.ports, store=Dies()))  # type: ignore[arg-type]  # it dies on the way
    channel = ScriptedChannel()
    await gate.answer(question(ABROAD), channel)
    assert _verdict(channel) == ("DENY", "abroad", "store-down")


async def test_more_guesses_than_can_be_checked_are_refused(world: World) -> None:
    """The newest is refused so that others are served."""

    class FullPool:
        async def run(self, check: object, site: str) -> Never:
            raise BusyError("too many")

    gate = Gate(replace(world.ports, hash_pool=FullPool()))
    channel = ScriptedChannel([f"{PIN}#"])
    await gate.answer(question(MOBILE), channel)
    assert _verdict(channel) == ("DENY", "new-mobile", "busy")


async def test_a_secret_that_no_key_opens_is_a_refusal_in_one_line(world: World) -> None:
    """The operator reads whose it is and what to do, and no traceback."""
    gate = Gate(replace(world.ports, vault=Vault([new_key()])))
    channel = ScriptedChannel([f"{PIN}#", f"{world.code()}#"])
    with capture_logs() as lines:
        await gate.answer(question(ABROAD), channel)
    assert _verdict(channel) == ("DENY", "abroad", "failed")
    assert lines == [
        {
            "event": "secret-unreadable",
            "log_level": "error",
            "call": "1732412345.17",
            "site": "office",
            "extension": "101",
            "error": "a stored PIN is hashed with a key that is not at hand; put it back",
        }
    ]


async def test_a_bug_is_a_refusal_on_record(world: World) -> None:
    """Whatever is raised on the way ends in a DENY."""

    class Bug:
        def of(self, site: str) -> None:
            raise ZeroDivisionError

    gate = Gate(replace(world.ports, policies=Bug()))
    channel = ScriptedChannel()
    await gate.answer(question(NATIONAL), channel)
    assert _verdict(channel) == ("DENY", "none", "failed")
    assert world.log.records[-1].reason is Reason.FAILED


async def test_a_channel_that_fails_is_a_refusal(world: World) -> None:
    """Asterisk is there, but does not do what it is asked."""

    class Mute(ScriptedChannel):
        async def answer(self) -> None:
            raise ChannelError("the channel could not be answered")

    channel = Mute()
    await world.gate.answer(question(ABROAD), channel)
    assert _verdict(channel) == ("DENY", "abroad", "failed")


async def test_a_release_that_the_store_does_not_take_is_only_logged(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for it; the lease expires."""
    monkeypatch.setattr("fastagi.call.release.PAUSES_S", ())
    gate = Gate(replace(world.ports, store=_Broken()))  # type: ignore[arg-type]  # a store that is away
    channel = ScriptedChannel()
    await gate.answer(_release("1.1"), channel)
    assert channel.told == {}  # so that the dialplan asks again


# ----------------------------------------------------------------------------- deaths


async def test_a_release_is_said_to_be_heard(world: World) -> None:
    """Of slots that are given back already, too: whoever asks twice need not ask on."""
    await ask(world, question(NATIONAL))
    for _ in range(2):
        channel = ScriptedChannel()
        await world.gate.answer(_release("1732412345.17"), channel)
        assert channel.told == {Variable.RELEASED: "yes"}


async def test_a_release_that_nobody_hears_is_done(world: World) -> None:
    """The channel that asked may be gone by then."""
    await ask(world, question(NATIONAL))
    await world.gate.answer(_release("1732412345.17"), ScriptedChannel(dies_at=0))
    assert await world.slots() == 0


def _release(call: str) -> Question:
    return replace(question("", call=call), script=Script.RELEASE)


@pytest.mark.parametrize("dialled", [NATIONAL, ABROAD, SATELLITE])
@pytest.mark.parametrize("step", range(8))
async def test_a_slot_is_taken_only_if_allow_was_to_be_said(
    world: World, dialled: str, step: int
) -> None:
    """The caller dies before any step: a slot is held exactly when the record says allowed."""
    channel = ScriptedChannel([f"{PIN}#", f"{world.code()}#"], dies_at=step)
    await world.gate.answer(question(dialled), channel)
    allowed = world.log.records[-1].verdict == "allow"
    assert await world.slots() == int(allowed)
    if channel.told.get(Variable.VERDICT) == "ALLOW":
        assert allowed


@pytest.mark.parametrize("step", range(8))
async def test_if_allow_may_have_been_heard_the_slot_is_held(world: World, step: int) -> None:
    """The connection dies behind any step: who may have heard ALLOW holds a slot."""
    channel = ScriptedChannel([f"{PIN}#", f"{world.code()}#"], dies_after=step)
    await world.gate.answer(question(ABROAD), channel)
    if channel.told.get(Variable.VERDICT) == "ALLOW":
        assert await world.slots() == 1
    await ask(world, _release("1732412345.17"))
    assert await world.slots() == 0


@pytest.mark.parametrize("act", [Does.HANG_UP, Does.LOSE, Does.FREEZE])
@pytest.mark.parametrize("before", [0, 1])
async def test_a_caller_who_leaves_at_a_prompt_leaves_nothing(
    world: World, act: Does, before: int
) -> None:
    """No slot, no failure counted, one record."""
    channel = await ask(world, question(ABROAD), *[f"{PIN}#"][:before], act)
    assert channel.told == {}
    assert await world.slots() == 0
    assert len(world.log.records) == 1
    expected = Reason.FAILED if act is Does.FREEZE else Reason.HUNG_UP
    assert world.log.records[0].reason is expected


async def test_a_recovery_code_stands_in_for_a_code_once(world: World) -> None:
    """A lost phone does not lock its owner out; the same code again does nothing."""
    first = await ask(world, question(ABROAD, call="1.1", address=""), f"{PIN}#", f"{SPARE}#")
    assert _verdict(first)[0] == "ALLOW"
    again = await ask(
        world, question(ABROAD, call="1.2", address=""), *[f"{PIN}#", f"{SPARE}#"] * 3
    )
    assert _verdict(again)[2] == "wrong-code"


def test_the_scripted_channel_is_a_channel() -> None:
    """What the story is tested with is what it is promised."""
    channel: Channel = ScriptedChannel()
    assert isinstance(channel, ScriptedChannel)


@pytest.mark.parametrize("dialled", [NATIONAL, ABROAD])
async def test_a_caller_who_hung_up_before_the_slots_were_taken_keeps_none(
    world: World, dialled: str
) -> None:
    """The hangup handler may have asked for the release too early, and it asks but once."""
    acts = [f"{PIN}#", f"{world.code()}#"]
    channel = ScriptedChannel(acts, dies_at=0 if dialled == NATIONAL else 7)
    channel.hung_up = True
    await world.gate.answer(question(dialled), channel)
    assert channel.told == {}
    assert world.log.records[-1].verdict == "allow"
    assert await world.slots() == 0


async def test_who_hung_up_keeps_what_an_earlier_question_took(world: World) -> None:
    """That is a leg's, or the hangup handler's to give back."""
    await ask(world, question(NATIONAL))
    channel = ScriptedChannel(dies_at=0)
    channel.hung_up = True
    await world.gate.answer(question(NATIONAL), channel)
    assert await world.slots() == 1


async def test_slots_that_cannot_be_given_back_are_only_logged(world: World) -> None:
    """Nobody waits for it; the lease expires."""

    class Dies(_Broken):
        known = staticmethod(world.store.known)
        take = staticmethod(world.store.take)

    gate = Gate(replace(world.ports, store=Dies()))  # type: ignore[arg-type]  # it dies on the way
    channel = ScriptedChannel(dies_at=0)
    channel.hung_up = True
    await gate.answer(question(NATIONAL), channel)
    assert await world.slots() == 1


async def test_nobody_rides_on_a_lease_that_appeared_while_they_were_asked(
    world: World,
) -> None:
    """The challenge was passed, but the call of that name is another's by now."""
    now = world.clock.now
    lease = a_lease(CALL, number="+447400123456", extension="102", since=now, expires=now + 600)
    channel = _Meanwhile([f"{PIN}#"], lambda: world.store.take(lease, now))
    await world.gate.answer(question(MOBILE), channel)
    assert _verdict(channel) == ("DENY", "none", "bad-question")
    assert await world.store.live(None, now) == [lease]


async def test_a_lease_of_the_same_call_that_appeared_meanwhile_is_its_own(world: World) -> None:
    """It has the slots that it needs, for as long as was said first."""
    now = world.clock.now
    lease = a_lease(CALL, number="+447400123456", since=now, expires=now + 600)
    channel = _Meanwhile([f"{PIN}#"], lambda: world.store.take(lease, now))
    await world.gate.answer(question(MOBILE), channel)
    assert _verdict(channel) == ("ALLOW", "abroad", "allowed")
    assert channel.told[Variable.SECONDS] == "540"
    assert [len(each.holds) for each in await world.store.live(None, now)] == [1]


async def test_nobody_rides_on_the_lease_of_another_extension(world: World) -> None:
    """It would pass without PIN, code and slot."""
    await ask(world, question(ABROAD), f"{PIN}#", f"{world.code()}#")
    channel = await ask(world, question(ABROAD, endpoint="201"))
    assert _verdict(channel) == ("DENY", "none", "bad-question")
    assert await world.slots() == 1


async def test_a_call_that_another_asterisk_names_alike_is_a_call_of_its_own(
    world: World,
) -> None:
    """It has to show its own factors, and to find slots of its own."""
    await ask(world, question(MOBILE), f"{PIN}#")
    silent = await ask(world, question(MOBILE, node="pbx2"))
    assert _verdict(silent)[2] == "no-digits"
    shown = await ask(world, question(MOBILE, node="pbx2"), f"{PIN}#")
    assert _verdict(shown)[0] == "ALLOW"
    assert await world.slots() == 2
    third = await ask(world, question(MOBILE, node="pbx3"), f"{PIN}#")
    assert _verdict(third) == ("DENY", "two-at-a-time", "limit-reached")


async def test_who_hung_up_takes_nothing_of_another_asterisks_call_back(world: World) -> None:
    """Only what was taken for them."""
    await ask(world, question(NATIONAL, node="pbx2"))
    channel = ScriptedChannel(dies_at=0)
    channel.hung_up = True
    await world.gate.answer(question(NATIONAL), channel)
    assert [each.node for each in await world.store.live(None, world.clock.now)] == ["pbx2"]
