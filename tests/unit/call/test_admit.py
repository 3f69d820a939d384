"""Slots are taken before ALLOW is said, and outlive the leg they are for."""

from __future__ import annotations

from fastagi.call.admit import LEASE_MARGIN_S, admit, again, allowance
from fastagi.call.channel import Variable
from fastagi.call.ending import Ending
from fastagi.call.identify import Caller, identify
from fastagi.policy.model import Claim, Decision, Per, Reason, Verdict
from fastagi.stores.store import Full, Hold, Lease, Taken
from tests.unit.call.conftest import CALL, NATIONAL, World, question

NOW = 1_700_000_000.0


def _decision(calls: int) -> Decision:
    claim = Claim("one", Per.EXTENSION, "101", calls)
    return Decision(Verdict.ALLOW, "at-home", Reason.ALLOWED, claims=(claim,), seconds=600)


async def _admit(world: World, call: str, calls: int = 1) -> Taken | Full:
    caller = identify(question(NATIONAL, call=call))
    assert isinstance(caller, Caller)
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
    )


async def test_a_full_limit_takes_nothing(world: World) -> None:
    """The second call finds the one slot taken."""
    await _admit(world, "1.1")
    assert await _admit(world, "1.2") == Full("one", "101")


async def test_a_call_that_asks_again_may_live_as_long_as_is_left(world: World) -> None:
    """Its next leg ends before its lease does."""
    taken = await _admit(world, CALL)
    assert isinstance(taken, Taken)
    assert again(taken.lease, NOW + 100) == Ending(Verdict.ALLOW, "at-home", Reason.ALLOWED, 500)


async def test_a_call_whose_time_is_up_is_refused(world: World) -> None:
    """No leg of no seconds is let through: Asterisk would take that for unbounded."""
    taken = await _admit(world, CALL)
    assert isinstance(taken, Taken)
    assert again(taken.lease, NOW + 600).verdict is Verdict.DENY


def test_the_verdict_comes_last(world: World) -> None:
    """It stands for all the other variables."""
    number = world.policy.plan.read(NATIONAL)
    ending = Ending(Verdict.ALLOW, "at-home", Reason.ALLOWED, 600)
    told = allowance(ending, number, CALL, "4071")
    assert list(told)[-1] is Variable.VERDICT
    assert told[Variable.NUMBER] == "+442079460000"
