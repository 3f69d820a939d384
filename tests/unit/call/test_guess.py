"""A guess at factors, whatever way it came: counted, looked at, and held against whom."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import ip_address

import pytest

from fastagi.call.guess import Guesser, Shown, guess, subjects_of
from fastagi.errors import StoreError
from fastagi.policy.model import Factor, Reason, Rule, Scope, SignInTerms, Then
from fastagi.signs.sighting import Seen, Sighting
from fastagi.stores.store import SubjectKind
from tests.doubles.lookout import Lookout
from tests.doubles.shaky_store import ShakyStore
from tests.unit.call.conftest import PIN, World

HERE = ip_address("10.0.0.5")
MINE = Guesser("101", HERE)
WRONG_PIN = {Factor.PIN: "1357"}


def _subjects(
    world: World, address: str | None, extension: str = "101"
) -> list[tuple[SubjectKind, str]]:
    where = None if address is None else ip_address(address)
    guesser = Guesser(extension, where)
    found = subjects_of(world.policy, guesser, world.ports.vault)
    return [(each.kind, each.name) for each in found]


def test_a_guess_is_held_against_the_extension_and_the_address(world: World) -> None:
    """Where that is known."""
    extension = (SubjectKind.EXTENSION, "101")
    assert _subjects(world, None) == [extension]
    assert _subjects(world, "10.0.0.5") == [extension, (SubjectKind.ADDRESS, "10.0.0.5")]


def test_an_ipv6_address_is_held_as_its_network(world: World) -> None:
    """Whoever has one address of a /64 has them all."""
    for end in ("5", "6"):
        network = (SubjectKind.ADDRESS, "2001:db8:1:2::/64")
        assert _subjects(world, f"2001:db8:1:2::{end}")[1] == network


def test_names_that_no_phone_has_are_counted_under_a_few_of_ours(world: World) -> None:
    """Else whoever thinks of one more fills the store by one more; each counts as a phone's."""
    thought_of = [f"nobody-{each}" for each in range(10_000)]
    counted = {_subjects(world, None, each)[0] for each in thought_of}
    assert 3_000 < len(counted) <= 4_096
    assert all(kind is SubjectKind.EXTENSION for kind, _ in counted)
    assert all(re.fullmatch(r"\?[0-9a-f]{3}", name) for _, name in counted)
    assert _subjects(world, None, "me") == _subjects(world, None, "me")
    assert _subjects(world, None, "299") == [(SubjectKind.EXTENSION, "299")]


async def test_what_is_right_is_shown(world: World) -> None:
    """With the enrolment that it was held against."""
    keyed = {Factor.PIN: PIN, Factor.TOTP: world.code()}
    shown = await guess(world.policy, MINE, keyed, world.ports)
    assert isinstance(shown, Shown)
    assert shown.factors == {Factor.PIN, Factor.TOTP}
    assert shown.verified == await world.store.enrolment("office", "101")


@pytest.mark.parametrize(
    "extension", ["101", "199", "alice"], ids=["enrolled", "unknown", "nobody's"]
)
async def test_what_is_wrong_is_counted_whoever_it_is(world: World, extension: str) -> None:
    """Of one that is not enrolled nobody learns that."""
    guesser = Guesser(extension, HERE)
    outcomes = [await guess(world.policy, guesser, WRONG_PIN, world.ports) for _ in range(6)]
    assert outcomes == [*[Reason.WRONG_CODE] * 5, Reason.LOCKED_OUT]


@pytest.mark.parametrize(
    ("terms", "locked_out"),
    [(SignInTerms(), True), (SignInTerms(factors=(Factor.PIN,)), False)],
    ids=["pin and code", "pin alone"],
)
async def test_less_than_a_sign_in_asks_for_buys_no_guesses(
    world: World, terms: SignInTerms, *, locked_out: bool
) -> None:
    """Who knows the PIN only could guess at the code for ever, were the count begun anew."""
    rules = (Rule("in", Scope(), Then.SIGN_IN), Rule("pin", Scope(), Then.PIN))
    policy = replace(world.policy, rules=rules, sign_in=terms)
    for keyed in [WRONG_PIN, WRONG_PIN, WRONG_PIN, {Factor.PIN: PIN}] * 2:
        await guess(policy, MINE, keyed, world.ports)
    there = await world.store.lockouts("office", world.clock.now)
    assert bool(there) is locked_out


# ----------------------------------------------------------------------------- on others' phones


def _elsewhere(place: int, person: str) -> Guesser:
    """Somebody who guesses at a person on phone 102, each time from another address."""
    return Guesser(person, ip_address(f"192.0.2.{place}"), "102")


async def _is_locked_out(world: World, extension: str) -> bool:
    there = await world.store.lockouts("office", world.clock.now)
    return (SubjectKind.EXTENSION, extension) in [(each.kind, each.name) for each in there]


async def test_guesses_at_many_on_one_phone_lock_that_phone_out(world: World) -> None:
    """Whoever has its SIP password could else lock out a whole site, wherever they call from."""
    allowed = world.policy.lockout.wrong_from_address
    for each in range(allowed):
        guesser = _elsewhere(each, f"2{each:02}")
        assert await guess(world.policy, guesser, WRONG_PIN, world.ports) is Reason.WRONG_CODE
    right = {Factor.PIN: PIN, Factor.TOTP: world.code()}
    refused = await guess(world.policy, _elsewhere(99, "101"), right, world.ports)
    assert refused is Reason.LOCKED_OUT
    assert await _is_locked_out(world, "102")
    assert not await _is_locked_out(world, "101")


async def test_ones_own_code_buys_no_guesses_on_a_phone_of_others(world: World) -> None:
    """Its count goes on where it was, whoever signs in there meanwhile."""
    allowed = world.policy.lockout.wrong_from_address
    for each in range(allowed - 1):
        await guess(world.policy, _elsewhere(each, f"2{each:02}"), WRONG_PIN, world.ports)
    right = {Factor.PIN: PIN, Factor.TOTP: world.code()}
    shown = await guess(world.policy, _elsewhere(98, "101"), right, world.ports)
    assert isinstance(shown, Shown)
    assert not await _is_locked_out(world, "102")
    await guess(world.policy, _elsewhere(99, "299"), WRONG_PIN, world.ports)
    assert await _is_locked_out(world, "102")


async def test_who_is_locked_out_costs_the_phone_nothing(world: World) -> None:
    """Nothing is looked at then, so nothing is counted."""
    for _ in range(world.policy.lockout.wrong):
        await guess(world.policy, MINE, WRONG_PIN, world.ports)
    for each in range(2 * world.policy.lockout.wrong_from_address):
        refused = await guess(world.policy, _elsewhere(each, "101"), WRONG_PIN, world.ports)
        assert refused is Reason.LOCKED_OUT
    assert not await _is_locked_out(world, "102")


@pytest.mark.parametrize("step", ["begin_attempt", "enrolment"])
async def test_trouble_of_ours_costs_the_phone_nothing(world: World, step: str) -> None:
    """Whether it comes before the guess is counted whole, or after."""
    shaky = ShakyStore(world.store)
    ports = replace(world.ports, store=shaky.store)

    async def fail() -> None:
        if len(shaky.asked) > 1:  # not the first count, which is of the phone
            raise StoreError("away")

    shaky.before[step] = fail
    for each in range(world.policy.lockout.wrong_from_address):
        shaky.asked.clear()
        with pytest.raises(StoreError):
            await guess(world.policy, _elsewhere(each, "101"), WRONG_PIN, ports)
    assert not await world.store.lockouts("office", world.clock.now)


# ----------------------------------------------------------------------------- as the thief


@pytest.mark.parametrize("pin", [PIN, "1357"], ids=["right", "wrong"])
@pytest.mark.parametrize("burnt", [True, False], ids=["overheard", "made up"])
async def test_by_the_steps_of_the_store_nobody_learns_which_was_wrong(
    world: World, pin: str, *, burnt: bool
) -> None:
    """A code that was overheard is burnt: beside it a right PIN takes as long as a wrong one."""
    code = world.code()
    assert isinstance(
        await guess(world.policy, MINE, {Factor.PIN: PIN, Factor.TOTP: code}, world.ports), Shown
    )
    shaky = ShakyStore(world.store)
    ports = replace(world.ports, store=shaky.store)
    keyed = {Factor.PIN: pin, Factor.TOTP: code if burnt else "000000"}
    assert await guess(world.policy, MINE, keyed, ports) is Reason.WRONG_CODE
    assert shaky.asked == ["begin_attempt", "enrolment", "claim_step"]


async def test_a_wrong_guess_burns_no_code(world: World) -> None:
    """What is burnt in its place is a step that was over long ago."""
    keyed = {Factor.PIN: "1357", Factor.TOTP: world.code()}
    assert await guess(world.policy, MINE, keyed, world.ports) is Reason.WRONG_CODE
    keyed[Factor.PIN] = PIN
    assert isinstance(await guess(world.policy, MINE, keyed, world.ports), Shown)


async def test_a_wrong_code_is_told_to_whoever_is_on_the_lookout(world: World) -> None:
    """One at each of many extensions, from many addresses: no lockout, but seen all the same."""
    lookout = Lookout()
    ports = replace(world.ports, sightings=lookout)
    for each in range(20):
        where = ip_address(f"192.0.2.{each}")
        guesser = Guesser(f"2{each:02}", where, proven=each % 2 == 0)
        assert await guess(world.policy, guesser, WRONG_PIN, ports) is Reason.WRONG_CODE
    assert lookout.seen == [
        Sighting(
            at=world.clock.now,
            seen=Seen.WRONG_CODE,
            account=f"2{each:02}",
            address=ip_address(f"192.0.2.{each}"),
            proven=each % 2 == 0,
            site="office",
        )
        for each in range(20)
    ]


async def test_a_right_code_is_told_to_nobody(world: World) -> None:
    """Nor is one that could not be looked at, or was not, as a lockout is in force."""
    lookout = Lookout()
    ports = replace(world.ports, sightings=lookout)
    keyed = {Factor.PIN: PIN, Factor.TOTP: world.code()}
    assert isinstance(await guess(world.policy, MINE, keyed, ports), Shown)
    assert lookout.seen == []
    for _ in range(world.policy.lockout.wrong):
        await guess(world.policy, MINE, WRONG_PIN, ports)
    assert len(lookout.seen) == world.policy.lockout.wrong
    assert await guess(world.policy, MINE, WRONG_PIN, ports) is Reason.LOCKED_OUT
    assert len(lookout.seen) == world.policy.lockout.wrong
