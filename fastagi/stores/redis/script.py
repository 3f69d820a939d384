"""All steps as one Lua script: loaded where it is not known, and held to a deadline."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import time
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from redis.asyncio import RedisCluster
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import MovedError, NoScriptError

from fastagi.errors import StoreError
from fastagi.fair_line import Turns
from fastagi.stores.records import EVERYWHERE
from fastagi.stores.redis.breaker import Breaker
from fastagi.stores.redis.client import (
    AWAY,
    DEADLINE_S,
    FAULTS,
    IN_FLIGHT,
    ask_together,
    connect,
)
from fastagi.stores.redis.keeper import DIFFER_S, Keeper

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastagi.stores.redis.client import Address

PARTS: Final = (
    *("prelude", "sign_ins", "budgets", "records", "leases", "failures", "enrolments"),
    *("tidying", "last"),
)
"""The files of the script, in the order in which each knows those before it."""

WAIT_MS: Final = 120
"""What replicas are given to say that they have what must not be forgotten."""

PROBED: Final = "probe"
"""The site that nobody has, which is asked for where any server will do."""

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
        self._is_cluster = address.kind == "cluster"
        self._keepers: dict[str, Keeper] = {}
        self._places = Turns(IN_FLIGHT)

    def shift_of(self, site: str) -> float:
        """How many seconds moments of a site are shifted by; see `Keeper.shift_s`."""
        return self._keeper_of(site).shift_s

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
            sent = keeper.time_at(began)
            prefix = _prefix(site)
            words = [step, "" if sent is None else f"{sent:.3f}", *arguments]
            if is_lasting and (replicas := self._wanted_by(site)):
                told = await self._evaluate_lasting(prefix, words, replicas)
            else:
                told = await self._evaluate(prefix, words)
            answer, seconds, microseconds, is_late = told
            ended = self._clock()
            if 0 <= ended - began < DIFFER_S:  # a slow answer tells no time
                between = (began + ended) / 2
                keeper.learn(site, int(seconds) + int(microseconds) / 1e6 - between)
            if is_late:
                raise StoreError("the store was asked too late, and did nothing")
            return answer

        keeper = self._keeper_of(site)
        return await self.guarded(evaluate, site)

    async def guarded(self, work: Callable[[], Any], site: str) -> Any:
        """Do anything with the client, held to the deadline, and not while the server is away.

        Args:
            work: What is to be done.
            site: Whose keeper is asked.

        Raises:
            StoreError: As above.
        """
        breaker = self._keeper_of(site).breaker
        breaker.check()
        async with self._places.place(site):  # a crowd of ours is not the server's fault
            breaker.check()  # who stood in line need not find out once more
            try:
                async with asyncio.timeout(DEADLINE_S):
                    answer = await work()
            except FAULTS as error:
                kind = type(error).__name__
                if isinstance(error, AWAY):
                    breaker.failed(kind)
                raise StoreError(f"the store does not answer as it should ({kind})") from error
        breaker.succeeded()
        return answer

    async def close(self) -> None:
        """Let go of the connections."""
        for keeper in self._keepers.values():
            await keeper.breaker.close()
        for each in (self.client, *self._sentinels):
            await each.aclose()
        if isinstance(self.client, RedisCluster):
            # It keeps hold of all while it is about to look around anew, as after an error.
            for nodes in ("nodes_cache", "startup_nodes"):
                await self.client.nodes_manager.aclose(nodes)

    def _keeper_of(self, site: str) -> Keeper:
        """Return who keeps a site: of a Cluster each site's own, else one for all."""
        name = site if self._is_cluster else ""
        if name not in self._keepers:
            probe = functools.partial(self._probe, name or PROBED)
            self._keepers[name] = Keeper(Breaker(probe))
        return self._keepers[name]

    def _wanted_by(self, site: str) -> int:
        if site == EVERYWHERE:  # what is of no site is kept as well as that of any
            return max(self._replicas, *self._replicas_of.values(), 0)
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
                await self._evaluate(prefix, ["probe", ""])
                answer, having = await ask_together(self.client, prefix, commands)
        except (RedisConnectionError, OSError):
            # A master that is dead is one that a Cluster has moved away from: this finds out.
            with contextlib.suppress(*FAULTS):
                await self._evaluate(prefix, ["probe", ""])
            raise
        for each in (answer, having):
            if isinstance(each, Exception):
                raise each
        if having < replicas:
            raise StoreError(f"only {having} of {replicas} replicas have it")
        return answer

    async def _probe(self, site: str) -> None:
        async with asyncio.timeout(DEADLINE_S):
            await self._evaluate(_prefix(site), ["probe", ""])


def _prefix(site: str) -> str:
    """Return how the keys of a site begin; the braces keep them together in a Cluster."""
    return f"dialguard:{{{site}}}:"
