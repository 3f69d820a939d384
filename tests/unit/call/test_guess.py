"""A guess at factors, whatever way it came: counted, looked at, and held against whom."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest

from fastagi.call.guess import Guesser, Shown, guess, subjects_of
from fastagi.policy.model import Factor, Reason, Rule, Scope, SignInTerms, Then
from fastagi.stores.store import SubjectKind
from tests.unit.call.conftest import PIN, World

if TYPE_CHECKING:
    from fastagi.policy.model import Policy

HERE = ip_address("10.0.0.5")
MINE = Guesser("101", HERE)
WRONG_PIN = {Factor.PIN: "1357"}


def _subjects(policy: Policy, address: str | None) -> list[tuple[SubjectKind, str]]:
    where = None if address is None else ip_address(address)
    return [(each.kind, each.name) for each in subjects_of(policy, Guesser("101", where))]


def test_a_guess_is_held_against_the_extension_and_the_address(world: World) -> None:
    """Where that is known."""
    extension = (SubjectKind.EXTENSION, "101")
    assert _subjects(world.policy, None) == [extension]
    assert _subjects(world.policy, "10.0.0.5") == [extension, (SubjectKind.ADDRESS, "10.0.0.5")]


def test_an_ipv6_address_is_held_as_its_network(world: World) -> None:
    """Whoever has one address of a /64 has them all."""
    for end in ("5", "6"):
        network = (SubjectKind.ADDRESS, "2001:db8:1:2::/64")
        assert _subjects(world.policy, f"2001:db8:1:2::{end}")[1] == network


async def test_what_is_right_is_shown(world: World) -> None:
    """With the enrolment that it was held against."""
    keyed = {Factor.PIN: PIN, Factor.TOTP: world.code()}
    shown = await guess(world.policy, MINE, keyed, world.ports)
    assert isinstance(shown, Shown)
    assert shown.factors == {Factor.PIN, Factor.TOTP}
    assert shown.verified == await world.store.enrolment("office", "101")


@pytest.mark.parametrize("extension", ["101", "199"], ids=["enrolled", "unknown"])
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
