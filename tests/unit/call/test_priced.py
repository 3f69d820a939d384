"""Calls that cost money: let through for as long as it lasts, and settled by what was talked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from fastagi.call.channel import Argument, Script, Variable
from fastagi.call.flow import Gate
from fastagi.policy.loading import load
from fastagi.policy.model import Reason
from fastagi.rating.tariff import MONEY_UNIT
from fastagi.stores.budgets import Level
from tests.doubles.scripted_channel import ScriptedChannel
from tests.unit.call.conftest import CALL, NATIONAL, POLICY, OnePolicy, World, question

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

RATES: Final = "prefix,price_per_minute,connect_fee,first_seconds,next_seconds\n44,0.60,0,60,60\n"
LIMITS: Final = """
[rates]
file = "rates.csv"
currency = "GBP"

[[limit]]
name = "a-day"
per = "extension"
spend = "3.00"
attempts = 3
within = "24h"

[[limit]]
name = "not-for-ever"
duration = "10m"
"""
NUMBER: Final = "+442079460000"
CENT: Final = MONEY_UNIT // 100


@pytest.fixture
def priced(world: World, tmp_path: Path) -> World:
    """A gate where a minute costs 0.60, and an extension has 3.00 a day."""
    (tmp_path / "rates.csv").write_text(RATES)
    (tmp_path / "priced.toml").write_text(POLICY + LIMITS)
    ports = replace(world.ports, policies=OnePolicy(load(tmp_path / "priced.toml")))
    return World(ports, world.clock, world.log, Gate(ports))


async def call(world: World, name: str = CALL, **arguments: str) -> tuple[str, str, str]:
    """Call, and return the verdict, who decided, and for how long."""
    channel = ScriptedChannel()
    await world.gate.answer(question(NATIONAL, call=name, **arguments), channel)
    told = channel.told
    return (
        told[Variable.VERDICT],
        told[Variable.RULE],
        told.get(Variable.SECONDS, told[Variable.REASON]),
    )


async def release(world: World, name: str = CALL, **arguments: str) -> None:
    """Release a call, as the dialplan does."""
    asked = question("", call=name, **{Argument.NUMBER: NUMBER, **arguments})
    await world.gate.answer(replace(asked, script=Script.RELEASE), ScriptedChannel())


async def money(world: World) -> Sequence[int]:
    """Return how much money is used, and how much of that is only reserved, in cents."""
    levels = await world.store.spent("office", world.clock.now)
    (level,) = [each for each in levels if each.unit == "spend"] or [Level("", "", "spend", 0, 0)]  # type: ignore[arg-type]  # whatever unit nothing is of
    return level.used // CENT, level.reserved // CENT


async def test_a_call_lasts_as_long_as_its_money(priced: World) -> None:
    """Five minutes of the ten that it may; so much is reserved, and on record."""
    assert await call(priced) == ("ALLOW", "at-home", "300")
    assert await money(priced) == (300, 300)
    record = priced.log.records[-1]
    assert (record.price, record.reserved, record.cost) == (60 * CENT, 300 * CENT, None)
    assert (record.currency, record.crossed) == ("GBP", ("a-day",))
    assert await call(priced, "1.2") == ("DENY", "a-day", "budget-reached")


async def test_what_was_not_talked_is_given_back(priced: World) -> None:
    """Whole increments are used, and what was paid is on record."""
    await call(priced)
    await release(priced, talked="61")
    assert await money(priced) == (120, 0)
    settled = priced.log.records[-1]
    assert (settled.reason, settled.seconds, settled.cost) == (Reason.SETTLED, 61, 120 * CENT)
    assert (settled.reserved, settled.call, settled.number) == (300 * CENT, CALL, NUMBER)
    assert await call(priced, "1.2") == ("ALLOW", "at-home", "180")


async def test_to_release_again_settles_nothing_and_records_nothing(priced: World) -> None:
    """The dialplan asks until it is heard, and says the same each time."""
    await call(priced)
    for talked in ("61", "61", "0"):
        await release(priced, talked=talked)
    assert await money(priced) == (120, 0)
    assert [each.reason for each in priced.log.records].count(Reason.SETTLED) == 1


async def test_nobody_answered_and_nothing_is_used(priced: World) -> None:
    """But an attempt."""
    for name in ("1.1", "1.2", "1.3"):
        assert (await call(priced, name))[0] == "ALLOW"
        await release(priced, name, talked="0")
    assert await money(priced) == (0, 0)
    assert await call(priced, "1.4") == ("DENY", "a-day", "budget-reached")


@pytest.mark.parametrize(
    "talked", ["", "-1", "1.5", "1 ", "+1", "0x1", "١", "99999999", "1e1", "nobody"]
)
async def test_what_is_not_known_of_a_call_is_all_of_it(priced: World, talked: str) -> None:
    """Since it was let through: what cannot be read makes no call cheaper."""
    await call(priced)
    priced.clock.now += 150
    asked = question("", call=CALL, number=NUMBER)
    asked = replace(
        asked, script=Script.RELEASE, arguments={**asked.arguments, Argument.TALKED: talked}
    )
    await priced.gate.answer(asked, ScriptedChannel())
    assert await money(priced) == (180, 0)


async def test_more_than_was_reserved_is_never_charged(priced: World) -> None:
    """The leg could not last any longer."""
    await call(priced)
    await release(priced, talked="9999999")
    assert await money(priced) == (300, 0)


async def test_a_caller_who_hung_up_by_then_has_used_nothing(priced: World) -> None:
    """Nothing was dialled, whatever the dialplan was told."""
    channel = ScriptedChannel(dies_at=0)
    channel.hung_up = True
    await priced.gate.answer(question(NATIONAL), channel)
    assert (await priced.slots(), await money(priced)) == (0, (0, 0))


async def test_the_next_trunk_gets_what_is_left_of_what_is_reserved(priced: World) -> None:
    """Though the lease was renewed since; and nothing is reserved twice."""
    await call(priced)
    held = (await priced.store.live(None, priced.clock.now))[0]
    await priced.store.renew(
        held.site, held.call, held.number, held.node, held.expires + 1000, priced.clock.now
    )
    priced.clock.now += 100
    assert await call(priced) == ("ALLOW", "at-home", "200")
    assert await money(priced) == (300, 300)
    priced.clock.now += 200
    assert await call(priced) == ("DENY", "at-home", "budget-reached")


class _Sliced:
    """Somebody who sees to it that calls of one node go on."""

    def seconds(self, node: str) -> int:
        return 120 if node == "watched" else 0


async def test_where_calls_are_looked_after_a_slice_is_enough(priced: World) -> None:
    """So two calls share a budget; where nobody looks after them all is reserved."""
    ports = replace(priced.ports, slices=_Sliced())
    sliced = World(ports, priced.clock, priced.log, Gate(ports))
    assert await call(sliced, node="watched") == ("ALLOW", "at-home", "120")
    assert await money(sliced) == (120, 120)
    (lease,) = await sliced.store.live(None, sliced.clock.now)
    assert (lease.seconds, lease.longest_s) == (120, 300)
    assert await call(sliced, "1.2", node="watched") == ("ALLOW", "at-home", "120")
    await release(sliced, "1.2", node="watched", talked="0")
    assert await call(sliced, "1.3", node="elsewhere") == ("ALLOW", "at-home", "180")


async def test_what_no_budget_counts_is_not_sliced(world: World) -> None:
    """Such a call goes on however long its watcher is away."""
    ports = replace(world.ports, slices=_Sliced())
    sliced = World(ports, world.clock, world.log, Gate(ports))
    assert await call(sliced, node="watched") == ("ALLOW", "at-home", str(4 * 3600))


async def test_what_cost_nothing_to_nobody_is_not_settled(world: World) -> None:
    """Where no call has a price, and no limit a budget, nothing more is on record."""
    await call(world)
    await release(world, talked="61")
    assert [each.reason for each in world.log.records] == [Reason.ALLOWED]
