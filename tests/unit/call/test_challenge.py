"""Asking for a PIN and a code, and what a guesser can learn."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import pytest

from fastagi.call.challenge import WORK_S, challenge
from fastagi.call.channel import Keyed, Variable
from fastagi.call.guess import Guesser, Shown
from fastagi.call.identify import Caller, identify
from fastagi.errors import BusyError, StoreError, VaultError
from fastagi.policy.model import Challenge, Factor, Reason, Then
from fastagi.second_factor import one_time_code, pin
from fastagi.second_factor.vault import Vault, new_key
from fastagi.stores.store import Enrolment, SubjectKind
from tests.doubles.scripted_channel import Act, Does, ScriptedChannel
from tests.unit.call.conftest import (
    ABROAD,
    NATIONAL,
    PIN,
    SECRET,
    SPARE,
    Found,
    NoPool,
    World,
    question,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from fastagi.errors import DialguardError
    from fastagi.stores.store import Store

BOTH = (Factor.PIN, Factor.TOTP)
SHOWN = frozenset(BOTH)
ONLY_PIN = frozenset({Factor.PIN})
WRONG_PIN = "1357"
WRONG_CODE = "000000"


def _guesser(**arguments: str) -> Guesser:
    caller = identify(question(ABROAD, **arguments))
    assert isinstance(caller, Caller)
    return Guesser(caller.extension, caller.address)


async def _ask(
    world: World,
    *acts: Act,
    asks: tuple[Factor, ...] = BOTH,
    guesser: Guesser | None = None,
    settings: Challenge = Challenge(),  # noqa: B008 - frozen
) -> tuple[ScriptedChannel, frozenset[Factor] | Reason]:
    channel = ScriptedChannel(acts)
    policy = replace(world.policy, challenge=settings)
    outcome = await challenge(channel, policy, guesser or _guesser(), asks, world.ports)
    return channel, outcome.factors if isinstance(outcome, Shown) else outcome


async def test_pin_and_code_are_shown(world: World) -> None:
    """Right ones, right away."""
    _, outcome = await _ask(world, f"{PIN}#", f"{world.code()}#")
    assert outcome == SHOWN


async def test_a_pin_alone(world: World) -> None:
    """A rule may ask for the PIN only."""
    channel, outcome = await _ask(world, f"{PIN}#", asks=(Factor.PIN,))
    assert (channel.heard, outcome) == ([("confbridge-pin",)], frozenset({Factor.PIN}))


async def test_a_code_alone(world: World) -> None:
    """Or for the code only, without a PIN being checked."""
    channel, outcome = await _ask(world, f"{world.code()}#", asks=(Factor.TOTP,))
    assert (channel.heard, outcome) == ([("agent-pass",)], frozenset({Factor.TOTP}))


async def test_a_code_works_once(world: World) -> None:
    """A code that was overheard is worth nothing, even within its thirty seconds."""
    code = world.code()
    assert (await _ask(world, f"{PIN}#", f"{code}#"))[1] == SHOWN
    assert (await _ask(world, *[f"{PIN}#", f"{code}#"] * 3))[1] is Reason.WRONG_CODE


@pytest.mark.parametrize(
    ("number", "code"),
    [(WRONG_PIN, None), (PIN, WRONG_CODE), (WRONG_PIN, WRONG_CODE)],
    ids=["wrong-pin", "wrong-code", "both"],
)
async def test_what_was_wrong_cannot_be_heard(world: World, number: str, code: str | None) -> None:
    """Whatever is wrong, the same prompts are heard in the same order, to the end."""
    acts = [f"{number}#", f"{code or world.code()}#"] * 3
    channel, outcome = await _ask(world, *acts)
    assert outcome is Reason.WRONG_CODE
    again = ("vm-incorrect", "please-try-again", "confbridge-pin")
    assert channel.heard == [("confbridge-pin",), ("agent-pass",)] + 2 * [again, ("agent-pass",)]


async def test_a_wrong_pin_does_not_burn_the_code(world: World) -> None:
    """Who mistypes the PIN need not wait for the next code."""
    code = world.code()
    _, outcome = await _ask(world, f"{WRONG_PIN}#", f"{code}#", f"{PIN}#", f"{code}#")
    assert outcome == SHOWN


async def test_every_guess_costs_one_pin_check_and_one_count(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong code is not answered sooner than a wrong PIN: both did the same work."""
    checks = 0
    run = world.ports.hash_pool.run

    async def counted(check: Callable[[], bool], site: str) -> bool:
        nonlocal checks
        checks += 1
        return await run(check, site)

    monkeypatch.setattr(world.ports.hash_pool, "run", counted)
    await _ask(world, f"{WRONG_PIN}#", f"{world.code()}#", f"{PIN}#", f"{WRONG_CODE}#")
    assert checks == 2


async def test_star_starts_over(world: World) -> None:
    """A slip of the finger costs no try."""
    _, outcome = await _ask(world, f"47*{PIN}#", f"123*45*{world.code()}#")
    assert outcome == SHOWN


async def test_silence_is_asked_once_more(world: World) -> None:
    """Somebody looking for their code gets a second prompt, and no third."""
    _, outcome = await _ask(world, Does.NOTHING, f"{PIN}#", f"{world.code()}#")
    assert outcome == SHOWN
    world.clock.now += 60
    channel, outcome = await _ask(world, f"{PIN}#", Does.NOTHING, Does.NOTHING)
    assert outcome is Reason.NO_DIGITS
    assert channel.heard == [("confbridge-pin",), ("agent-pass",), ("agent-pass",)]


async def test_silence_after_a_wrong_try_is_not_wrong(world: World) -> None:
    """The second prompt is the bare one: nothing was keyed since the first."""
    channel, outcome = await _ask(
        world, f"{WRONG_PIN}#", Does.NOTHING, f"{PIN}#", asks=(Factor.PIN,)
    )
    assert outcome == frozenset({Factor.PIN})
    again = ("vm-incorrect", "please-try-again", "confbridge-pin")
    assert channel.heard == [("confbridge-pin",), again, ("confbridge-pin",)]


async def test_silence_is_no_failure(world: World) -> None:
    """Ten calls in silence lock nobody out."""
    for _ in range(10):
        await _ask(world)
    assert (await _ask(world, f"{PIN}#", f"{world.code()}#"))[1] == SHOWN


async def test_digits_without_hash_count(world: World) -> None:
    """A pause ends the digits as well."""
    assert (await _ask(world, PIN, world.code()))[1] == SHOWN


async def test_asterisk_frees_the_caller_should_we_fall_silent(world: World) -> None:
    """Before each prompt the bound covers hearing and keying; after it, our own work only."""
    channel, _ = await _ask(world, f"{PIN}#", f"{world.code()}#")
    assert channel.steps == ["answer", *["bound", "ask", "bound"] * 2]
    assert channel.bounds[1::2] == [WORK_S, WORK_S]
    assert min(channel.bounds[0::2]) > 60


async def test_the_prompt_can_be_early_media(world: World) -> None:
    """With `answer = false` nothing shows as answered."""
    channel, outcome = await _ask(
        world, f"{PIN}#", f"{world.code()}#", settings=Challenge(answer=False)
    )
    assert (channel.answered, channel.progressed, outcome) == (False, True, SHOWN)


async def test_tries_are_the_policys(world: World) -> None:
    """One try means one."""
    channel, outcome = await _ask(
        world, f"{WRONG_PIN}#", f"{WRONG_CODE}#", settings=Challenge(tries=1)
    )
    assert (len(channel.heard), outcome) == (2, Reason.WRONG_CODE)


async def test_wrong_codes_lock_out_over_calls(world: World) -> None:
    """Five wrong ones over two calls; then even the right one is not heard."""
    wrong = [f"{WRONG_PIN}#", f"{WRONG_CODE}#"]
    assert (await _ask(world, *wrong * 3))[1] is Reason.WRONG_CODE
    assert (await _ask(world, *wrong * 3))[1] is Reason.LOCKED_OUT
    assert (await _ask(world, f"{PIN}#", f"{world.code()}#"))[1] is Reason.LOCKED_OUT


async def test_a_right_code_starts_the_count_anew(world: World) -> None:
    """Four slips, then right: the next four slips are free again."""
    for _ in range(2):
        for _ in range(2):
            await _ask(
                world, *[f"{WRONG_PIN}#", f"{WRONG_CODE}#"] * 2, settings=Challenge(tries=2)
            )
        world.clock.now += 60
        assert (await _ask(world, f"{PIN}#", f"{world.code()}#"))[1] == SHOWN


async def test_a_pin_alone_buys_no_guesses_at_the_code(world: World) -> None:
    """A call that asks for a PIN does not make wrong codes of other calls forgotten."""
    for _ in range(2):
        await _ask(world, *[f"{PIN}#", f"{WRONG_CODE}#"] * 2, settings=Challenge(tries=2))
        assert (await _ask(world, f"{PIN}#", asks=(Factor.PIN,)))[1] == frozenset({Factor.PIN})
    assert (await _ask(world, f"{PIN}#", f"{WRONG_CODE}#"))[1] is not SHOWN
    assert (await _ask(world, f"{PIN}#", f"{world.code()}#"))[1] is Reason.LOCKED_OUT


async def test_a_pin_starts_the_count_anew_where_nothing_else_is_asked(world: World) -> None:
    """That the phone has one-time codes, too, does not matter where no rule asks for them."""
    rules = tuple(each for each in world.policy.rules if each.then is not Then.PIN_TOTP)
    policy = replace(world.policy, rules=rules)
    for _ in range(3):
        for digits in (WRONG_PIN, WRONG_PIN, PIN):
            channel = ScriptedChannel([f"{digits}#"])
            settled = replace(policy, challenge=Challenge(tries=1))
            await challenge(channel, settled, _guesser(), (Factor.PIN,), world.ports)
    assert await world.store.lockouts("office", world.clock.now) == []


async def test_an_address_is_locked_out_over_extensions(world: World, enrolled: Enrolment) -> None:
    """Guessing at many extensions from one place ends there, and not for others."""
    for extension in map(str, range(102, 107)):
        own = one_time_code.seal(world.ports.vault, "office", extension, SECRET)
        await world.store.enrol("office", replace(enrolled, extension=extension, totp=own))
    wrong = [f"{WRONG_PIN}#", f"{WRONG_CODE}#"]
    for extension in map(str, range(102, 107)):
        for _ in range(2):
            thief = _guesser(endpoint=extension, address="192.0.2.7:5060")
            await _ask(world, *wrong * 2, guesser=thief, settings=Challenge(tries=2))
    right = [f"{PIN}#", f"{world.code()}#"]
    there = _guesser(address="192.0.2.7:5060")
    assert (await _ask(world, *right, guesser=there))[1] is Reason.LOCKED_OUT
    assert (await _ask(world, *right))[1] == SHOWN


@pytest.mark.parametrize(
    ("asks", "lacks"),
    [(BOTH, "pin"), (BOTH, "totp"), ((Factor.TOTP,), "totp")],
)
async def test_who_lacks_a_factor_is_not_asked(
    world: World, enrolled: Enrolment, asks: tuple[Factor, ...], lacks: str
) -> None:
    """There is nothing to guess, and nothing to hear."""
    without = replace(enrolled, pin=None) if lacks == "pin" else replace(enrolled, totp=None)
    await world.store.unenrol("office", "101", world.clock.now)
    await world.store.enrol("office", without)
    channel, outcome = await _ask(world, asks=asks)
    assert (channel.steps, outcome) == ([], Reason.NOT_ENROLLED)


async def test_a_locked_out_address_takes_no_codes_but_lets_others_call(
    world: World, enrolled: Enrolment
) -> None:
    """One insider's wrong codes do not stop a whole office's calls that need none."""
    wrong = [f"{WRONG_PIN}#", f"{WRONG_CODE}#"]
    for extension in map(str, range(102, 107)):
        own = one_time_code.seal(world.ports.vault, "office", extension, SECRET)
        await world.store.enrol("office", replace(enrolled, extension=extension, totp=own))
        for _ in range(2):
            await _ask(world, *wrong * 2, guesser=_guesser(endpoint=extension))
    assert (await _ask(world, f"{PIN}#", f"{world.code()}#"))[1] is Reason.LOCKED_OUT
    channel = ScriptedChannel()
    await world.gate.answer(question(NATIONAL), channel)
    assert channel.told[Variable.VERDICT] == "ALLOW"


# ----------------------------------------------------------------------------- trouble


class _Troubled:
    """A store that fails at some of its doors."""

    def __init__(self, store: Store, *doors: str) -> None:
        self._store = store
        self._doors = doors

    def __getattr__(self, name: str) -> object:
        async def away(*_: object, **__: object) -> None:
            raise StoreError(f"`{name}` was asked of a store that is away")

        return away if name in self._doors else getattr(self._store, name)


class _FullPool:
    async def run(self, check: Callable[[], Found], site: str) -> Found:
        raise BusyError("too many")


def _troubled(world: World, trouble: type[DialguardError]) -> World:
    """Return the world in which no guess can be looked at."""
    ports = world.ports
    if trouble is BusyError:
        return replace(world, ports=replace(ports, hash_pool=_FullPool()))
    if trouble is VaultError:
        return replace(world, ports=replace(ports, vault=Vault([new_key()])))
    away = _Troubled(world.store, "claim_step")
    return replace(world, ports=replace(ports, store=away))  # type: ignore[arg-type]  # all else is the store's


@pytest.mark.parametrize("trouble", [BusyError, VaultError, StoreError])
async def test_a_guess_that_nobody_looked_at_does_not_count(
    world: World, trouble: type[DialguardError]
) -> None:
    """Ten calls in a busy minute, all with the right PIN, lock nobody out."""
    for _ in range(10):
        with pytest.raises(trouble):
            await _ask(_troubled(world, trouble), f"{PIN}#", f"{world.code()}#")
    assert await world.store.lockouts("office", world.clock.now) == []
    assert (await _ask(world, f"{PIN}#", f"{world.code()}#"))[1] == SHOWN


@pytest.mark.parametrize("trouble", [BusyError, VaultError, StoreError])
async def test_trouble_forgives_no_guess_that_was_wrong(
    world: World, trouble: type[DialguardError]
) -> None:
    """Only its own is taken back; the four before it stay."""
    for _ in range(4):
        await _ask(world, f"{WRONG_PIN}#", f"{WRONG_CODE}#", settings=Challenge(tries=1))
    with pytest.raises(trouble):
        await _ask(_troubled(world, trouble), f"{PIN}#", f"{world.code()}#")
    await _ask(world, f"{WRONG_PIN}#", f"{WRONG_CODE}#", settings=Challenge(tries=1))
    assert (await _ask(world, f"{PIN}#", f"{world.code()}#"))[1] is Reason.LOCKED_OUT


async def test_of_two_troubles_the_first_is_told(world: World) -> None:
    """That the store does not take the count back, either, tells nobody what was wrong."""
    away = _Troubled(world.store, "succeed")
    ports = replace(world.ports, store=away, hash_pool=_FullPool())  # type: ignore[arg-type]  # as above
    with pytest.raises(BusyError):
        await _ask(replace(world, ports=ports), f"{PIN}#", f"{world.code()}#")


# ----------------------------------------------------------------------------- meanwhile


async def _ask_while(
    world: World,
    meanwhile: Callable[[], Awaitable[object]],
    *acts: Act,
    asks: tuple[Factor, ...] = BOTH,
) -> frozenset[Factor] | Reason:
    """Ask once for the factors; something else happens while the last of them is keyed."""

    class Interrupted(ScriptedChannel):
        async def ask(self, sounds: Sequence[str], *, wait_s: int, most: int) -> Keyed:
            if len(self.heard) == len(asks) - 1:
                await meanwhile()
            return await super().ask(sounds, wait_s=wait_s, most=most)

    policy = replace(world.policy, challenge=Challenge(tries=1))
    outcome = await challenge(Interrupted(acts), policy, _guesser(), asks, world.ports)
    return outcome.factors if isinstance(outcome, Shown) else outcome


@pytest.mark.parametrize(
    "asks", [(Factor.PIN,), (Factor.TOTP,), BOTH], ids=["pin", "code", "both"]
)
async def test_a_phone_taken_away_at_the_prompt_lets_nobody_through(
    world: World, asks: tuple[Factor, ...]
) -> None:
    """What was right when the prompt was heard is wrong when the digits are in; and it counts."""
    keyed = {Factor.PIN: f"{PIN}#", Factor.TOTP: f"{world.code()}#"}

    async def unenrol() -> None:
        await world.store.unenrol("office", "101", world.clock.now)

    outcome = await _ask_while(world, unenrol, *(keyed[each] for each in asks), asks=asks)
    assert outcome is Reason.WRONG_CODE
    assert await world.store.clear("office", SubjectKind.EXTENSION, "101", world.clock.now)


async def test_a_recovery_code_of_a_phone_taken_away_is_none(world: World) -> None:
    """It went with the secret that it stood in for."""
    asks = (Factor.TOTP,)
    outcome = await _ask_while(
        world,
        lambda: world.store.unenrol("office", "101", world.clock.now),
        f"{SPARE}#",
        asks=asks,
    )
    assert outcome is Reason.WRONG_CODE


async def test_a_pin_changed_at_the_prompt_is_the_one_that_counts(
    world: World, enrolled: Enrolment
) -> None:
    """The old one is wrong, and burns no step of the code; the new one is right."""
    new = replace(enrolled, pin=pin.hash_pin(world.ports.vault, "office", "101", "80911"))

    async def change() -> None:
        await world.store.enrol("office", new)

    code = world.code()
    assert await _ask_while(world, change, f"{PIN}#", f"{code}#") is Reason.WRONG_CODE
    await world.store.enrol("office", enrolled)
    assert await _ask_while(world, change, "80911#", f"{code}#") == SHOWN


async def test_a_pin_changed_while_it_is_checked_burns_nothing(
    world: World, enrolled: Enrolment
) -> None:
    """Between the look at a guess and the claim of its code there is time enough."""
    new = replace(enrolled, pin=pin.hash_pin(world.ports.vault, "office", "101", "80911"))

    class Changes(NoPool):
        async def run(self, check: Callable[[], Found], site: str) -> Found:
            right = await super().run(check, site)
            await world.store.enrol("office", new)
            return right

    code = world.code()
    slow = replace(world, ports=replace(world.ports, hash_pool=Changes()))
    settings = Challenge(tries=1)
    old = await _ask(slow, f"{PIN}#", f"{code}#", settings=settings)
    assert old[1] is Reason.WRONG_CODE
    assert (await _ask(world, "80911#", f"{code}#", settings=settings))[1] == SHOWN


# ------------------------------------------------------------------- a new key


async def _rotated(world: World) -> World:
    """Return the world with a new key first; 101's secret and PIN are under the older one."""
    old = new_key()
    vault = Vault([new_key(), old])
    await world.store.enrol("office", _under(Vault([old])))
    return replace(world, ports=replace(world.ports, vault=vault))


def _under(vault: Vault) -> Enrolment:
    sealed = one_time_code.seal(vault, "office", "101", SECRET)
    return Enrolment("101", pin.hash_pin(vault, "office", "101", PIN), sealed)


async def _stored(world: World) -> Enrolment:
    stored = await world.store.enrolment("office", "101")
    assert stored is not None
    return stored


async def test_a_right_pin_is_hashed_anew_under_the_new_key(world: World) -> None:
    """The old key is needed no more, and what is remembered hangs on the new hash."""
    rotated = await _rotated(world)
    policy, asks = rotated.policy, (f"{PIN}#", f"{world.code()}#")
    shown = await challenge(ScriptedChannel(asks), policy, _guesser(), BOTH, rotated.ports)
    assert isinstance(shown, Shown)
    stored = await _stored(rotated)
    assert shown.verified.pin == stored.pin
    assert stored.pin is not None
    assert not pin.needs_rehash(rotated.ports.vault, stored.pin)
    assert pin.verify_pin(rotated.ports.vault, "office", "101", PIN, stored.pin)


async def test_nothing_is_hashed_anew_for_a_guesser(world: World) -> None:
    """The time it takes would tell that the PIN was right and the code was not."""
    rotated = await _rotated(world)
    before = await _stored(rotated)
    for acts in ([f"{PIN}#", f"{WRONG_CODE}#"], [f"{WRONG_PIN}#", f"{world.code()}#"]):
        await _ask(rotated, *acts, settings=Challenge(tries=1))
    assert await _stored(rotated) == before


async def test_a_call_does_not_hang_on_the_new_hash(world: World) -> None:
    """Neither while too many PINs are checked, nor while the store is away, nor if it is late."""
    rotated = await _rotated(world)
    before = await _stored(rotated)

    class FullFromNowOn(NoPool):
        checks = 0

        async def run(self, check: Callable[[], Found], site: str) -> Found:
            self.checks += 1
            if self.checks > 1:
                raise BusyError("too many")
            return await super().run(check, site)

    full = replace(rotated, ports=replace(rotated.ports, hash_pool=FullFromNowOn()))
    assert (await _ask(full, f"{PIN}#", asks=(Factor.PIN,)))[1] == ONLY_PIN
    no_rekey = cast("Store", _Troubled(rotated.store, "rekey"))
    away = replace(rotated, ports=replace(rotated.ports, store=no_rekey))
    assert (await _ask(away, f"{PIN}#", asks=(Factor.PIN,)))[1] == ONLY_PIN
    assert await _stored(rotated) == before

    class Meddles(NoPool):
        async def run(self, check: Callable[[], Found], site: str) -> Found:
            done = await super().run(check, site)
            if done is not True:
                await rotated.store.enrol("office", Enrolment("101", "$changed"))
            return done

    late = replace(rotated, ports=replace(rotated.ports, hash_pool=Meddles()))
    assert (await _ask(late, f"{PIN}#", asks=(Factor.PIN,)))[1] == ONLY_PIN
    assert (await _stored(rotated)).pin == "$changed"
