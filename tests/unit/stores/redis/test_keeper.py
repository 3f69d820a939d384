"""Whoever keeps a site: its clock, and whether it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import structlog

from fastagi.errors import StoreError
from fastagi.stores.redis.breaker import FAILURES
from fastagi.stores.redis.client import read_url
from fastagi.stores.redis.keeper import Keeper
from fastagi.stores.redis.script import Steps
from tests.servers.farm import empty_store
from tests.unit.stores.redis.test_breaker import Server, _breaker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from structlog.typing import EventDict


@pytest.fixture
def said() -> Iterator[list[EventDict]]:
    """Return what is logged."""
    with structlog.testing.capture_logs() as lines:
        yield lines


def test_a_clock_that_was_never_heard_shifts_nothing(said: list[EventDict]) -> None:
    """Nor does one that differs by less than the way takes; and the first word is no jump."""
    keeper = Keeper(_breaker(Server(0)))
    assert (keeper.shift_s, keeper.time_at(1000.0)) == (0.0, None)
    keeper.learn("office", 0.4)
    assert (keeper.shift_s, keeper.time_at(1000.0)) == (0.0, 1000.4)
    keeper.learn("office", 3600.0)
    assert (keeper.shift_s, keeper.time_at(1000.0)) == (3600.0, 4600.0)
    (line,) = said
    assert (line["event"], line["site"], line["by_s"]) == ("store-clock-jumped", "office", 3599.6)


def test_of_a_cluster_each_site_has_its_own() -> None:
    """Else one server keeps all."""
    cluster = Steps(read_url("redis+cluster://127.0.0.1:1"))
    cluster._keeper_of("office").learn("office", 3600.0)
    assert (cluster.shift_of("office"), cluster.shift_of("hotel")) == (3600.0, 0.0)
    alone = Steps(read_url("redis://127.0.0.1:1"))
    alone._keeper_of("office").learn("office", 3600.0)
    assert alone.shift_of("hotel") == 3600.0


async def test_one_site_that_is_away_takes_no_other_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who keeps asking for a site on a dead master stops nobody on another one."""
    asked = Steps(read_url(empty_store("redis-cluster")))
    really = asked._evaluate

    async def broken(prefix: str, words: list[str | bytes | int]) -> object:
        if "office" in prefix:
            raise ConnectionError
        return await really(prefix, words)

    monkeypatch.setattr(asked, "_evaluate", broken)
    for _ in range(FAILURES + 2):
        with pytest.raises(StoreError):
            await asked.ask("office", "probe")
    with pytest.raises(StoreError, match="it is asked again without you"):
        await asked.ask("office", "probe")
    assert await asked.ask("hotel", "probe") == 1
    await asked.close()
