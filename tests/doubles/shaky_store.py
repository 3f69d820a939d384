"""A store that can be away, or slow, at a word of the test."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from fastagi.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastagi.stores.store import Store


class ShakyStore:
    """Asks a store that works, unless the test says otherwise.

    Attributes:
        behind: The store that works.
        away: Whether it fails at once.
        silent: Whether it never answers.
        slow_s: How long each answer takes.
        asked: What it was asked for, by name.
        before: Called before the step of that name is done.
        after: Called after it.
    """

    def __init__(self, store: Store) -> None:
        self.behind = store
        self.away = False
        self.silent = False
        self.slow_s = 0.0
        self.asked: list[str] = []
        self.before: dict[str, Callable[[], Awaitable[object]]] = {}
        self.after: dict[str, Callable[[], Awaitable[object]]] = {}

    @property
    def store(self) -> Store:
        """Itself, as what it stands for."""
        return cast("Store", self)

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:  # Any: as the store's
        """Return the store's step of that name, with the trouble that the test wants."""

        async def step(*words: object, **more: object) -> object:
            self.asked.append(name)
            if self.away:
                raise StoreError("away")
            if self.silent:
                await asyncio.Event().wait()
            await asyncio.sleep(self.slow_s)
            if name in self.before:
                await self.before[name]()
            answer = await getattr(self.behind, name)(*words, **more)
            if name in self.after:
                await self.after[name]()
            return answer

        return step
