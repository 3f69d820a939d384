"""Not asking a server that is away."""

from __future__ import annotations

import asyncio

import pytest

from fastagi.errors import StoreError
from fastagi.stores.redis.breaker import FAILURES, PAUSE_AT_MOST_S, PAUSE_S, Breaker


class Server:
    """A server that is back after so many questions, and a clock that only notes."""

    def __init__(self, away: int) -> None:
        self.away = away
        self.slept: list[float] = []

    async def probe(self) -> None:
        """Answer, or not."""
        if self.away:
            self.away -= 1
            raise OSError

    async def sleep(self, seconds: float) -> None:
        """Note it."""
        self.slept.append(seconds)
        await asyncio.sleep(0)


def _breaker(server: Server) -> Breaker:
    return Breaker(server.probe, server.sleep)


async def test_a_few_failures_keep_nobody_out() -> None:
    """Nor do many that an answer comes between."""
    breaker = _breaker(Server(0))
    for _ in range(5):
        for _ in range(FAILURES - 1):
            breaker.failed("ConnectionError")
        breaker.succeeded()
    breaker.check()
    assert not breaker.is_open
    await breaker.close()


async def test_who_asks_a_server_that_is_away_is_told_at_once_until_it_is_back() -> None:
    """It is asked by one, at longer and longer pauses, each a little other than the last."""
    server = Server(away=8)
    breaker = _breaker(server)
    for _ in range(FAILURES + 2):
        breaker.failed("ConnectionError")
    with pytest.raises(StoreError, match=r"away \(ConnectionError\); it is asked again"):
        breaker.check()
    while breaker.is_open:  # noqa: ASYNC110 - its own clock
        await asyncio.sleep(0)
    breaker.check()
    assert len(server.slept) == 9
    for slept, pause_s in zip(server.slept, (0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5, 5), strict=True):
        assert pause_s / 2 <= slept <= pause_s
    assert PAUSE_S <= PAUSE_AT_MOST_S


async def test_closing_ends_the_asking() -> None:
    """However long the pause is."""
    server = Server(away=1)
    breaker = Breaker(server.probe)
    for _ in range(FAILURES):
        breaker.failed("ConnectionError")
    await breaker.close()
    assert server.away == 1
