"""What is reported, told to the other workers and to the gates that share the store.

Found numbers and addresses only: they are few. What is not reported each worker asks for itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.call.ports import soon
from fastagi.lookups.subject import Kind, Subject
from fastagi.stores.records import EVERYWHERE, Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.stores.records import Records

KIND: Final = "reported"

MOST: Final = 1_000
"""Subjects that are told; each worker reads all of them every few seconds."""


class Shared:
    """What is reported, as the store has it.

    Args:
        records: The store.
        clock: The wall clock, which gates have in common.
    """

    def __init__(self, records: Records, clock: Callable[[], float]) -> None:
        self._records = records
        self._clock = clock

    async def put(self, subject: Subject, lasts_s: float) -> None:
        """Tell the others that a subject is reported, for so many seconds.

        Raises:
            StoreError: It is unknown whether they are told.
        """
        now = self._clock()
        record = Record(_key(subject), "", now + lasts_s)
        await soon(self._records.put_record(EVERYWHERE, KIND, record, None, now))

    async def drop(self, subject: Subject) -> None:
        """Tell them that it is no longer.

        Raises:
            StoreError: It is unknown whether they are told.
        """
        now = self._clock()
        await soon(self._records.take_record(EVERYWHERE, KIND, _key(subject), now))

    async def all(self) -> dict[Subject, float]:
        """Return what others told, and for how many seconds yet.

        Raises:
            StoreError: It cannot be read.
        """
        now = self._clock()
        found = await soon(self._records.records(EVERYWHERE, KIND, "", MOST, now))
        return {_subject(each.key): each.until - now for each in found if each.until is not None}


def _key(subject: Subject) -> str:
    return f"{subject.kind} {subject.text}"


def _subject(key: str) -> Subject:
    kind, _, text = key.partition(" ")
    return Subject(Kind(kind), text)
