"""Which of several machines tells: whoever has the turn, until it is let go or runs out.

Two may think that they have it, where a clock is wrong or a machine slept: then something is told
twice, with the same id. That nothing is forgotten does not hang on it.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from fastagi.call.ports import soon
from fastagi.stores.records import EVERYWHERE, Record

if TYPE_CHECKING:
    from fastagi.stores.records import Records

TURN_S: Final = 15.0
RENEWED_S: Final = 10.0  # what is left of it as it is renewed
KIND: Final = "turn"


class Turn:
    """The turn at one thing, of all machines that do it.

    Args:
        records: Where it is kept.
        name: What is done: the same on every machine that does it.
    """

    def __init__(self, records: Records, name: str) -> None:
        self._records = records
        self._name = name
        self._me = secrets.token_hex(8)
        self._until = 0.0

    def is_mine(self, now: float) -> bool:
        """Tell whether it was ours when we last asked, and has not run out."""
        return now < self._until

    async def ask(self, now: float) -> bool:
        """Take the turn if nobody has it, or keep it; whether it is ours.

        Raises:
            StoreError: It is unknown; what we have of it runs out.
        """
        if self._until - now > RENEWED_S:
            return True
        wanted = now + TURN_S
        mine = Record(self._name, self._me, wanted)
        before = self._me if self.is_mine(now) else None
        got = await soon(self._records.put_record(EVERYWHERE, KIND, mine, before, now))
        self._until = wanted if got else 0.0
        return got

    async def leave(self, now: float) -> None:
        """Let another have it at once.

        Raises:
            StoreError: It runs out by itself.
        """
        if self.is_mine(now):
            self._until = 0.0
            over = Record(self._name, self._me, now)  # is not there from `now` on
            await soon(self._records.put_record(EVERYWHERE, KIND, over, self._me, now))
