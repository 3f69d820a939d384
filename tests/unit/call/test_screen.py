"""What is known of a call, put to the policy."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest

from fastagi.call.identify import Caller, identify
from fastagi.call.screen import (
    Screened,
    address_scope,
    call_scope,
    decide_again,
    request_of,
    screen,
)
from fastagi.numbering.pattern import Pattern
from fastagi.policy.model import ClassOfService, Factor, Verdict
from tests.unit.call.conftest import ABROAD, CALL, MOBILE, World, question

if TYPE_CHECKING:
    from fastagi.stores.store import Enrolment


def _caller(**arguments: str) -> Caller:
    caller = identify(question(ABROAD, **arguments))
    assert isinstance(caller, Caller)
    return caller


async def _screen(world: World, dialled: str) -> Screened:
    number = world.policy.plan.read(dialled)
    return await screen(world.policy, _caller(), number, world.store, world.clock.now)


def test_the_request_is_in_the_sites_own_time(world: World) -> None:
    """Hours are local."""
    summer = 1_782_900_000.0
    number = world.policy.plan.read(ABROAD)
    asked = request_of(world.policy, _caller(), number, summer)
    assert asked.at.utcoffset() == world.policy.site.timezone.utcoffset(asked.at)
    assert asked.at.timestamp() == summer
    assert asked.address == ip_address("10.0.0.5")


@pytest.mark.parametrize("pattern", ["10X", "_!", "."])
def test_who_is_not_known_is_outside(world: World, pattern: str) -> None:
    """Whatever pattern a class has; and a pattern that takes all has the trunks inside."""
    everybody = ClassOfService("everybody", (Pattern(pattern),))
    policy = replace(world.policy, classes=(everybody,))
    number = policy.plan.read(ABROAD)
    for party, outside in (("", True), ("101", False), ("my-trunk", pattern == "10X")):
        caller = _caller(transferer="PJSIP/101-00000001", endpoint=party)
        assert request_of(policy, caller, number, 0).off_net == outside
    assert not request_of(policy, _caller(), number, 0).off_net


def test_scopes_name_the_place_and_the_call(world: World) -> None:
    """Remembered factors hang on the address, shown ones on the call, its number and Asterisk."""
    number = world.policy.plan.read(ABROAD)
    assert address_scope(_caller()) == "address:10.0.0.5"
    assert call_scope(_caller(), number) == f"call:{CALL}/+390612345678/127.0.0.1"


async def test_nothing_known_is_a_challenge(world: World) -> None:
    """The rule asks for both."""
    screened = await _screen(world, ABROAD)
    assert screened.decision.asks == (Factor.PIN, Factor.TOTP)
    assert screened.held is None
    assert not screened.facts.known_country


async def test_what_was_remembered_has_its_age(world: World, enrolled: Enrolment) -> None:
    """A rule holds its `remember` against it."""
    now = world.clock.now
    scope = "address:10.0.0.5"
    await world.store.remember("office", enrolled, scope, ["pin"], now - 60, now + 60)
    screened = await _screen(world, ABROAD)
    assert screened.facts.proven_s == {Factor.PIN: 60.0}
    assert screened.decision.asks == (Factor.TOTP,)


async def test_what_was_shown_in_this_call_is_shown(world: World, enrolled: Enrolment) -> None:
    """A call that asks again is not asked again."""
    now = world.clock.now
    number = world.policy.plan.read(MOBILE)
    scope = call_scope(_caller(), number)
    await world.store.remember("office", enrolled, scope, ["pin"], now, now + 60)
    assert (await _screen(world, MOBILE)).decision.verdict is Verdict.ALLOW


async def test_decided_again_with_what_was_shown(world: World) -> None:
    """One factor is not both."""
    screened = await _screen(world, ABROAD)
    half = decide_again(world.policy, screened, frozenset({Factor.PIN}))
    assert half.asks == (Factor.TOTP,)
    whole = decide_again(world.policy, screened, frozenset({Factor.PIN, Factor.TOTP}))
    assert whole.verdict is Verdict.ALLOW
