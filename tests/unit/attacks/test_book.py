"""The book of attacks: what it keeps, for how long, how much, and when two write at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.attacks import book
from fastagi.attacks.book import Did
from fastagi.signs.sign import Evidence, Per, Sign
from fastagi.stores.opening import open_store
from fastagi.stores.records import EVERYWHERE
from tests.doubles.shaky_store import ShakyStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastagi.stores.store import Store

NOW = 1_796_040_000.0  # 2026-11-30 12:00:00 UTC
DAY = 86_400.0

GUESSING = Evidence(
    site="office",
    watch="passwords",
    sign=Sign.GUESSING,
    per=Per.ACCOUNT,
    name="101",
    account="101",
    address="203.0.113.7",
    count=10,
    within_s=30.0,
    addresses=1,
    proven=True,
    at=NOW,
)


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    """A store in memory."""
    opened = open_store("sqlite://:memory:")
    yield opened
    await opened.close()


async def test_one_subject_is_one_entry_a_day(store: Store) -> None:
    """With the first and the last moment, the highest count, and all that was done."""
    await book.note(store, GUESSING, ["told"], NOW, country="NL")
    more = replace(GUESSING, address="203.0.113.9", count=40, addresses=2, at=NOW + 60)
    await book.note(store, more, ["told", "banned"], NOW + 60, country="NL")
    less = replace(GUESSING, count=12, at=NOW + 90, within_s=5.0, proven=False)
    kept = await book.note(store, less, ["locked"], NOW + 90, country="DE")
    (found,) = await book.every(store, "office", NOW, NOW + 90)
    assert found == kept
    assert (found.day, found.first, found.last) == ("2026-11-30", NOW - 30, NOW + 90)
    assert (found.count, found.times, found.sources, found.proven) == (40, 3, 2, True)
    assert found.addresses == ("203.0.113.7", "203.0.113.9")
    assert (found.accounts, found.countries) == (("101",), ("NL", "DE"))
    assert found.did == {Did.TOLD, Did.BANNED, Did.LOCKED}


async def test_another_subject_watch_sign_site_or_day_is_another_entry(store: Store) -> None:
    """Each is found where it belongs, day by day."""
    for other in (
        GUESSING,
        replace(GUESSING, name="102", account="102"),
        replace(GUESSING, watch="others"),
        replace(GUESSING, sign=Sign.SPRAYING),
        replace(GUESSING, per=Per.ADDRESS, name="101"),
        replace(GUESSING, site="home"),
        replace(GUESSING, site=""),
    ):
        await book.note(store, other, [], NOW)
    later = replace(GUESSING, at=NOW + DAY)
    await book.note(store, later, [], NOW + DAY)
    now = NOW + DAY
    assert len(await book.every(store, "office", NOW, now)) == 6
    assert [each.day for each in await book.every(store, "office", NOW, now)][-1] == "2026-12-01"
    assert len(await book.every(store, "office", NOW + 1, now)) == 1
    assert len(await book.every(store, "home", NOW, now)) == 1
    assert len(await book.every(store, "", NOW, now)) == 1
    assert len(await book.every(store, EVERYWHERE, NOW, now)) == 1


async def test_what_was_done_is_one_of_a_few_words(store: Store) -> None:
    """Whoever writes another word is told at once, and nothing is written."""
    with pytest.raises(ValueError, match="thanked"):
        await book.note(store, GUESSING, ["thanked"], NOW)
    assert await book.every(store, "office", 0, NOW) == []


async def test_an_entry_is_kept_for_so_many_days_after_its_own(store: Store) -> None:
    """Ninety, where nothing is said."""
    await book.note(store, GUESSING, [], NOW)
    await book.note(store, replace(GUESSING, watch="brief"), [], NOW, keep_days=2)
    midnight = NOW + DAY / 2
    names = [each.watch for each in await book.every(store, "office", 0, midnight + 2 * DAY - 1)]
    assert sorted(names) == ["brief", "passwords"]
    assert len(await book.every(store, "office", 0, midnight + 2 * DAY)) == 1
    assert len(await book.every(store, "office", 0, midnight + 90 * DAY - 1)) == 1
    assert await book.every(store, "office", 0, midnight + 90 * DAY) == []
    assert len(await store.records("office", book.KIND, "", 9, midnight + 90 * DAY)) == 0


async def test_a_wrong_clock_makes_no_entry_that_is_lost(store: Store) -> None:
    """One that is ahead is taken as now, one that is far behind as yesterday."""
    ahead = await book.note(store, replace(GUESSING, at=NOW + 9e9), [], NOW)
    behind = await book.note(store, replace(GUESSING, at=5.0, watch="slow"), [], NOW)
    assert (ahead.last, behind.last) == (NOW, NOW - DAY)
    assert len(await book.every(store, "office", NOW - DAY, NOW)) == 2


async def test_what_has_no_place_is_counted_among_the_others(store: Store) -> None:
    """An attacker with a thousand addresses fills one page, and no memory."""
    for n in range(book.MOST + 30):
        many = replace(GUESSING, per=Per.ADDRESS, name=f"10.0.0.{n}", account=f"{n}", count=n)
        await book.note(store, replace(many, address=f"10.0.0.{n}"), ["told"], NOW)
    found = await book.every(store, "office", 0, NOW)
    (others,) = [each for each in found if each.others]
    assert len(found) == book.MOST + 1
    assert (others.others, others.count, others.times) == (30, book.MOST + 29, 30)
    assert (others.watch, others.name) == ("", "")
    assert len(others.addresses) == len(others.accounts) == book.NAMED
    assert others.did == {Did.TOLD}
    # One that has its place keeps it.
    again = replace(GUESSING, per=Per.ADDRESS, name="10.0.0.3", count=999)
    assert (await book.note(store, again, [], NOW)).count == 999


async def test_a_flood_pushes_nothing_else_out(store: Store) -> None:
    """Neither what is proven, where it is not; nor other signs; nor another day's or site's."""
    for n in range(book.MOST + 5):
        flood = replace(GUESSING, per=Per.ADDRESS, name=f"10.0.0.{n}", proven=False)
        await book.note(store, flood, [], NOW)
    for other in (
        replace(GUESSING, name="proven"),
        replace(GUESSING, sign=Sign.SUCCESS_AFTER_GUESSING, proven=False),
        replace(GUESSING, site="home", proven=False),
        replace(GUESSING, at=NOW - DAY, proven=False),
    ):
        assert not (await book.note(store, other, [], NOW)).others
    assert (await book.note(store, replace(GUESSING, name="x", proven=False), [], NOW)).others


@given(text=st.text(st.characters(), max_size=200))
async def test_whatever_an_attacker_calls_himself_is_kept_as_text(text: str) -> None:
    """Bounded, under a key that he cannot choose, and read as it was written."""
    store = open_store("sqlite://:memory:")
    try:
        hostile = replace(GUESSING, name=text, account=text, address=text)
        kept = await book.note(store, hostile, [], NOW, country=text)
        assert await book.every(store, "office", 0, NOW) == [kept]
        assert kept.name == text[: book.LETTERS]
        keys = [each.key for each in await store.records("office", book.KIND, "", 9, NOW)]
        assert all(key.startswith("2026-11-30/guessing/") and key.isascii() for key in keys)
    finally:
        await store.close()


@pytest.mark.parametrize("step", ["record", "put_record"])
@pytest.mark.parametrize("begun", [False, True])
async def test_of_two_who_write_at_once_both_do(store: Store, step: str, *, begun: bool) -> None:
    """Whichever comes between the other's reading and writing, into a new entry or an old one."""
    if begun:
        await book.note(store, GUESSING, [], NOW)
    shaky = ShakyStore(store)
    other = replace(GUESSING, count=99, address="198.51.100.1")

    async def between() -> None:
        shaky.after.clear()
        shaky.before.clear()
        await book.note(store, other, ["banned"], NOW)

    where = shaky.after if step == "record" else shaky.before
    where[step] = between
    await book.note(shaky.store, GUESSING, ["told"], NOW)
    (found,) = await book.every(store, "office", 0, NOW)
    assert (found.count, found.times) == (99, 2 + begun)
    assert found.did == {Did.TOLD, Did.BANNED}
    assert set(found.addresses) == {"203.0.113.7", "198.51.100.1"}


async def test_of_two_who_count_among_the_others_both_do(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Likewise."""
    monkeypatch.setattr(book, "MOST", 0)
    shaky = ShakyStore(store)

    async def between() -> None:
        shaky.before.clear()
        await book.note(store, replace(GUESSING, count=99), ["banned"], NOW)

    shaky.before["put_record"] = between
    await book.note(shaky.store, GUESSING, ["told"], NOW)
    (found,) = await book.every(store, "office", 0, NOW)
    assert (found.count, found.others) == (99, 2)
    assert found.did == {Did.TOLD, Did.BANNED}
