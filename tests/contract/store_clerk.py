"""Clerks: they take steps to a store, many at a time, and tell what it said of each.

One does it where it stands. Of the other's, the process that talks to the store is killed now and
then, in the midst of them, or the store's server is; what nobody has heard the answer of then is
in doubt, and can only be looked up. What was answered before must be there.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, TypeAlias
from unittest import mock

from fastagi.errors import StoreError
from fastagi.stores.opening import open_store
from fastagi.stores.redis import client, script
from tests.contract.store_kinds import SITE
from tests.servers.node import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from fastagi.stores.store import Full, Lease, NotSignedIn, Store, Taken
    from tests.servers.alone import Alone

PATIENCE_S: Final = 10.0
"""For a store: a busy machine is no fault of it."""

FORKS: Final = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__])
"""Whoever is killed is soon there again, as nothing has to be imported anew."""

MID_STEP_S: Final = 0.005
"""At most so long after the last answer that is heard something is killed: about as long as all
the steps of a moment take."""


@dataclass(frozen=True, slots=True)
class Take:
    """Let a call through."""

    lease: Lease

    async def ask(self, store: Store, now: float) -> Taken | Full | NotSignedIn:
        """Ask for it."""
        return await store.take(self.lease, now)


@dataclass(frozen=True, slots=True)
class Extend:
    """Let a call last so many seconds."""

    lease: Lease
    seconds: int

    async def ask(self, store: Store, now: float) -> Lease | None:
        """Ask for it."""
        lease = self.lease
        longer = await store.extend(SITE, lease.call, lease.number, lease.node, self.seconds, now)
        return None if longer is None else longer.lease


@dataclass(frozen=True, slots=True)
class Release:
    """End a call."""

    call: str
    talked_s: int | None

    async def ask(self, store: Store, now: float) -> int:
        """Ask for it."""
        return await store.release(SITE, self.call, None, None, now, self.talked_s)


@dataclass(frozen=True, slots=True)
class Tidy:
    """Have the store throw away what is over."""

    async def ask(self, store: Store, now: float) -> int:
        """Ask for it."""
        return await store.tidy(now)


class Doubt(Enum):
    """What is said of a step whose answer nobody has heard."""

    UNKNOWN = auto()


Step: TypeAlias = Take | Extend | Release | Tidy
Answer: TypeAlias = "Taken | Full | NotSignedIn | Lease | int | Doubt | None"


@contextlib.contextmanager
def patience() -> Iterator[None]:
    """Let a store take its time."""
    with contextlib.ExitStack() as stack:
        for module in (client, script):
            stack.enter_context(mock.patch.object(module, "DEADLINE_S", PATIENCE_S))
        yield


@dataclass
class Clerk:
    """One whose process lives.

    Attributes:
        store: Where steps are taken to; to be looked into at any time.
        killed: How often what was.
    """

    store: Store
    killed: Counter[str] = field(default_factory=Counter)

    async def take(self, steps: Sequence[Step], now: float) -> Sequence[Answer]:
        """Take all steps to the store at once, and return what it said of each."""
        return await asyncio.gather(*(step.ask(self.store, now) for step in steps))

    async def close(self) -> None:
        """Be done."""
        await self.store.close()


@dataclass
class MortalClerk(Clerk):
    """One who is killed (SIGKILL) in the midst of every so manieth steps, or the server is.

    Attributes:
        url: Of the store.
        every: Of so many times that steps are taken, something is killed once.
        dice: Which is killed when.
        server: What keeps the store; None where it is a file, and dies with whoever opened it.
    """

    store: Store = field(init=False)
    url: str = ""
    every: int = 100
    dice: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311 - no secret
    server: Alone | None = None

    def __post_init__(self) -> None:
        self.store = open_store(self.url)
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None

    async def take(self, steps: Sequence[Step], now: float) -> Sequence[Answer]:
        """Take all steps to the store at once; what is in doubt afterwards is `UNKNOWN`."""
        answers: list[Answer] = [Doubt.UNKNOWN] * len(steps)
        if not steps:
            return answers
        pipe = self._pipe or self._begin()
        pipe.send((steps, now))
        dies_after = -1
        if self.dice.randrange(self.every) == 0:  # half of the time before there is any answer
            dies_after = self.dice.choice((0, self.dice.randrange(len(steps))))
        before, told = self.killed.total(), 0
        while told < len(steps):
            if told == dies_after:
                dies_after = -1
                time.sleep(self.dice.random() * MID_STEP_S)  # noqa: ASYNC251 - nobody else waits
                if self.server is None or self.dice.choice((True, False)):
                    self._kill()
                    self._hear_out(answers)
                    break
                self.killed["server"] += 1
                self.server.node.kill()
                self.server.node.start()
            place, answer = pipe.recv()
            answers[place] = answer
            told += 1
        if self.killed.total() > before:
            await self._begin_anew()
        return answers

    async def close(self) -> None:
        """Be done, and leave nobody behind."""
        self._end()
        await self.store.close()

    def _begin(self) -> Connection:
        self._pipe, theirs = FORKS.Pipe()
        self._process = FORKS.Process(target=serve, args=(self.url, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self._pipe.recv()  # it is there, so that what kills it kills it in the midst of steps
        return self._pipe

    def _kill(self) -> None:
        assert self._process is not None
        self.killed["client"] += 1
        self._process.kill()
        self._process.join()

    def _hear_out(self, answers: list[Answer]) -> None:
        """Hear what it said before it died; of the last word perhaps a half."""
        assert self._pipe is not None
        with contextlib.suppress(EOFError, OSError):
            while True:
                place, answer = self._pipe.recv()
                answers[place] = answer

    async def _begin_anew(self) -> None:
        """Have another process, and look into the store only once nobody else asks it anything.

        A server reads on what a process that died had sent it by then; and a client whose server
        was away does not ask it for a while.
        """
        self._end()
        await self.store.close()
        if self.server is not None:
            node = self.server.node
            wait_until(lambda: len(node.ask("CLIENT", "LIST").splitlines()) == 1, "nobody asks")
        self.store = open_store(self.url)

    def _end(self) -> None:
        if self._process is not None and self._pipe is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
            self._pipe.close()
        self._process, self._pipe = None, None


def serve(url: str, pipe: Connection) -> None:
    """Be the process that talks to the store, until it is killed."""
    with patience(), contextlib.suppress(EOFError):
        asyncio.run(_serve(url, pipe))


async def _serve(url: str, pipe: Connection) -> None:
    store = open_store(url)

    async def take(place: int, step: Step, now: float) -> None:
        try:
            answer: Answer = await step.ask(store, now)
        except StoreError:
            answer = Doubt.UNKNOWN
        pipe.send((place, answer))

    pipe.send(None)
    while True:
        steps, now = pipe.recv()
        await asyncio.gather(*(take(place, step, now) for place, step in enumerate(steps)))
