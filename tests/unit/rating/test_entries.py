"""Rows of one prefix are settled: which of them is in force from which moment on."""

from __future__ import annotations

import pytest

from fastagi.rating import entries
from fastagi.rating.entries import RUN_OUT, Entries, change
from fastagi.rating.sheet import BLOCKED, ENDED, PRICED, key_of
from fastagi.rating.tariff import Tariff

CHEAP, DEAR = Tariff(60, 1, 60, 1), Tariff(60, 9, 60, 9)


def settled(*rows: tuple[str, tuple[tuple[int, int], ...]]) -> tuple[list[object], list[str]]:
    """Return what is in force from when on, and what is wrong; rows count from line 2."""
    given, wrong = Entries(), list[str]()
    given.term_of(CHEAP)
    given.term_of(DEAR)
    for line, (prefix, changes) in enumerate(rows, start=2):
        given.add(prefix, [change(*each) for each in changes], line)
    found = list(given.in_order(lambda line, what: wrong.append(f"{line}: {what}")))
    return list(found), wrong


def test_prefixes_come_in_the_order_of_their_keys() -> None:
    """Each before those that begin with it, however long they are and in whatever order given."""
    prefixes = ["4", "390000", "39", "390", "3900001", "39000", "1", "99999999", "399"]
    found, _ = settled(*((each, ((0, PRICED),)) for each in prefixes))
    assert found == sorted((key_of(each), 0, PRICED) for each in prefixes)


def test_each_tariff_has_one_term() -> None:
    """A million rows have a few hundred prices."""
    given = Entries()
    assert [given.term_of(each) for each in (CHEAP, DEAR, CHEAP)] == [PRICED, PRICED + 1, PRICED]
    assert given.tariffs == (CHEAP, DEAR)


def test_a_price_with_an_end_gives_way_to_what_held_beside_it() -> None:
    """A promotion ends, and the price before it is in force again."""
    found, wrong = settled(("39", ((0, PRICED),)), ("39", ((10, PRICED + 1), (20, RUN_OUT))))
    assert found == [
        (key_of("39"), *each) for each in [(0, PRICED), (10, PRICED + 1), (20, PRICED)]
    ]
    assert wrong == []


def test_the_end_of_a_price_that_was_replaced_ends_nothing() -> None:
    """A carrier's old row ends a day after its new one began."""
    found, _ = settled(("39", ((0, PRICED), (20, RUN_OUT))), ("39", ((10, PRICED + 1),)))
    assert found == [(key_of("39"), 0, PRICED), (key_of("39"), 10, PRICED + 1)]


def test_what_ends_without_another_is_over() -> None:
    """So is what is deleted, with all that held beside it."""
    assert settled(("39", ((5, PRICED), (20, RUN_OUT))))[0] == [
        (key_of("39"), 5, PRICED),
        (key_of("39"), 20, ENDED),
    ]
    assert settled(("39", ((0, PRICED),)), ("39", ((10, ENDED),)))[0] == [
        (key_of("39"), 0, PRICED),
        (key_of("39"), 10, ENDED),
    ]
    assert settled(("39", ((10, ENDED),)))[0] == [(key_of("39"), 10, ENDED)]


def test_prices_that_contradict_each_other_are_told() -> None:
    """Nobody knows which of two counts from the same moment on; the same one twice is the same."""
    _, wrong = settled(("39", ((0, PRICED),)), ("44", ((0, 2),)), ("39", ((0, PRICED + 1),)))
    what = "`39` has another price on line 2, from the same moment on"
    assert wrong == [f"4: {what}; take out the one that does not count"]
    assert settled(("39", ((0, PRICED),)), ("39", ((0, BLOCKED),)))[1]
    given = Entries()
    for line in (1, 2):
        given.add("39", [change(0, given.term_of(CHEAP))], line)
    assert list(given.in_order(lambda *_: pytest.fail("it is the same"))) == [
        (key_of("39"), 0, PRICED)
    ]
    assert given.repeated == 1


def test_too_many_prices_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ranges could make more of a few lines than memory holds."""
    monkeypatch.setattr(entries, "ENTRIES_MAX", 2)
    given = Entries()
    for prefix in ("1", "2"):
        given.add(prefix, [0], 1)
    with pytest.raises(ValueError, match="more than 2 prices, beyond all reason"):
        given.add("3", [0], 1)
