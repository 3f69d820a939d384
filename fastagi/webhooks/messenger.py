"""All of it, for one hook, for ever: looking, each second, and telling, beside it."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.errors import StoreError
from fastagi.events.backoff import pause_s
from fastagi.events.changes import Changes
from fastagi.events.turn import Turn
from fastagi.webhooks.denials import KINDS, Denials
from fastagi.webhooks.outbox import GIVEN_UP_S, MOST, Outbox
from fastagi.webhooks.post import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from fastagi.stores.store import Store
    from fastagi.webhooks.hook import Hook
    from fastagi.webhooks.outbox import Waiting
    from fastagi.webhooks.post import Post

LOOK_S: Final = 1.0

log = structlog.get_logger(__name__)


class Messenger:
    """Tells one hook.

    Args:
        store: Where everything is.
        hook: Who is told.
        post: How.
        path: This machine's record of decisions.
        machine: This machine's name.
        clock: The wall clock.
    """

    def __init__(
        self,
        store: Store,
        hook: Hook,
        post: Post,
        path: Path,
        machine: str,
        clock: Callable[[], float],
    ) -> None:
        self._store = store
        self._hook = hook
        self._post = post
        self._clock = clock
        self._outbox = Outbox(store, hook)
        self._turn = Turn(store, f"webhook-{hook.name}")
        self._denials = Denials(store, hook, self._outbox, path, machine)
        self._changes: Changes | None = None
        self._troubles: set[str] = set()
        self._serves = False

    async def run(self) -> None:
        """Look and tell until cancelled; then let another machine have the turn."""
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._every_second(self.look))
                both.create_task(self._every_second(self.tell))
        finally:
            with contextlib.suppress(StoreError):
                await self._turn.leave(self._clock())

    async def look(self) -> None:
        """Put what happened since the last look into the outbox.

        Raises:
            StoreError: The next look finds what is not in.
        """
        now = self._clock()
        room = MOST - len(await self._outbox.waiting(now))
        if self._is_news("full", there=room <= 0):
            log.warning("webhook-full", host=self._hook.host, waiting=MOST)
        if self._hook.kinds & KINDS:
            await self._look_for_denials(now, room)
        if not self._turn.is_mine(now):
            self._changes = None  # another may have looked since, and knows more
        if await self._turn.ask(now) and room > 0 and self._hook.kinds - KINDS:
            self._changes = self._changes or Changes(
                self._store, f"webhook-{self._hook.name}", self._hook.kinds, self._outbox
            )
            if not await self._changes.look(now):
                self._changes = None
        if not self._serves:
            self._serves = True
            log.info("webhook-served", host=self._hook.host, events=sorted(self._hook.kinds))

    async def _look_for_denials(self, now: float, room: int) -> None:
        try:
            await self._denials.look(now, room)
        except OSError as error:
            if self._is_news("unread", there=True):
                log.warning("webhook-record-unread", host=self._hook.host, error=str(error))
        else:
            self._is_news("unread", there=False)

    async def tell(self) -> None:
        """Deliver what is due, if it is our turn.

        Raises:
            StoreError: What was delivered may be delivered again.
        """
        now = self._clock()
        if not self._turn.is_mine(now):
            return
        due = [each for each in await self._outbox.waiting(now) if each.next_at <= now]
        for first in range(0, len(due), AT_ONCE):
            some = due[first : first + AT_ONCE]
            told = await asyncio.gather(*map(self._tell_one, some), return_exceptions=True)
            for each in told:
                if isinstance(each, BaseException):
                    raise each
            if not self._turn.is_mine(self._clock()) or not all(told):
                return  # who takes in nothing is not asked a thousand times

    async def _tell_one(self, waiting: Waiting) -> bool:
        now = self._clock()
        why = ""
        if now - waiting.since < GIVEN_UP_S:
            why = await self._post.deliver(waiting.id, waiting.body, now)
            if self._is_news("undelivered", there=bool(why)):
                log.warning("webhook-not-delivered", host=self._hook.host, error=why)
            if why:
                await self._outbox.put_off(waiting, now + pause_s(waiting.tries), now)
                return False
        else:
            log.error("webhook-given-up", host=self._hook.host, delivery=waiting.id)
        await self._outbox.drop(waiting, now)
        return True

    async def _every_second(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        name = work.__name__
        while True:
            try:
                await work()
            except StoreError as error:
                if self._is_news(name, there=True):
                    log.warning("webhook-store-away", host=self._hook.host, error=str(error))
            else:
                self._is_news(name, there=False)
            await asyncio.sleep(LOOK_S)

    def _is_news(self, trouble: str, *, there: bool) -> bool:
        """Note whether there is a trouble; whether it has just begun, and is to be told of."""
        begins = there and trouble not in self._troubles
        (self._troubles.add if there else self._troubles.discard)(trouble)
        return begins
