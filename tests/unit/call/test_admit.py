"""Slots are taken before ALLOW is said, and outlive the leg they are for."""

from __future__ import annotations

from dataclasses import replace

from fastagi.call.admit import LEASE_MARGIN_S, LEAST_S, admit, again, allowance, needs_others
from fastagi.call.channel import Variable
from fastagi.call.ending import Ending, refused
from fastagi.call.identify import Caller, identify
from fastagi.policy.model import Claim, Decision, Per, Reason, Verdict
from fastagi.stores.store import Full, Hold, Lease, NotSignedIn, Taken
from tests.unit.call.conftest import CALL, NATIONAL, World, question

NOW = 1_700_000_000.0


def _decision(calls: int) -> Decision:
    claim = Claim("one", Per.EXTENSION, "101", calls)
    return Decision(Verdict.ALLOW, "at-home", Reason.ALLOWED, claims=(claim,), seconds=600)


def _caller(call: str = CALL, **arguments: str) -> Caller:
    caller = identify(question(NATIONAL, call=call, **arguments))
    assert isinstance(caller, Caller)
    return caller


async def _admit(world: World, call: str, calls: int = 1) -> Taken | Full | NotSignedIn:
    caller = _caller(call)
    number = world.policy.plan.read(NATIONAL)
    return await admit(world.store, "office", caller, number, _decision(calls), "4071", NOW)


async def test_the_lease_says_who_holds_what_until_when(world: World) -> None:
    """It outlives the trunk leg's absolute timeout."""
    taken = await _admit(world, CALL)
    assert isinstance(taken, Taken)
    assert taken.lease == Lease(
        site="office",
        call=CALL,
        number="+442079460000",
        extension="101",
        country="GB",
        category="national",
        channel="PJSIP/101-0000002a",
        node="127.0.0.1",
        rule="at-home",
        reference="4071",
        seconds=600,
        since=NOW,
        expires=NOW + 600 + LEASE_MARGIN_S,
        holds=(Hold("one", "101", 1),),
        least_s=LEAST_S,
    )


async def test_a_full_limit_takes_nothing(world: World) -> None:
    """The second call finds the one slot taken."""
    await _admit(world, "1.1")
    assert await _admit(world, "1.2") == Full("one", "101")


async def test_a_call_that_asks_again_may_live_as_long_as_is_left(world: World) -> None:
    """Its next leg ends before its lease does."""
    taken = await _admit(world, CALL)
    assert isinstance(taken, Taken)
    ending = again(taken.lease, _caller(), NOW + 100)
    assert ending == Ending(Verdict.ALLOW, "at-home", Reason.ALLOWED, 500)


async def test_a_call_whose_time_is_up_is_refused(world: World) -> None:
    """No leg of no seconds is let through: Asterisk would take that for unbounded."""
    taken = await _admit(world, CALL)
    assert isinstance(taken, Taken)
    assert again(taken.lease, _caller(), NOW + 600).reason is Reason.BUDGET_REACHED


async def test_a_lease_is_good_for_its_own_extension_only(world: World) -> None:
    """Not for another that the same channel speaks for by now."""
    taken = await _admit(world, CALL)
    assert isinstance(taken, Taken)
    assert again(taken.lease, _caller(endpoint="102"), NOW) == refused(Reason.BAD_QUESTION)


async def test_slots_are_others_by_their_limit_or_key(world: World) -> None:
    """However many calls the limit has by now, and in whatever order they are."""
    taken = await _admit(world, CALL)
    assert isinstance(taken, Taken)
    lease = replace(taken.lease, holds=(Hold("two", "GB", 1), *taken.lease.holds))
    one, two = Claim("one", Per.EXTENSION, "101", 5), Claim("two", Per.COUNTRY, "GB", 1)
    same = [(one, two), (two, one)]
    others = [(one,), (one, replace(two, key="FR")), (one, replace(two, limit="three"))]
    assert not any(needs_others(lease, replace(_decision(1), claims=each)) for each in same)
    assert all(needs_others(lease, replace(_decision(1), claims=each)) for each in others)


def test_the_verdict_comes_last(world: World) -> None:
    """It stands for all the other variables."""
    number = world.policy.plan.read(NATIONAL)
    ending = Ending(Verdict.ALLOW, "at-home", Reason.ALLOWED, 600)
    told = allowance(ending, number, CALL, "4071")
    assert list(told)[-1] is Variable.VERDICT
    assert told[Variable.NUMBER] == "+442079460000"
