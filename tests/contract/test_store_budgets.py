"""What every store promises of budgets: never a unit too many, none that leaks, none lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.rating.tariff import Tariff
from fastagi.stores.budgets import SHORT_S, Budget, Level, Unit
from fastagi.stores.store import FailureKind, Full, Hold, Lease, Lockout, Longer, Taken
from tests.contract.store_kinds import (
    EXTENSION,
    NODE,
    PENALTY,
    ROME,
    SITE,
    SOON_S,
    a_lease,
    give_up,
)

if TYPE_CHECKING:
    from fastagi.stores.store import Store

BY_MINUTE = Tariff(60, 10, 60, 10)
SPEND = Budget("day", "101", Unit.SPEND, 100, 3600)
SECONDS = Budget("day", "101", Unit.SECONDS, 700, 3600)
ATTEMPTS = Budget("day", "101", Unit.ATTEMPTS, 2, 3600)
NUMBERS = Budget("far", "office", Unit.NUMBERS, 2, 3600, item=ROME)
ALL = (SPEND, SECONDS, ATTEMPTS, NUMBERS)


def _call(
    call: str, *budgets: Budget, seconds: int = 300, since: float = 0.0, longest_s: int = 0
) -> Lease:
    """Return a lease by the minute; it ends a minute after its call at the latest."""
    lease = a_lease(call, since=since, expires=since + seconds + 60)
    lease = replace(lease, seconds=seconds, longest_s=longest_s)
    return replace(lease, budgets=budgets, tariff=BY_MINUTE)


async def _used(store: Store, budget: Budget, now: float, site: str = SITE) -> tuple[int, int]:
    """Return what is used of a budget, and what of it is reserved."""
    levels = {(each.limit, each.key, each.unit): each for each in await store.spent(site, now)}
    level = levels.get(budget.window)
    return (0, 0) if level is None else (level.used, level.reserved)


async def test_all_that_a_call_may_use_is_reserved_before_it_is_let_through(store: Store) -> None:
    """The next one has what is left."""
    lease = _call("a", *ALL)
    assert await store.take(lease, 0.0) == Taken(lease, fresh=True)
    assert await store.spent(SITE, 0.0) == [
        Level("day", "101", Unit.ATTEMPTS, 1, 2),
        Level("day", "101", Unit.SECONDS, 300, 700, 300),
        Level("day", "101", Unit.SPEND, 50, 100, 50),
        Level("far", "office", Unit.NUMBERS, 1, 2),
    ]
    assert await store.live(SITE, 0.0) == [lease]
    assert await store.spent("hotel", 0.0) == []


@pytest.mark.parametrize(
    ("budgets", "seconds", "used"),
    [
        ((replace(SPEND, most=49),), 240, 40),
        ((replace(SECONDS, most=241),), 241, 241),
        ((SPEND, replace(SECONDS, most=61)), 61, 20),
        ((replace(SPEND, most=39), SECONDS), 180, 30),
    ],
    ids=["money", "seconds", "seconds the shorter", "money the shorter"],
)
async def test_a_call_may_last_as_long_as_its_budgets(
    store: Store, budgets: tuple[Budget, ...], seconds: int, used: int
) -> None:
    """And is void earlier by what was cut; of all is reserved what so many seconds take."""
    taken = await store.take(_call("a", *budgets), 0.0)
    assert isinstance(taken, Taken)
    assert taken.lease == replace(_call("a", *budgets, seconds=seconds), expires=60.0 + seconds)
    assert await store.live(SITE, 0.0) == [taken.lease]
    assert await _used(store, budgets[0], 0.0) == (used, used)
    assert await store.live(SITE, 60.0 + seconds) == []


async def test_too_little_is_not_worth_a_call(store: Store) -> None:
    """The first budget that has too little is named; nothing is charged, no slot taken."""
    await store.take(_call("a", SPEND, SECONDS, seconds=580), 0.0)
    left = [Budget("none", "x", Unit.ATTEMPTS, 9, 60), SECONDS, SPEND]
    hold = Hold("one", "101", 1)
    asked = replace(_call("b", *left), least_s=121, holds=(hold,))
    assert await store.take(asked, 0.0) == Full("day", "101", Unit.SECONDS)
    assert await _used(store, left[0], 0.0) == (0, 0)
    assert [each.call for each in await store.live(SITE, 0.0)] == ["a"]
    assert await store.take(replace(asked, budgets=(SECONDS,), least_s=121), 0.0) == Full(
        "day", "101", Unit.SECONDS
    )
    taken = await store.take(replace(asked, budgets=(SECONDS,), least_s=120), 0.0)
    assert isinstance(taken, Taken)
    assert taken.lease.seconds == 120
    assert await store.take(_call("c", SPEND), 0.0) == Full("day", "101", Unit.SPEND)


async def test_a_call_that_wants_little_needs_no_more(store: Store) -> None:
    """`least_s` is for calls that were cut."""
    asked = replace(_call("a", SECONDS, seconds=10), least_s=30)
    assert await store.take(asked, 0.0) == Taken(asked, fresh=True)


async def test_slots_are_looked_at_before_budgets(store: Store) -> None:
    """Of both, the slot that is full is named."""
    asked = replace(_call("a", replace(ATTEMPTS, most=0)), holds=(Hold("none", "x", 0),))
    assert await store.take(asked, 0.0) == Full("none", "x")


async def test_a_call_that_costs_nothing_is_let_through_without_money(store: Store) -> None:
    """By no tariff, or by one that is free; though its minutes may be counted."""
    none = replace(SPEND, most=0)
    for call, tariff in (("a", None), ("b", Tariff(60, 0, 60, 0))):
        lease = replace(_call(call, none), tariff=tariff)
        assert await store.take(lease, 0.0) == Taken(lease, fresh=True)
    assert await store.spent(SITE, 0.0) == []
    assert await store.charges(SITE, 0.0) != []  # their leases have them


@pytest.mark.parametrize(
    ("talked_s", "spent", "seconds"),
    [(0, 0, 0), (1, 10, 1), (60, 10, 60), (61, 20, 61), (300, 50, 300), (9999, 50, 300)],
)
async def test_what_was_not_used_is_given_back(
    store: Store, talked_s: int, spent: int, seconds: int
) -> None:
    """Never more is kept than was reserved; a call that nobody answered costs nothing."""
    await store.take(_call("a", *ALL), 0.0)
    assert await store.release(SITE, "a", None, None, 350.0, talked_s) == 1
    assert await _used(store, SPEND, 350.0) == (spent, 0)
    assert await _used(store, SECONDS, 350.0) == (seconds, 0)
    assert await store.release(SITE, "a", None, None, 350.0, 0) == 0
    assert await _used(store, SECONDS, 350.0) == (seconds, 0)
    assert await _used(store, ATTEMPTS, 350.0) == (1, 0)
    assert await _used(store, NUMBERS, 350.0) == (1, 0)


@pytest.mark.parametrize(
    ("now", "seconds"), [(10.0, 0), (10.1, 1), (70.0, 60), (999.0, 300), (9.9, 300)]
)
async def test_where_nobody_knows_how_long_it_was_answered_all_the_time_counts(
    store: Store, now: float, seconds: int
) -> None:
    """Since it was let through; all that was reserved where the clock was set back since."""
    await store.take(replace(_call("a", SECONDS, since=10.0), expires=2000.0), 10.0)
    await store.release(SITE, "a", None, None, now)
    assert await _used(store, SECONDS, now) == (seconds, 0)


async def test_a_call_that_nobody_releases_counts_whole(store: Store) -> None:
    """Until its window is over from when it expired, as then it may have ended."""
    await store.take(_call("a", SPEND), 0.0)
    assert await _used(store, SPEND, 359.9) == (50, 50)
    assert await _used(store, SPEND, 360.0) == (50, 0)
    assert await store.tidy(400.0) == 1
    assert await _used(store, SPEND, 3959.9) == (50, 0)
    assert await _used(store, SPEND, 3960.0) == (0, 0)
    assert await store.tidy(3960.0) == 1
    assert await store.charges(SITE, 0.0) == []


async def test_a_call_that_has_expired_and_is_there_still_settles(store: Store) -> None:
    """By what it used, as of when it expired."""
    await store.take(_call("a", SPEND), 0.0)
    assert await store.release(SITE, "a", None, None, 500.0, 61) == 0
    assert await _used(store, SPEND, 3959.9) == (20, 0)
    assert await _used(store, SPEND, 3960.0) == (0, 0)


async def test_a_call_taken_anew_after_its_end_gives_nothing_back(store: Store) -> None:
    """What nobody settled before counts beside what is reserved now."""
    await store.take(_call("a", SPEND), 0.0)
    again = _call("a", SPEND, since=400.0)
    assert await store.take(again, 400.0) == Taken(
        again, fresh=True, crossed=(Level("day", "101", Unit.SPEND, 100, 100),)
    )
    assert await _used(store, SPEND, 400.0) == (100, 50)


async def test_a_call_taken_anew_at_the_same_moment_counts_twice(store: Store) -> None:
    """Its charges are named alike; what the first one used is not the second's."""
    for talked_s in (60, 61, 0):
        await store.take(_call("a", SPEND, seconds=100), 0.0)
        await store.release(SITE, "a", None, None, 0.0, talked_s)
    assert await _used(store, SPEND, 0.0) == (30, 0)


async def test_a_charge_counts_until_the_window_is_over(store: Store) -> None:
    """From when it was settled; to the instant."""
    await store.take(_call("a", SECONDS, seconds=700), 0.0)
    await store.release(SITE, "a", None, None, 100.0, 700)
    assert await store.take(_call("b", SECONDS), 3699.9) == Full("day", "101", Unit.SECONDS)
    assert isinstance(await store.take(_call("b", SECONDS, since=3700.0), 3700.0), Taken)
    assert await _used(store, SECONDS, 3700.0) == (300, 300)


async def test_attempts_count_from_when_they_were_made(store: Store) -> None:
    """Whatever became of the call: that nobody answered is no reason to ring a thousand."""
    for call in ("a", "b"):
        await store.take(_call(call, ATTEMPTS), 0.0)
        await store.release(SITE, call, None, None, 100.0, 0)
    assert await store.take(_call("c", ATTEMPTS), 3599.9) == Full("day", "101", Unit.ATTEMPTS)
    assert isinstance(await store.take(_call("c", ATTEMPTS), 3600.0), Taken)


async def test_distinct_items_are_counted_once(store: Store) -> None:
    """A number that was called may be called again, and counts from then; a new one may not."""
    for call, item, at in (("a", "+1", 0.0), ("b", "+2", 0.0), ("c", "+1", 100.0)):
        lease = _call(call, replace(NUMBERS, item=item), since=at)
        assert isinstance(await store.take(lease, at), Taken)
    third = _call("d", replace(NUMBERS, item="+3"))
    assert await store.take(third, 3599.9) == Full("far", "office", Unit.NUMBERS)
    assert isinstance(await store.take(replace(third, since=3600.0), 3600.0), Taken)
    assert await store.take(_call("e", replace(NUMBERS, item="+2")), 3600.0) == Full(
        "far", "office", Unit.NUMBERS
    )
    assert await _used(store, NUMBERS, 3699.9) == (2, 0)
    assert await _used(store, NUMBERS, 3700.0) == (1, 0)


async def test_windows_are_counted_by_name_key_and_unit(store: Store) -> None:
    """And by site."""
    one = replace(ATTEMPTS, most=1)
    others = (replace(one, key="102"), replace(one, limit="o"), replace(one, unit=Unit.NUMBERS))
    for call, budget in zip("abcd", (one, *others), strict=True):
        assert isinstance(await store.take(_call(call, budget), 0.0), Taken)
    assert isinstance(await store.take(replace(_call("a", one), site="hotel"), 0.0), Taken)
    assert await store.take(_call("e", one), 0.0) == Full("day", "101", one.unit)


async def test_a_budget_that_is_named_twice_is_charged_once(store: Store) -> None:
    """The first one counts."""
    taken = await store.take(_call("a", SPEND, replace(SPEND, most=10)), 0.0)
    assert taken == Taken(_call("a", SPEND), fresh=True)
    assert await _used(store, SPEND, 0.0) == (50, 50)


async def test_asking_again_charges_nothing_again(store: Store) -> None:
    """Nor does it give anything back, whatever is said of it now."""
    lease = _call("a", *ALL)
    await store.take(lease, 0.0)
    for budgets in (ALL, (replace(SPEND, most=0, within_s=1),), ()):
        asked = replace(lease, budgets=budgets, seconds=9, longest_s=99, tariff=None)
        assert await store.take(asked, 10.0) == Taken(lease, fresh=False)
    assert await _used(store, SPEND, 10.0) == (50, 50)


async def test_the_next_trunks_budget_is_charged_for_the_seconds_that_the_call_has(
    store: Store,
) -> None:
    """All of them, or it is full and the call has what it had."""
    trunk = Budget("trunk", "B", Unit.SPEND, 59, 3600)
    lease = _call("a", SPEND)
    await store.take(lease, 0.0)
    asked = _call("a", trunk, seconds=9)
    now_held = _call("a", SPEND, trunk)
    crossed = (Level("trunk", "B", Unit.SPEND, 50, 59),)
    assert await store.take(asked, 10.0) == Taken(now_held, fresh=False, crossed=crossed)
    assert await store.live(SITE, 10.0) == [now_held]
    short = _call("a", replace(ATTEMPTS, limit="new"), replace(trunk, key="C", most=49))
    assert await store.take(short, 20.0) == Full("trunk", "C", Unit.SPEND)
    assert await store.live(SITE, 20.0) == [now_held]
    assert await _used(store, short.budgets[0], 20.0) == (0, 0)
    await store.release(SITE, "a", None, None, 30.0, 60)
    assert await _used(store, trunk, 30.0) == (10, 0)


async def test_a_call_that_had_no_money_to_pay_goes_by_the_tariff_of_its_next_trunk(
    store: Store,
) -> None:
    """Else it would be charged nothing; one that had keeps its own."""
    await store.take(replace(_call("a", SECONDS), tariff=None), 0.0)
    taken = await store.take(_call("a", SPEND), 1.0)
    assert taken == Taken(_call("a", SECONDS, SPEND), fresh=False)
    assert await _used(store, SPEND, 1.0) == (50, 50)
    dearer = Tariff(1, 7, 1, 7)
    other = replace(_call("a", replace(SPEND, limit="week")), tariff=dearer)
    taken = await store.take(other, 2.0)
    assert isinstance(taken, Taken)
    assert taken.lease.tariff == BY_MINUTE
    assert await _used(store, other.budgets[0], 2.0) == (50, 50)


async def test_another_extensions_call_is_charged_nothing(store: Store) -> None:
    """It is told whose lease it is."""
    lease = _call("a", SPEND)
    await store.take(lease, 0.0)
    other = replace(_call("a", ATTEMPTS), extension="102")
    assert await store.take(other, 1.0) == Taken(lease, fresh=False)
    assert await _used(store, ATTEMPTS, 1.0) == (0, 0)


async def test_a_shadow_is_charged_alike_and_neither_cuts_nor_refuses(store: Store) -> None:
    """It is named where it had too little; once, however many units of its limit had."""
    in_shadow = tuple(replace(each, most=1, shadow=True) for each in ALL)
    lease = _call("a", *in_shadow)
    assert await store.take(lease, 0.0) == Taken(lease, fresh=True, over=("day",))
    taken = await store.take(_call("b", *in_shadow), 0.0)
    assert isinstance(taken, Taken)
    assert (taken.over, taken.crossed, taken.lease.seconds) == (("day",), (), 300)
    other = replace(_call("c", replace(in_shadow[-1], item="+331")), number="+331")
    taken = await store.take(other, 0.0)
    assert isinstance(taken, Taken)
    assert taken.over == ("far",)
    assert await _used(store, SPEND, 0.0) == (100, 100)
    assert await _used(store, ATTEMPTS, 0.0) == (2, 0)


async def test_who_crosses_four_fifths_of_a_budget_is_told_once(store: Store) -> None:
    """By the step that does; at four fifths nobody is over them."""
    for call, crossed in (("a", ()), ("b", ((SPEND, 90),)), ("c", ())):
        taken = await store.take(_call(call, SPEND, seconds=480 if call == "a" else 60), 0.0)
        assert isinstance(taken, Taken)
        levels = tuple(Level(*each.window, used, each.most) for each, used in crossed)
        assert taken.crossed == levels


async def test_a_call_may_be_extended_as_far_as_its_budgets_go(store: Store) -> None:
    """It expires later by as much, and no budget has a unit less or more than that takes."""
    lease = _call("a", SPEND, SECONDS, ATTEMPTS, seconds=60, longest_s=900)
    await store.take(lease, 0.0)
    longer = replace(lease, seconds=120, expires=180.0)
    assert await store.extend(SITE, "a", ROME, NODE, 120, 50.0) == Longer(longer)
    assert await store.live(SITE, 50.0) == [longer]
    assert await _used(store, SPEND, 50.0) == (20, 20)
    assert await store.extend(SITE, "a", ROME, NODE, 60, 50.0) == Longer(longer)
    furthest = replace(lease, seconds=600, expires=660.0)
    crossed = (Level(*SPEND.window, 100, 100), Level(*SECONDS.window, 600, 700))
    assert await store.extend(SITE, "a", ROME, NODE, 9999, 60.0) == Longer(furthest, crossed)
    assert await _used(store, SPEND, 60.0) == (100, 100)
    assert await _used(store, SECONDS, 60.0) == (600, 600)
    assert await _used(store, ATTEMPTS, 60.0) == (1, 0)
    assert await store.extend(SITE, "a", ROME, NODE, 9999, 659.9) == Longer(furthest)
    await store.release(SITE, "a", None, None, 400.0, 301)
    assert await _used(store, SPEND, 400.0) == (60, 0)


async def test_who_crosses_four_fifths_by_going_on_is_told_once(store: Store) -> None:
    """Of each budget, whoever had a share of it before; of a shadow nothing."""
    ten_minutes = replace(SECONDS, most=600)
    shadow = replace(ten_minutes, limit="shadow", shadow=True)
    await store.take(_call("a", SPEND, ten_minutes, shadow, seconds=60, longest_s=900), 0.0)
    await store.take(_call("b", SPEND, seconds=60), 0.0)
    crossed = []
    for seconds in (420, 480, 540):
        longer = await store.extend(SITE, "a", ROME, NODE, seconds, 1.0)
        assert longer is not None
        crossed.append(longer.crossed)
    assert crossed == [
        (),
        (Level(*SPEND.window, 90, SPEND.most),),
        (Level(*ten_minutes.window, 540, ten_minutes.most),),
    ]


async def test_a_call_is_never_extended_over_its_longest(store: Store) -> None:
    """Nor at all where it has none; and by what others took meanwhile it loses nothing."""
    await store.take(_call("a", SPEND, seconds=60, longest_s=90), 0.0)
    longest = _call("a", SPEND, seconds=90, longest_s=90)
    assert await store.extend(SITE, "a", ROME, NODE, 9999, 1.0) == Longer(longest)
    fixed = _call("b", SPEND, seconds=60)
    await store.take(fixed, 0.0)
    assert await store.extend(SITE, "b", ROME, NODE, 9999, 1.0) == Longer(fixed)
    tighter = _call("c", SPEND, seconds=420, longest_s=900)
    await store.take(tighter, 1.0)
    assert await _used(store, SPEND, 1.0) == (100, 100)
    assert await store.extend(SITE, "c", ROME, NODE, 421, 1.0) == Longer(tighter)


async def test_a_shadow_does_not_hold_an_extension_back(store: Store) -> None:
    """And is charged for it."""
    shadow = replace(SECONDS, most=61, shadow=True)
    lease = _call("a", shadow, seconds=60, longest_s=900)
    await store.take(lease, 0.0)
    longer = await store.extend(SITE, "a", ROME, NODE, 300, 0.0)
    assert longer == Longer(replace(lease, seconds=300, expires=360.0))
    assert await _used(store, shadow, 0.0) == (300, 300)


async def test_what_ended_is_not_extended(store: Store) -> None:
    """Neither what expired nor what was released, nor what never was."""
    await store.take(_call("a", SPEND, seconds=60, longest_s=900), 0.0)
    assert await store.extend(SITE, "a", ROME, NODE, 300, 120.0) is None
    assert await store.extend(SITE, "b", ROME, NODE, 300, 0.0) is None
    await store.release(SITE, "a", None, None, 60.0, 60)
    assert await store.extend(SITE, "a", ROME, NODE, 300, 60.0) is None
    assert await _used(store, SPEND, 60.0) == (10, 0)


async def test_the_slots_of_an_extended_call_last_as_long(store: Store) -> None:
    """To the instant."""
    hold = Hold("one", "101", 1)
    lease = replace(_call("a", SPEND, seconds=60, longest_s=120), holds=(hold,))
    await store.take(lease, 0.0)
    await store.extend(SITE, "a", ROME, NODE, 120, 0.0)
    assert isinstance(await store.take(a_lease("b", hold), 179.9), Full)
    assert isinstance(await store.take(a_lease("b", hold), 180.0), Taken)


async def test_what_a_renewed_call_is_charged_counts_as_much_longer(store: Store) -> None:
    """It may have talked until then: nothing heals too early."""
    await store.take(_call("a", SPEND), 0.0)
    await store.renew(SITE, "a", ROME, NODE, 1000.0, 1.0)
    await store.tidy(1000.0)
    assert await _used(store, SPEND, 4599.9) == (50, 0)
    assert await _used(store, SPEND, 4600.0) == (0, 0)


async def test_what_is_known_and_taken_in_one_step_is_charged_too(store: Store) -> None:
    """Or full, with nothing charged."""
    await store.take(a_lease("before", expires=1.0), 0.0)
    asked = (SITE, "101", "10.0.0.5", "IT", "a", ROME, NODE, 2.0)
    lease = _call("a", *ALL, since=2.0)
    known = await store.known(*asked, wanted=lease)
    assert known.taken == Taken(lease, fresh=True)
    other = (SITE, "101", "10.0.0.5", "IT", "b", ROME, NODE, 2.0)
    full = await store.known(*other, wanted=_call("b", replace(SPEND, most=50)))
    assert full.taken == Full("day", "101", Unit.SPEND)
    assert (await store.known(*asked)).lease == lease
    assert await _used(store, SPEND, 2.0) == (50, 50)


async def test_money_is_counted_to_the_last_digit(store: Store) -> None:
    """Almost up to nine billion units, in millionths; with a price of as many digits."""
    most = 2**53 - 2
    dear = Tariff(60, 10**14, 1, 10**14 - 1)
    budget = replace(SPEND, most=most)
    taken = await store.take(replace(_call("a", budget), tariff=dear), 0.0)
    assert isinstance(taken, Taken)
    assert taken.lease.seconds == dear.lasts(most, 300) == 149
    assert await _used(store, budget, 0.0) == (dear.cost(149), dear.cost(149))
    assert await store.live(SITE, 0.0) == [taken.lease]
    await store.release(SITE, "a", None, None, 1.0, 61)
    assert await _used(store, budget, 1.0) == (2 * 10**14 - 1, 0)


async def test_a_clock_set_back_brings_nothing_back(store: Store) -> None:
    """What was over when a call was charged stays over; what counts ends as it was meant to."""
    await store.take(_call("a", SECONDS), 0.0)
    await store.release(SITE, "a", None, None, 100.0, 300)
    await store.take(_call("b", SECONDS, since=5000.0), 5000.0)
    assert await _used(store, SECONDS, 200.0) == (300, 300)
    await store.release(SITE, "b", None, None, 5000.0, 200)
    await store.tidy(1000.0)
    assert await _used(store, SECONDS, 4599.9) == (200, 0)
    assert await _used(store, SECONDS, 4600.0) == (0, 0)


async def test_a_clock_set_back_moves_what_calls_have_reserved(store: Store) -> None:
    """With their leases, each as long as it is; and what was attempted begins now."""
    await store.take(_call("a", SPEND, ATTEMPTS, since=5000.0), 5000.0)
    await store.tidy(1000.0)
    assert await _used(store, SPEND, 1359.9) == (50, 50)
    assert await _used(store, SPEND, 1360.0) == (50, 0)
    assert await _used(store, ATTEMPTS, 4599.9) == (1, 0)
    assert await _used(store, SPEND, 4959.9) == (50, 0)
    assert await _used(store, SPEND, 4960.0) == (0, 0)


async def test_a_charge_comes_back_as_it_was_put(store: Store) -> None:
    """Twice changes nothing; one that a lease has stays that lease's, an item until later."""
    await store.take(_call("a", *ALL, SHORT), 0.0)
    await store.take(replace(_call("b", *ALL, SHORT, seconds=60), number="+331"), 0.0)
    await store.release(SITE, "b", None, None, 50.0, 20)
    charges = await store.charges(SITE, 50.0)
    held = [each.unit for each in charges if each.is_held]
    assert held == [Unit.SECONDS, Unit.SPEND, Unit.SHORT]
    for _ in range(2):
        for charge in charges:
            await store.put_charge("hotel", charge)
            await store.put_charge(SITE, charge)
    assert await store.charges(SITE, 50.0) == charges
    moved = [replace(each, is_held=False) for each in charges]
    assert await store.charges("hotel", 50.0) == moved
    assert "hotel" in await store.sites()
    item = next(each for each in moved if each.unit is Unit.NUMBERS)
    for until, expected in ((item.until - 1, item.until), (item.until + 1, item.until + 1)):
        await store.put_charge("hotel", replace(item, until=until))
        there = {each.id: each.until for each in await store.charges("hotel", 50.0)}
        assert there[item.id] == expected
    assert (await _used(store, NUMBERS, 50.0, "hotel"))[0] == (await _used(store, NUMBERS, 50.0))[
        0
    ]


SHORT = Budget("tests", "101", Unit.SHORT, 2, 3600)


@pytest.mark.parametrize(
    ("talked_s", "at", "used"),
    [
        (0, 100.0, 0),
        (1, 100.0, 1),
        (SHORT_S, 100.0, 1),
        (SHORT_S + 1, 100.0, 0),
        (9999, 100.0, 0),
        (None, 0.0, 0),
        (None, 0.5, 1),
        (None, 30.0, 1),
        (None, 30.5, 0),
        (None, -5.0, 1),
    ],
)
async def test_a_call_is_a_short_one_until_it_is_known_to_be_none(
    store: Store, talked_s: int | None, at: float, used: int
) -> None:
    """Not answered is not short; where only the clock tells, it is judged by that."""
    await store.take(_call("a", SHORT), 0.0)
    assert await _used(store, SHORT, 0.0) == (1, 1)
    await store.release(SITE, "a", None, None, at, talked_s)
    assert await _used(store, SHORT, at) == (used, 0)
    ends = at + SHORT.within_s
    assert await _used(store, SHORT, ends - 0.1) == (used, 0)
    assert await _used(store, SHORT, ends) == (0, 0)


async def test_live_calls_count_as_short_ones(store: Store) -> None:
    """Else a burst would be over before the first of them is; a long one makes room again."""
    for call in ("a", "b"):
        assert isinstance(await store.take(_call(call, SHORT), 0.0), Taken)
    assert await store.take(_call("c", SHORT), 0.0) == Full("tests", "101", Unit.SHORT)
    await store.release(SITE, "a", None, None, 60.0, 31)
    assert isinstance(await store.take(_call("c", SHORT, since=60.0), 60.0), Taken)
    await store.release(SITE, "c", None, None, 70.0, 5)
    assert await store.take(_call("d", SHORT, since=70.0), 70.0) == Full(
        "tests", "101", Unit.SHORT
    )


async def test_a_call_that_nobody_released_counts_as_a_short_one(store: Store) -> None:
    """From when its lease expired; it buys no seconds, and is cut to none."""
    lease = _call("a", replace(SHORT, most=1), seconds=300, longest_s=900)
    assert await store.take(lease, 0.0) == Taken(lease, fresh=True, crossed=(CROSSED,))
    longer = replace(lease, seconds=900, expires=960.0)
    assert await store.extend(SITE, "a", ROME, NODE, 9999, 10.0) == Longer(longer)
    assert await store.renew(SITE, "a", ROME, NODE, 1000.0, 20.0)
    assert await _used(store, SHORT, 999.9) == (1, 1)
    await store.tidy(1000.0)
    assert await _used(store, SHORT, 4599.9) == (1, 0)
    assert await _used(store, SHORT, 4600.0) == (0, 0)


CROSSED = Level("tests", "101", Unit.SHORT, 1, 1)


async def test_a_short_call_may_end_late(store: Store) -> None:
    """A lease that has expired is settled like the others: from when it did."""
    for call, talked_s in (("a", 20), ("b", 31)):
        await store.take(_call(call, SHORT, seconds=60), 0.0)
        await store.release(SITE, call, None, None, 500.0, talked_s)
    assert await _used(store, SHORT, 3719.9) == (1, 0)
    assert await _used(store, SHORT, 3720.0) == (0, 0)


async def test_an_extended_call_is_charged_anew_for_what_a_clock_that_was_ahead_dropped(
    store: Store,
) -> None:
    """Whoever's clock it was."""
    await store.take(_call("a", SHORT, seconds=60, longest_s=900), 0.0)
    await store.take(_call("b", SHORT, since=99999.0), 99999.0)
    assert (await _used(store, SHORT, 1.0))[0] == 1
    await store.extend(SITE, "a", ROME, NODE, 120, 1.0)
    assert await _used(store, SHORT, 1.0) == (2, 2)


async def test_extensions_count_once_each(store: Store) -> None:
    """So that a number that many of them call is noticed."""
    callers = Budget("callers", ROME, Unit.EXTENSIONS, 2, 3600)
    for call, extension, is_taken in (
        ("a", "101", True),
        ("b", "101", True),
        ("c", "102", True),
        ("d", "103", False),
        ("e", "102", True),
    ):
        lease = _call(call, replace(callers, item=extension))
        answer = await store.take(replace(lease, extension=extension), 0.0)
        assert isinstance(answer, Taken) is is_taken
    assert await _used(store, callers, 3599.9) == (2, 0)
    assert await _used(store, callers, 3600.0) == (0, 0)


async def test_charges_are_settled_even_if_whoever_asked_has_given_up(store: Store) -> None:
    """The hangup handler asks but once."""
    await store.take(_call("a", SPEND), 0.0)
    await give_up(store, store.release(SITE, "a", None, NODE, 0.0, 0))
    async with asyncio.timeout(SOON_S):
        while await store.spent(SITE, 0.0):
            pass


async def test_a_refused_call_is_charged_nothing(store: Store) -> None:
    """Whichever of its budgets was too small, and though the others had room."""
    for short in (replace(SPEND, most=9), replace(SECONDS, most=0), replace(ATTEMPTS, most=0)):
        short = replace(short, limit="short")
        assert await store.take(_call("a", *ALL, short), 0.0) == Full("short", "101", short.unit)
    assert await store.spent(SITE, 0.0) == []
    assert await store.charges(SITE, 0.0) == []


async def test_a_locked_out_caller_is_charged_nothing(store: Store) -> None:
    """What is to be taken with what is known is not tried then."""
    await store.take(a_lease("before", expires=1.0), 0.0)
    for _ in range(EXTENSION.allowed):
        attempt = await store.begin_attempt(SITE, (EXTENSION,), FailureKind.CODE, PENALTY, 0.0)
        assert not isinstance(attempt, Lockout)
    asked = (SITE, "101", "10.0.0.5", "IT", "a", ROME, NODE, 2.0)
    known = await store.known(*asked, wanted=_call("a", SPEND))
    assert known.taken is None
    assert await store.spent(SITE, 2.0) == []
