"""All steps as one Lua script: loaded where it is not known, and held to a deadline."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import MovedError, NoScriptError

from fastagi.errors import StoreError
from fastagi.stores.redis.breaker import Breaker
from fastagi.stores.redis.client import (
    AWAY,
    DEADLINE_S,
    FAULTS,
    IN_FLIGHT,
    ask_together,
    connect,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastagi.stores.redis.client import Address

PARTS: Final = ("prelude", "leases", "failures", "enrolments", "tidying", "last")
"""The files of the script, in the order in which each knows those before it."""

WAIT_MS: Final = 120
"""What replicas are given to say that they have what must not be forgotten."""

DIFFER_S: Final = 1.0
"""Clocks that differ by less count as one."""

Argument: TypeAlias = "str | bytes | int"


def text() -> str:
    """Return the script."""
    folder = resources.files("fastagi.stores.redis") / "lua"
    return "\n".join((folder / f"{part}.lua").read_text() for part in PARTS)


TEXT: Final = text()
SHA: Final = hashlib.sha1(TEXT.encode(), usedforsecurity=False).hexdigest()


class Steps:
    """A server, asked step by step.

    Args:
        address: Where it is.
        clock: The gate's own clock: seconds since the epoch.
    """

    def __init__(self, address: Address, clock: Callable[[], float] = time.time) -> None:
        self.client, self._sentinels = connect(address)
        self._replicas = address.replicas
        self._replicas_of: Mapping[str, int] = {}
        self._clock = clock
        self._breaker = Breaker(self._probe)
        self._places = asyncio.Semaphore(IN_FLIGHT)
        self._offset_s = 0.0

    @property
    def offset_s(self) -> float:
        """How many seconds the server's clock is ahead of ours, as far as that counts.

        Every answer tells the server's time. Where gates' clocks differ from it, it is the judge:
        moments are shifted by this on their way in, and back on their way out.
        """
        return self._offset_s if abs(self._offset_s) >= DIFFER_S else 0.0

    def keep_on(self, replicas: Mapping[str, int]) -> None:
        """Have so many replicas keep what is lasting, by site; at least as many as the URL asks.

        Replaces what was wanted before.
        """
        self._replicas_of = dict(replicas)

    async def ask(
        self, site: str, step: str, *arguments: Argument, is_lasting: bool = False
    ) -> Any:  # Any: as the server answers
        """Take one step of a site.

        Args:
            site: The site.
            step: Its name in the script.
            arguments: What it wants.
            is_lasting: Whether replicas must have it, where the URL or the site asks for that.

        Raises:
            StoreError: The server is away, too slow, or refuses; whether it was done is unknown.
        """

        async def evaluate() -> Any:
            began = self._clock()
            prefix, words = f"dialguard:{{{site}}}:", [step, *arguments]
            if is_lasting and (replicas := self._wanted_by(site)):
                told = await self._evaluate_lasting(prefix, words, replicas)
            else:
                told = await self._evaluate(prefix, words)
            answer, seconds, microseconds = told
            ended = self._clock()
            if 0 <= ended - began < DIFFER_S:  # a slow answer tells no time
                between = (began + ended) / 2
                self._offset_s = int(seconds) + int(microseconds) / 1e6 - between
            return answer

        return await self.guarded(evaluate)

    async def guarded(self, work: Callable[[], Any]) -> Any:
        """Do anything with the client, held to the deadline, and not while the server is away.

        Raises:
            StoreError: As above.
        """
        self._breaker.check()
        async with self._places:  # a crowd of ours is not the server's fault
            try:
                async with asyncio.timeout(DEADLINE_S):
                    answer = await work()
            except FAULTS as error:
                kind = type(error).__name__
                if isinstance(error, AWAY):
                    self._breaker.failed(kind)
                raise StoreError(f"the store does not answer as it should ({kind})") from error
        self._breaker.succeeded()
        return answer

    async def close(self) -> None:
        """Let go of the connections."""
        await self._breaker.close()
        for each in (self.client, *self._sentinels):
            await each.aclose()

    def _wanted_by(self, site: str) -> int:
        return max(self._replicas, self._replicas_of.get(site, 0))

    async def _evaluate(self, prefix: str, words: list[Argument]) -> Any:
        try:
            return await self.client.evalsha(SHA, 1, prefix, *words)
        except NoScriptError:  # a new server: EVAL lets it know the script
            return await self.client.eval(TEXT, 1, prefix, *words)

    async def _evaluate_lasting(self, prefix: str, words: list[Argument], replicas: int) -> Any:
        """Take a step and wait, on the same connection, for those who must have it.

        Raises:
            StoreError: Too few said in time that they have it.
        """
        commands = (("EVALSHA", SHA, 1, prefix, *words), ("WAIT", replicas, WAIT_MS))
        try:
            answer, having = await ask_together(self.client, prefix, commands)
            if isinstance(answer, NoScriptError | MovedError):  # it was not done: once more
                await self._evaluate(prefix, ["probe"])
                answer, having = await ask_together(self.client, prefix, commands)
        except (RedisConnectionError, OSError):
            # A master that is dead is one that a Cluster has moved away from: this finds out.
            with contextlib.suppress(*FAULTS):
                await self._evaluate(prefix, ["probe"])
            raise
        for each in (answer, having):
            if isinstance(each, Exception):
                raise each
        if having < replicas:
            raise StoreError(f"only {having} of {replicas} replicas have it")
        return answer

    async def _probe(self) -> None:
        async with asyncio.timeout(DEADLINE_S):
            await self._evaluate("dialguard:{probe}:", ["probe"])
