"""Windows, and how many of them are remembered."""

from __future__ import annotations

import resource
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from fastagi.signs.recogniser import MOMENTS_MAX, Recogniser
from fastagi.signs.sighting import Seen
from fastagi.signs.sign import Per, Sign
from fastagi.signs.windows import LOOKED_AT, WHOM, Table, Window
from tests.unit.signs.samples import THIEF, seen, terms

MANY: Final = 1_000_000
"""Hostile sightings in one test."""

MEMORY: Final = 200 << 20
"""Bytes that a recogniser takes, whatever comes."""


def add(table: Table, whom: int, at: float = 0.0, what: int = 0) -> bool:
    """Count something, and tell whether the window is full."""
    pair = table.add(whom, at, what, 0, proven=False)
    return pair is not None and pair.all.is_full


def window_of(*moments: tuple[float, int], different: bool) -> Window:
    """Return a window of two within five seconds, after these: when, and what."""
    window = Window(2, 5, tried={} if different else None)
    for number, (at, what) in enumerate(moments):
        window.add((at, number, what, 0))
    return window


def test_what_comes_too_late_is_no_part_of_a_burst() -> None:
    """Though it is full; what is late, and lies within the seconds, is."""
    window = window_of((100, 1), (101, 2), (90, 3), different=False)
    assert (window.burst, window.began, window.newest) == (2, 100, 101)
    window = window_of((100, 1), (101, 2), (97, 3), different=False)
    assert (window.burst, window.began, window.newest) == (3, 100, 101)


def test_a_window_holds_no_more_than_its_count() -> None:
    """The latest, of different things as of others."""
    for different in (False, True):
        window = window_of((1, 1), (2, 2), (3, 3), (4, 4), different=different)
        assert [each[0] for each in window.moments] == [3, 4]


def test_what_was_tried_stands_at_its_last_moment() -> None:
    """Whenever that is told of."""
    window = window_of((10, 1), (8, 1), different=True)
    assert [each[0] for each in window.moments] == [10]
    window = window_of((8, 1), (9, 2), (10, 1), different=True)
    assert [each[2] for each in window.moments] == [2, 1]


def test_who_is_near_the_count_is_forgotten_for_nobody() -> None:
    """However many others come, once each."""
    table = Table(4, 60, 10, different=False)
    add(table, 0)
    add(table, 0)
    for each in range(1, 1000):
        add(table, each, 1.0)
    assert len(table) == 10
    assert not add(table, 0, 2.0)
    assert add(table, 0, 3.0)


def test_who_was_seen_once_and_longest_ago_goes_first() -> None:
    """Of those that are not near the count."""
    table = Table(4, 60, 3, different=False)
    for each in (1, 2, 3, 4):
        add(table, each)
    assert [table.get(each) is None for each in (1, 2, 3, 4)] == [True, False, False, False]


def test_where_all_are_near_the_count_nobody_else_is_counted() -> None:
    """Until their seconds are over; a count of one is one all the same."""
    table = Table(4, 60, 10, different=False)
    for each in range(10):
        add(table, each)
        add(table, each, 1.0)
    for at in range(2, 12):
        assert not add(table, 99, float(at))
    assert table.get(99) is None
    assert [add(table, 99, 100.0 + each) for each in range(4)] == [False, False, False, True]
    touched = Table(1, 60, 2, different=False)
    assert all(add(touched, each) for each in range(100))
    assert [touched.get(each) is not None for each in (97, 98, 99)] == [False, True, True]


def test_who_is_heard_of_again_goes_later() -> None:
    """Though he came first."""
    table = Table(6, 60, 3, different=False)
    for each in (1, 2, 3, 1, 4):
        add(table, each)
    assert [table.get(each) is None for each in (1, 2, 3, 4)] == [False, True, False, False]


def test_looking_for_room_has_an_end() -> None:
    """The oldest that may not go are passed by, and others looked at the next time."""
    table = Table(4, 60, LOOKED_AT + 1, different=False)
    for each in range(LOOKED_AT):
        add(table, each)
        add(table, each)
    add(table, 50)
    assert not add(table, 98)
    assert (table.get(50) is None, table.get(98)) == (False, None)
    add(table, 99)
    assert (table.get(50), table.get(99) is None) == (None, False)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 30), st.integers(0, 3)), max_size=80))
def test_what_is_forgotten_makes_no_count_larger(history: list[tuple[int, int, int]]) -> None:
    """A table with room for two says nothing that one with room for all does not."""
    for different in (False, True):
        small = Table(3, 10, 2, different=different)
        large = Table(3, 10, 100, different=different)
        at = 0.0
        for whom, step_s, what in history:
            at += step_s / 10
            full = add(large, whom, at, what)
            assert full or not add(small, whom, at, what)
            if full:
                add(small, whom, at, what)


def test_a_million_hostile_sightings_take_no_more_memory_than_is_said() -> None:
    """Of ever new addresses, networks and names, some of them again and again."""
    recogniser = Recogniser([terms(Sign.ENUMERATION, Per.ADDRESS, 4)])
    template = seen(Seen.UNKNOWN_ACCOUNT, site="")
    assert template.address is not None
    see, sighting_of, address_of = recogniser.see, type(template), type(template.address)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for each in range(MANY // 2):
        whom = address_of(0x0A000000 + each * 151 % (1 << 24))
        at = template.at + each / 10_000
        for name in ("a", "b"):
            see(sighting_of(at, template.seen, f"{name}{each}", whom, "udp"))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert len(recogniser) == WHOM[1]
    assert grown * 1024 < MEMORY


def test_many_sites_share_the_memory() -> None:
    """A thousand watches remember what one does, but for a few of each."""
    one = Recogniser([terms(Sign.GUESSING)])
    watches = [terms(Sign.GUESSING, site=str(each)) for each in range(1000)]
    many = Recogniser(watches)
    for each in range(2 * WHOM[0]):
        sighting = seen(Seen.WRONG_PASSWORD, 0, "101", f"10.0.{each >> 8}.{each & 255}", site="")
        one.see(sighting)
        many.see(sighting)
    assert len(one) == 2 * WHOM[0]
    assert len(many) == 1000 * WHOM[0]
    assert 10 * len(many) > MOMENTS_MAX  # each is held at least so much of
    assert one.see(seen(Seen.PROBE, 0, "101", THIEF)) == []
