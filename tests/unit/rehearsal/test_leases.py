"""Leases in memory answer what the contract of stores, written down plainly, answers."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from fastagi.rating.tariff import Tariff
from fastagi.rehearsal.leases import Got, Held, Leases
from fastagi.rehearsal.sign_ins import SignedIn
from fastagi.rehearsal.wishes import due_of, wish_of
from fastagi.stores.budgets import Budget, Unit
from fastagi.stores.sign_ins import Origin
from fastagi.stores.store import Asked, Full, Hold, Lease, Taken
from tests.contract.naive_store import NaiveStore

DEAR = Tariff(60, 500, 30, 200)
CHEAP = Tariff(1, 1, 1, 1)
MARGIN_S = 60.0
NAMES = ("a", "b", "c")

HOLDS = (
    Hold("two", "x", 2),
    Hold("one", "y", 1),
    Hold("one", "z", 1),
    Hold("trial", "x", 1, shadow=True),
)
BUDGETS = (
    Budget("money", "x", Unit.SPEND, 2_000, 600),
    Budget("money-on-trial", "", Unit.SPEND, 700, 300, shadow=True),
    Budget("minutes", "x", Unit.SECONDS, 400, 500),
    Budget("often", "x", Unit.ATTEMPTS, 3, 300),
    Budget("often-on-trial", "x", Unit.ATTEMPTS, 1, 200, shadow=True),
    Budget("many", "x", Unit.NUMBERS, 2, 400, item="+1"),
    Budget("many", "x", Unit.NUMBERS, 2, 400, item="+2"),
    Budget("many", "x", Unit.NUMBERS, 2, 400, item="+3"),
    Budget("wide", "x", Unit.COUNTRIES, 1, 200, shadow=True, item="FR"),
    Budget("wide", "x", Unit.COUNTRIES, 1, 200, shadow=True, item="IT"),
    Budget("short", "x", Unit.SHORT, 2, 400),
)


@st.composite
def leases(draw: st.DrawFn) -> Lease:
    """Return a lease of no moment that is asked for."""
    seconds = draw(st.sampled_from((30, 90, 300)))
    slice_s = draw(st.sampled_from((0, 60)))
    budgets = draw(st.lists(st.sampled_from(BUDGETS), max_size=5))
    return Lease(
        *("site", "", "+1", "", "101", "FR", "international", "", "rule", ""),
        seconds=min(slice_s, seconds) or seconds,
        since=0.0,
        expires=(min(slice_s, seconds) or seconds) + MARGIN_S,
        holds=tuple(draw(st.lists(st.sampled_from(HOLDS), max_size=3, unique=True))),
        budgets=tuple({each.window: each for each in budgets}.values()),
        tariff=draw(st.sampled_from((None, DEAR, CHEAP))),
        longest_s=seconds if slice_s else 0,
        least_s=60,
    )


STEPS = st.lists(
    st.tuples(
        st.sampled_from((0, 0, 1, 20, 150)),
        st.sampled_from(("take", "take", "take", "extend", "extend", "release", "level", "tidy")),
        st.sampled_from(NAMES),
        leases(),
        st.integers(0, 400),
    ),
    max_size=25,
)


class Both:
    """The leases of a rehearsal, and a plain store, that the same happens to."""

    def __init__(self) -> None:
        self.leases, self.store, self.now = Leases(), NaiveStore(), 1_000.0

    def pass_by(self, seconds: float) -> None:
        """Let time go by; no call lasts longer than it may."""
        end = self.now + seconds
        while True:
            held = [each for name in NAMES if (each := self.found(name)) is not None]
            over = [each for each in held if each.since + each.seconds <= end]
            if not over:
                break
            first = min(over, key=lambda each: each.since + each.seconds)
            self.now = max(self.now, first.since + first.seconds)
            self.release(first, 10)
        self.now = end

    def found(self, name: str) -> Held | None:
        """Return a call's lease."""
        return self.leases.find((name, "+1", ""))

    def take(self, name: str, lease: Lease) -> None:
        """Take a lease, or what its call needs besides."""
        held, wish = self.found(name), wish_of(lease)
        if held is None:
            got = self.leases.take(wish, (name, "+1", ""), None, self.now)
        else:
            got = self.leases.take_others(held, wish, None, self.now)
        asked = replace(lease, call=name, since=self.now, expires=self.now + lease.expires)
        taken = self.store.take(asked, self.now)
        if isinstance(got, Got):
            assert isinstance(taken, Taken)
            assert (got.fresh, got.over) == (taken.fresh, tuple(dict.fromkeys(taken.over)))
            assert got.held.lease() == taken.lease
        else:
            assert got == taken

    def extend(self, held: Held, seconds: int) -> None:
        """Let a call last longer."""
        before = held.seconds
        self.leases.extend(held, before + seconds, self.now)
        longer = self.store.extend("site", held.name[0], "+1", "", before + seconds, self.now)
        assert longer is not None
        assert held.lease() == longer.lease

    def release(self, held: Held, talked_s: int) -> None:
        """End a call."""
        settled_s = self.leases.release(held, talked_s, self.now)
        assert settled_s == min(talked_s, held.seconds)
        assert self.store.release("site", held.name[0], "+1", "", self.now, talked_s) == 1

    def levels(self, name: str) -> None:
        """See that as much is used of everything."""
        known = self.store.known(
            *("site", "101", "", "FR", name, "+1", "", self.now, None, Asked((), BUDGETS))
        )
        held = self.found(name)
        ours = [self.leases.used_by_others(due_of(each), held, self.now) for each in BUDGETS]
        assert ours == [each.used for each in known.levels]


@given(STEPS)
def test_as_the_contract_has_it(steps: list[tuple[int, str, str, Lease, int]]) -> None:
    """Whatever is taken, extended and released, the same is granted, and the same is used."""
    both = Both()
    for pause_s, what, name, lease, seconds in steps:
        both.pass_by(pause_s)
        held = both.found(name)
        if what == "take":
            both.take(name, lease)
        elif what == "tidy":
            both.leases.tidy(both.now)
        elif what == "level":
            both.levels(name)
        elif held is not None and what == "release":
            both.release(held, seconds)
        elif held is not None:
            both.extend(held, seconds)
    for name in NAMES:
        both.levels(name)


LEASE = Lease(
    *("site", "", "+1", "", "101", "FR", "international", "", "rule", ""),
    seconds=100,
    since=0.0,
    expires=160.0,
    sign_in="signed-in",
)


def test_a_call_keeps_its_sign_in_in_use() -> None:
    """While it is up, as it asks for its next trunk, and as it ends; others do not."""
    signed_in = SignedIn(Origin(), until=1_000.0, idle_s=50, now=0.0)
    leases, wish = Leases(), wish_of(LEASE)
    got = leases.take(wish, ("a", "+1", ""), signed_in, 40.0)
    assert isinstance(got, Got)
    assert got.held.lease().sign_in
    assert signed_in.lives(40.0 + 160.0 + 49.0)
    assert leases.take_others(got.held, wish, signed_in, 60.0) == Got(got.held, fresh=False)
    leases.release(got.held, 10, 100.0)
    assert signed_in.lives(149.0)
    assert not signed_in.lives(150.0)
    free = leases.take(wish_of(replace(LEASE, sign_in="")), ("a", "+1", ""), signed_in, 120.0)
    assert isinstance(free, Got)
    assert not free.held.lease().sign_in
    assert not signed_in.lives(150.0)


def test_full_says_of_what() -> None:
    """What has too little left is named, with its unit."""
    leases = Leases()
    lease = replace(
        LEASE, sign_in="", least_s=60, budgets=(Budget("m", "x", Unit.SECONDS, 50, 60),)
    )
    assert leases.take(wish_of(lease), ("a", "+1", ""), None, 0.0) == Full("m", "x", Unit.SECONDS)
    for unit in (Unit.ATTEMPTS, Unit.NUMBERS):
        one = replace(LEASE, sign_in="", budgets=(Budget("m", "x", unit, 1, 60, item="+1"),))
        two = replace(one, budgets=(Budget("m", "x", unit, 1, 60, item="+2"),))
        assert isinstance(leases.take(wish_of(one), ("a", unit, ""), None, 0.0), Got)
        assert leases.take(wish_of(two), ("b", unit, ""), None, 0.0) == Full("m", "x", unit)


def test_a_call_goes_on_as_far_as_its_budgets_do() -> None:
    """Slice by slice, up to its longest, and no further than there is something left."""
    minutes = Budget("m", "x", Unit.SECONDS, 150, 600)
    trial = Budget("t", "x", Unit.SPEND, 10, 600, shadow=True)
    often = Budget("o", "x", Unit.ATTEMPTS, 9, 600)
    lease = replace(
        LEASE,
        sign_in="",
        seconds=60,
        expires=120.0,
        longest_s=300,
        budgets=(minutes, trial, often),
        tariff=CHEAP,
    )
    leases = Leases()
    got = leases.take(wish_of(lease), ("a", "+1", ""), None, 0.0)
    assert isinstance(got, Got)
    assert got.over == ("t",)
    for asked_s, granted_s in ((60, 60), (120, 120), (180, 150), (400, 150)):
        leases.extend(got.held, asked_s, 10.0)
        assert got.held.seconds == granted_s
        assert got.held.expires == granted_s + MARGIN_S
        assert leases.used_by_others(due_of(minutes), None, 10.0) == granted_s
        assert leases.used_by_others(due_of(trial), got.held, 10.0) == 0
    assert leases.release(got.held, 500, 100.0) == 150
    leases.tidy(100.0)
    assert leases.used_by_others(due_of(minutes), None, 699.0) == 150
    assert leases.used_by_others(due_of(minutes), None, 700.0) == 0


def test_the_next_trunk_is_one_step() -> None:
    """All that a call needs there is taken, or it keeps what it has; money begins with it."""
    leases = Leases()
    first = replace(LEASE, sign_in="", holds=(Hold("trunk", "a", 1),))
    got = leases.take(wish_of(first), ("a", "+1", ""), None, 0.0)
    assert isinstance(got, Got)
    other = leases.take(
        wish_of(replace(first, holds=(Hold("trunk", "b", 1),))), ("b", "+1", ""), None, 0.0
    )
    assert isinstance(other, Got)
    there = replace(first, holds=(Hold("trunk", "b", 1),))
    assert leases.take_others(got.held, wish_of(there), None, 5.0) == Full("trunk", "b")
    poor = replace(first, tariff=DEAR, budgets=(Budget("m", "x", Unit.SPEND, 100, 60),))
    assert leases.take_others(got.held, wish_of(poor), None, 5.0) == Full("m", "x", Unit.SPEND)
    assert got.held.tariff is None
    money = replace(
        first,
        holds=(Hold("trunk", "b", 1, shadow=True),),
        tariff=CHEAP,
        budgets=(Budget("m", "x", Unit.SPEND, 1_000, 60),),
    )
    again = leases.take_others(got.held, wish_of(money), None, 5.0)
    assert isinstance(again, Got)
    assert (again.fresh, again.over, again.held.tariff) == (False, ("trunk",), CHEAP)
    freed = leases.take(wish_of(first), ("c", "+1", ""), None, 6.0)
    assert isinstance(freed, Got)
