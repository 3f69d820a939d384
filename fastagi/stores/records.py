"""Small records of the web's: tokens, invitations, sessions, operators, what they did.

What is in a record is its owner's business; the store keeps texts, each under a kind and a key,
until a moment. Nothing secret is in them in the clear: a token's record is found by its digest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

EVERYWHERE: Final = "~"
"""The site of records that are of no site: operators, say. No policy can have that name."""


@dataclass(frozen=True, slots=True)
class Record:
    """A text that is kept until a moment; None: until it is removed."""

    key: str
    text: str = field(repr=False)
    until: float | None


class Records(Protocol):
    """Texts by site, kind and key. A record is there while `now < until`."""

    async def put_record(
        self, site: str, kind: str, record: Record, before: str | None, now: float
    ) -> bool:
        """Put a record in the place of the one whose text is `before`; None: where there is none.

        False, and nothing is done, where another text, or none, is there: so of two who change
        one at the same moment one is told.
        """
        ...

    async def record(self, site: str, kind: str, key: str, now: float) -> Record | None:
        """Return a record."""
        ...

    async def take_record(self, site: str, kind: str, key: str, now: float) -> Record | None:
        """Remove a record, and return it: of all who ask, to one."""
        ...

    async def records(
        self, site: str, kind: str, after: str, count: int, now: float
    ) -> Sequence[Record]:
        """Return up to `count` records of a kind, in the order of their keys, after a key.

        Fewer are all that there are. In several steps, as any listing (see `stores.store`).
        """
        ...

    async def record_kinds(self, site: str) -> Sequence[str]:
        """Name every kind of which a site may have records, in order."""
        ...
