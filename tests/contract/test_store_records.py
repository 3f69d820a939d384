"""What every store promises of small records: of two who want the same, one gets it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.stores.records import EVERYWHERE, Record
from tests.contract.store_kinds import SITE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.stores.store import Store

TOKEN = Record("digest", '{"scope": "read"}', 100.0)
FOR_GOOD = replace(TOKEN, until=None)


async def _put(store: Store, *records: Record, site: str = SITE, kind: str = "token") -> None:
    for each in records:
        assert await store.put_record(site, kind, each, None, 0.0)


async def _pages(store: Store, count: int, now: float = 1.0) -> list[Sequence[Record]]:
    """Turn all pages of the tokens."""
    after, pages = "", []
    while page := await store.records(SITE, "token", after, count, now):
        pages.append(page)
        after = page[-1].key
    return pages


@pytest.mark.parametrize("site", [SITE, EVERYWHERE, "{odd}"])
@pytest.mark.parametrize(
    "record", [TOKEN, FOR_GOOD, Record("ä/ \n", "\U0001f4de é \0 \x01", 1e11)]
)
async def test_a_record_comes_back_as_it_was_put(store: Store, site: str, record: Record) -> None:
    """Of any site, and of none; whatever is in it."""
    await _put(store, record, site=site)
    assert await store.record(site, "token", record.key, 99.0) == record
    assert await store.records(site, "token", "", 9, 99.0) == [record]
    assert await store.record_kinds(site) == ["token"]
    assert await store.sites() == [site]


async def test_site_kind_and_key_name_a_record(store: Store) -> None:
    """Nothing crosses from one to another, in any step."""
    await _put(store, TOKEN)
    for site, kind, key in (
        (EVERYWHERE, "token", TOKEN.key),
        (SITE, "session", TOKEN.key),
        (SITE, "tokendigest", ""),
        (SITE, "token", ""),
    ):
        assert await store.record(site, kind, key, 1.0) is None
        assert await store.take_record(site, kind, key, 1.0) is None
        assert not await store.put_record(site, kind, Record(key, "x", None), TOKEN.text, 1.0)
    assert await store.records(EVERYWHERE, "token", "", 9, 1.0) == []
    assert await store.records(SITE, "session", "", 9, 1.0) == []
    assert await store.record(SITE, "token", TOKEN.key, 1.0) == TOKEN


async def test_a_record_is_there_until_its_moment(store: Store) -> None:
    """Not at that moment; and where a clock is set back, it is there again."""
    await _put(store, TOKEN)
    assert await store.record(SITE, "token", TOKEN.key, 100.0) is None
    assert await store.records(SITE, "token", "", 9, 100.0) == []
    assert not await store.put_record(SITE, "token", FOR_GOOD, TOKEN.text, 100.0)
    assert await store.record(SITE, "token", TOKEN.key, 99.9) == TOKEN
    assert await store.take_record(SITE, "token", TOKEN.key, 100.0) is None
    assert await store.record(SITE, "token", TOKEN.key, 99.9) is None


async def test_only_what_is_as_it_was_read_is_changed(store: Store) -> None:
    """Text, and until when; whoever read something else is told, and changes nothing."""
    changed = replace(TOKEN, text="changed", until=None)
    assert not await store.put_record(SITE, "token", changed, TOKEN.text, 0.0)
    assert not await store.put_record(SITE, "token", changed, "", 0.0)
    await _put(store, TOKEN)
    for before in (None, "", "other", TOKEN.text + " "):
        assert not await store.put_record(SITE, "token", changed, before, 1.0)
        assert await store.record(SITE, "token", TOKEN.key, 1.0) == TOKEN
    assert await store.put_record(SITE, "token", changed, TOKEN.text, 1.0)
    assert await store.record(SITE, "token", TOKEN.key, 5000.0) == changed
    assert await store.put_record(SITE, "token", TOKEN, changed.text, 1.0)
    assert await store.record(SITE, "token", TOKEN.key, 100.0) is None
    assert await store.put_record(SITE, "token", changed, None, 100.0)


async def test_an_empty_text_is_a_text(store: Store) -> None:
    """Not the same as none."""
    empty = replace(FOR_GOOD, text="")
    await _put(store, empty)
    assert not await store.put_record(SITE, "token", TOKEN, None, 1.0)
    assert await store.put_record(SITE, "token", TOKEN, "", 1.0)


async def test_of_many_who_put_at_one_moment_one_does(store: Store) -> None:
    """Where there was none."""
    records = [Record("one", f"{count}", None) for count in range(20)]
    put = await asyncio.gather(
        *(store.put_record(SITE, "token", each, None, 0.0) for each in records)
    )
    assert put.count(True) == 1
    assert await store.record(SITE, "token", "one", 0.0) == records[put.index(True)]


async def test_of_many_who_count_up_at_one_moment_nobody_is_lost(store: Store) -> None:
    """Whoever was told to reads anew, and tries again."""
    await _put(store, Record("count", "0", None))

    async def count_up() -> None:
        while True:
            found = await store.record(SITE, "token", "count", 0.0)
            assert found is not None
            more = replace(found, text=f"{int(found.text) + 1}")
            if await store.put_record(SITE, "token", more, found.text, 0.0):
                return

    await asyncio.gather(*(count_up() for _ in range(12)))
    assert await store.record(SITE, "token", "count", 0.0) == Record("count", "12", None)


async def test_of_many_who_take_it_one_gets_it(store: Store) -> None:
    """An invitation is good once; it is gone for everybody else."""
    await _put(store, TOKEN)
    taken = await asyncio.gather(
        *(store.take_record(SITE, "token", TOKEN.key, 1.0) for _ in range(20))
    )
    assert [each for each in taken if each is not None] == [TOKEN]
    assert await store.record(SITE, "token", TOKEN.key, 1.0) is None
    assert await store.record_kinds(SITE) == []


async def test_whoever_changes_and_whoever_takes_do_not_both(store: Store) -> None:
    """What was taken is not brought back by a change that was on its way."""
    for count in range(10):
        record = Record(f"{count}", "old", None)
        await _put(store, record)
        changing = store.put_record(SITE, "token", replace(record, text="new"), "old", 1.0)
        changed, taken = await asyncio.gather(
            changing, store.take_record(SITE, "token", record.key, 1.0)
        )
        assert taken == (replace(record, text="new") if changed else record)
        assert await store.record(SITE, "token", record.key, 1.0) is None


@pytest.mark.parametrize("count", [1, 2, 3, 5, 50])
async def test_records_come_by_key_and_some_at_a_time(store: Store, count: int) -> None:
    """By the bytes of their keys; none of another kind whose name begins alike, none twice."""
    keys = ["", "/", "0", "B", "a", "aa", "b", "~", "ä", "日"]
    records = [Record(key, key, None) for key in keys]
    await _put(store, *reversed(records))
    for kind in ("toke", "tokena", "tokens", "token\x01", "Token"):
        await _put(store, Record("a", "of another kind", None), kind=kind)
    after = [each for each in records if each.key > ""]  # after "" comes what is not ""
    pages = await _pages(store, count)
    assert [each for page in pages for each in page] == after
    assert all(len(page) == count for page in pages[:-1])
    assert await store.records(SITE, "token", "aaa", 2, 1.0) == records[6:8]


async def test_a_page_is_full_though_much_on_the_way_is_void(store: Store) -> None:
    """An empty one is the end."""
    for count in range(30):
        await _put(store, Record(f"{count:02}", "x", 100.0 if count % 10 else None))
    assert [len(page) for page in await _pages(store, 2, 100.0)] == [2, 1]
    assert await store.records(SITE, "token", "21", 2, 100.0) == []


async def test_kinds_are_named_in_order(store: Store) -> None:
    """Each once, however many of it there are."""
    for kind in ("token", "operator", "token/x", "tokens", "token\x01"):
        await _put(store, Record("a", "", None), Record("b", "", None), kind=kind)
    await _put(store, TOKEN, site=EVERYWHERE, kind="session")
    kinds = ["operator", "token", "token\x01", "token/x", "tokens"]
    assert await store.record_kinds(SITE) == kinds
    assert await store.record_kinds("hotel") == []


async def test_tidying_drops_what_is_void(store: Store) -> None:
    """And says how many; the rest stays, however old."""
    for count in range(7):
        await _put(store, Record(f"{count}", "x", 100.0 if count % 2 else None))
    assert await store.tidy(99.9) == 0
    assert await store.tidy(100.0) == 3
    assert await store.record(SITE, "token", "1", 0.0) is None
    assert len(await store.records(SITE, "token", "", 9, 1e9)) == 4
