"""`overrides`: given within bounds, found for whom it fits, and never used once too often."""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import TYPE_CHECKING

import pytest

from fastagi.call.overrides import (
    KIND,
    LONGEST_S,
    MOST_USES,
    PAGE,
    WHY_MAX,
    Override,
    end,
    every,
    fitting,
    give,
    use,
)
from fastagi.stores.records import Record
from tests.doubles.shaky_store import ShakyStore
from tests.unit.call.conftest import ABROAD, MOBILE, World

if TYPE_CHECKING:
    from fastagi.numbering.number import Number

SHORT = "9118500"  # a short code of GB, which is no E.164 number


async def _give(
    world: World, to: str = "", *, uses: int = 1, for_s: int = 3600, extension: str = "101"
) -> Override:
    now = world.clock.now
    return await give(world.store, "office", extension, to, uses, for_s, "ann", "a fire", now)


def _number(world: World, dialled: str) -> Number:
    return world.policy.plan.read(dialled)


async def _fitting(world: World, dialled: str, extension: str = "101") -> list[str]:
    number, now = _number(world, dialled), world.clock.now
    found = await fitting(world.store, "office", extension, number, now)
    return [each.id for each in found]


# ----------------------------------------------------------------------------- given


async def test_what_was_given_is_there_until_it_is_over(world: World) -> None:
    """Whole, as it was said; and from its last moment on no more."""
    given = await _give(world, "+39", uses=3)
    assert given == Override(
        *("office", given.id, "101", "+39", 3, world.clock.now + 3600, "ann", "a fire"),
        world.clock.now,
    )
    assert given.id.startswith("101/")
    assert await every(world.store, "office", world.clock.now) == [given]
    assert await every(world.store, "branch", world.clock.now) == []
    assert await every(world.store, "office", given.until) == []
    world.clock.now = given.until
    assert await _fitting(world, ABROAD) == []
    assert await use(world.store, given, given.until) is None


async def test_all_are_listed_however_many(world: World) -> None:
    """Page by page."""
    for n in range(PAGE + 1):
        text = {"extension": "101", "to": "", "uses": 1, "by": "", "why": "", "since": 0.0}
        record = Record(f"101/{n:08}", json.dumps(text), world.clock.now + 60)
        await world.store.put_record("office", KIND, record, None, world.clock.now)
    later = await _give(world, extension="102")
    assert len(await every(world.store, "office", world.clock.now)) == PAGE + 2
    assert len(await _fitting(world, ABROAD)) == PAGE + 1
    assert await _fitting(world, ABROAD, "102") == [later.id]


async def test_two_never_have_one_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one is given another."""
    names = iter(["aa", "aa", "bb"])
    monkeypatch.setattr(secrets, "token_hex", lambda _: next(names))
    assert [(await _give(world)).id for _ in range(2)] == ["101/aa", "101/bb"]


@pytest.mark.parametrize(
    ("extension", "to", "uses", "for_s", "why", "wrong"),
    [
        ("101/x", "", 1, 60, "", "no extension"),
        ("", "", 1, 60, "", "no extension"),
        ("101", "39", 1, 60, "", "no E.164 number"),
        ("101", "+", 1, 60, "", "no E.164 number"),
        ("101", "+3906123456789012", 1, 60, "", "no E.164 number"),
        ("101", "+٣٩", 1, 60, "", "no E.164 number"),
        ("101", "", 0, 60, "", "1 to 100"),
        ("101", "", MOST_USES + 1, 60, "", "1 to 100"),
        ("101", "", 1, 0, "", "7 days at most"),
        ("101", "", 1, LONGEST_S + 1, "", "7 days at most"),
        ("101", "", 1, 60, "x" * (WHY_MAX + 1), "up to 200 characters"),
        ("101", "", 1, 60, "a\nb", "in one line"),
    ],
)
async def test_nothing_out_of_bounds_is_given(
    world: World, extension: str, to: str, uses: int, for_s: int, why: str, wrong: str
) -> None:
    """Whoever asks: the command, or a page."""
    with pytest.raises(ValueError, match=wrong):
        await give(world.store, "office", extension, to, uses, for_s, "ann", why, world.clock.now)
    assert await every(world.store, "office", world.clock.now) == []


async def test_as_much_as_may_be_is_given(world: World) -> None:
    """The bounds are within."""
    now = world.clock.now
    why = "x" * WHY_MAX
    to = "+390612345678901"
    given = await give(world.store, "office", "101", to, MOST_USES, LONGEST_S, "ann", why, now)
    assert (given.uses, given.until, given.why) == (MOST_USES, now + LONGEST_S, why)


async def test_one_is_ended_once(world: World) -> None:
    """Who ends it is told what it was; it lets nobody through then."""
    given = await _give(world)
    assert await end(world.store, "office", given.id, world.clock.now) == given
    assert await end(world.store, "office", given.id, world.clock.now) is None
    assert await _fitting(world, ABROAD) == []
    assert await use(world.store, given, world.clock.now) is None


# ----------------------------------------------------------------------------- for whom


async def test_it_is_for_one_extension(world: World) -> None:
    """And for none whose name begins, or goes on, as its own does."""
    await _give(world)
    for other in ("10", "1011", "101.x", "102"):
        assert await _fitting(world, ABROAD, other) == []


@pytest.mark.parametrize(
    ("to", "dialled", "fits"),
    [
        ("", ABROAD, True),
        ("", SHORT, True),
        ("+39", ABROAD, True),
        ("+390612345678", ABROAD, True),
        ("+3906123456789", ABROAD, False),
        ("+3", SHORT, False),
        ("+39", MOBILE, False),
    ],
)
async def test_it_is_for_numbers_that_begin_so(
    world: World, to: str, dialled: str, fits: bool
) -> None:
    """In E.164, as judged; a short code is none."""
    await _give(world, to)
    assert bool(await _fitting(world, dialled)) is fits


async def test_the_narrowest_is_used_first_and_then_what_is_over_first(world: World) -> None:
    """So that what is good for more is there for longer."""
    wide, long = await _give(world), await _give(world, "+39")
    soon = await _give(world, "+39", for_s=60)
    assert await _fitting(world, ABROAD) == [soon.id, long.id, wide.id]


async def test_to_find_one_is_one_step(world: World) -> None:
    """Whoever is refused waits for no more."""
    await _give(world)
    shaky = ShakyStore(world.store)
    await fitting(shaky.store, "office", "101", _number(world, ABROAD), world.clock.now)
    assert shaky.asked == ["records"]


# ----------------------------------------------------------------------------- used


async def test_each_use_is_one_less(world: World) -> None:
    """The last one takes it away; by whatever copy of it one asks."""
    given = await _give(world, uses=3)
    left = [await use(world.store, given, world.clock.now) for _ in range(4)]
    assert left == [2, 1, 0, None]
    assert await every(world.store, "office", world.clock.now) == []


async def test_no_use_is_had_twice(world: World) -> None:
    """Of twenty who ask at once, three have one."""
    given = await _give(world, uses=3)
    asked = (use(world.store, given, world.clock.now) for _ in range(20))
    left = await asyncio.gather(*asked)
    assert sorted(each for each in left if each is not None) == [0, 1, 2]


async def test_who_is_outrun_at_the_last_use_has_none(world: World) -> None:
    """It is gone between the look and the grasp."""
    given = await _give(world)
    shaky = ShakyStore(world.store)
    shaky.before["take_record"] = lambda: use(world.store, given, world.clock.now)
    assert await use(shaky.store, given, world.clock.now) is None
