"""A store by its URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.errors import StoreError
from fastagi.stores.opening import open_store
from fastagi.stores.redis import RedisStore

if TYPE_CHECKING:
    from pathlib import Path


async def test_three_slashes_are_an_absolute_path(tmp_path: Path) -> None:
    """The file and its folder are made."""
    store = open_store(f"sqlite://{tmp_path}/new/store.db")
    await store.ready()
    await store.close()
    assert (tmp_path / "new" / "store.db").is_file()


async def test_two_slashes_are_relative_to_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Letter by letter: nothing is decoded."""
    monkeypatch.chdir(tmp_path)
    await open_store("sqlite://beside%20me?.db").close()
    assert (tmp_path / "beside%20me?.db").is_file()


def _names(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


async def test_a_store_in_memory_makes_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is its own."""
    monkeypatch.chdir(tmp_path)
    await open_store("sqlite://:memory:").close()
    assert _names(tmp_path) == []


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://:hunter2@10.0.0.1/0", "`mysql` is no kind of store"),
        ("/var/lib/dialguard.db", "`` is no kind of store"),
        ("", "`` is no kind of store"),
        ("sqlite://", "names no file"),
    ],
)
def test_what_is_no_store_is_said_with_what_to_write_instead(url: str, said: str) -> None:
    """Without the rest of the URL, which may hold a password."""
    with pytest.raises(StoreError, match=said) as caught:
        open_store(url)
    assert "sqlite:///" in str(caught.value)
    assert "hunter2" not in str(caught.value)


async def test_redis_and_its_kind_are_shared_stores() -> None:
    """They connect when they are first asked."""
    for url in ("redis://h", "rediss://h", "redis+sentinel://h/main", "redis+cluster://h"):
        store = open_store(url)
        assert isinstance(store, RedisStore)
        await store.close()
