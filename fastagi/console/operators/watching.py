"""Who watches, and whether they still may: one look at a session is for all the pages it has open.

A page that changes by itself does not keep its session, and ends with it. While the store does not
say whether it lives, nothing new is shown; and after `UNKNOWN_S` it counts as over.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastagi.console.operators import entering
from fastagi.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.console.ports import Ports

LOOKED_AFTER_S: Final = 10.0
"""How often it is looked after a session."""

UNKNOWN_S: Final = 60.0
"""How long it may not be known whether it lives: a store that is busy is no reason to leave."""


@dataclass(slots=True)
class _Watched:
    """A session that watches.

    Attributes:
        known_s: When it was known to live; monotonic, as all here.
        looked_s: When it was looked after, or somebody began to.
        pages: How many it has open.
    """

    known_s: float
    looked_s: float
    pages: int = 0
    over: bool = False


@dataclass(slots=True)
class Watchers:
    """All of them, by the keys of their sessions."""

    ports: Ports
    _by_key: dict[str, _Watched] = field(default_factory=dict, repr=False)

    @contextlib.contextmanager
    def watching(self, key: str) -> Iterator[None]:
        """Count a page of a session, which has just been found to live."""
        now_s = time.monotonic()
        found = self._by_key.setdefault(key, _Watched(now_s, now_s))
        found.pages += 1
        try:
            yield
        finally:
            found.pages -= 1
            if not found.pages:
                self._by_key.pop(key, None)

    async def may(self, key: str) -> bool | None:
        """Whether a session lives; None while that is not known."""
        found, now_s = self._by_key[key], time.monotonic()
        if not found.over and now_s - found.looked_s >= LOOKED_AFTER_S:
            found.looked_s = now_s  # before it is known: its other pages need not look, too
            with contextlib.suppress(StoreError):
                session = await entering.session_of(key, self.ports, watching=True)
                found.over = session is None
                found.known_s = now_s
        if found.over or now_s - found.known_s >= UNKNOWN_S:
            return False
        return True if now_s - found.known_s < 2 * LOOKED_AFTER_S else None
