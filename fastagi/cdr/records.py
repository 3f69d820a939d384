"""Opens records of calls, in this process or beside it, and gives out calls in order of time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from fastagi.cdr.beside import CALLS, END, PROGRESS, Beside
from fastagi.cdr.csv_files import size_of
from fastagi.cdr.past_call import PastCall
from fastagi.cdr.plan import Assumed, CsvFile, Plan, Progress
from fastagi.cdr.reading import calls_of, zone_named
from fastagi.cdr.tally import Tally
from fastagi.errors import RecordsError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
    from types import TracebackType

    from fastagi.cdr.plan import Source

LARGE: Final = 8_000_000
"""Bytes: what is less is read in this process sooner than another one starts."""


class Records:
    """Calls of the past: give them out once, in order of time; then ask what was left out.

    A context manager: leaving it ends reading, wherever it is.

    Attributes:
        progress: How far reading is.
    """

    def __init__(self, plan: Plan, beside: bool, told: Callable[[Progress], None]) -> None:
        self.progress = Progress(0, 0, 0)
        self._plan = plan
        self._told = told
        self._tally = Tally()
        self._beside = Beside(plan) if beside else None
        self._calls = self._from_beside(self._beside) if self._beside else self._from_here()

    def __iter__(self) -> Iterator[PastCall]:
        """Give out calls in the order in which they began.

        Raises:
            RecordsError: A source cannot be read; the message says which, and what to do.
        """
        return self._calls

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End reading, and forget what was sorted."""
        self._calls.close()
        if self._beside is not None:
            self._beside.close()

    @property
    def rows(self) -> int:
        """Rows that were read."""
        return self._tally.rows

    @property
    def calls(self) -> int:
        """Calls that were given out, or are about to be."""
        return self._tally.calls

    @property
    def folded(self) -> int:
        """Rows that were another part of a call: its next trunk, a fork, the same once more."""
        return self._tally.folded

    @property
    def skipped(self) -> Mapping[str, int]:
        """Rows that were no calls of phones, by `fastagi.cdr.tally.Kind`; whole at the end."""
        return {str(kind): count for kind, count in self._tally.skipped.items() if count}

    @property
    def examples(self) -> Mapping[str, tuple[str, ...]]:
        """A few of each kind: `Master.csv:17: what stands there`, fit for a terminal."""
        return {str(kind): tuple(shown) for kind, shown in self._tally.examples.items()}

    @property
    def notes(self) -> tuple[str, ...]:
        """What else is to be said to a person: a time zone that does not fit."""
        return tuple(self._tally.notes)

    @property
    def untimed(self) -> tuple[str, ...]:
        """Sources of which no column says how long was talked; a note says so, too."""
        return tuple(self._tally.untimed)

    @property
    def trunks(self) -> tuple[str, ...]:
        """Endpoints that calls came from outside by; none of their calls is given out."""
        return tuple(sorted(self._tally.trunks))

    def _tell(self, progress: Progress) -> None:
        self.progress = progress
        self._told(progress)

    def _from_here(self) -> Generator[PastCall, None, None]:
        for call in calls_of(self._plan, self._tally, self._tell):
            yield PastCall._make(call)

    def _from_beside(self, beside: Beside) -> Generator[PastCall, None, None]:
        try:
            for kind, content in beside.frames():
                if kind == CALLS:
                    yield from map(PastCall._make, content)
                elif kind == PROGRESS:
                    self._tell(Progress(*content))
                elif kind == END:
                    self._tally.take(content)
                else:
                    raise RecordsError(content)
        finally:
            beside.close()


def open_records(
    sources: Sequence[Source | Path],
    assumed: Assumed | None = None,
    *,
    told: Callable[[Progress], None] | None = None,
    folder: Path | None = None,
    beside: bool | None = None,
) -> Records:
    """Open records of calls.

    Args:
        sources: `CsvFile`s, `Database`s, and paths, which are files that tell themselves what
            they are.
        assumed: What is said beside the records: time zone, which time, which trunks.
        told: Is told how far reading is, in the process and thread that asks for calls.
        folder: Where what does not fit into memory is sorted; the system's own, if None.
        beside: Whether to read in a process of its own; what is large, and databases, if None.

    Raises:
        RecordsError: There is no such time zone, or no source.
    """
    if not sources:
        raise RecordsError("no records: name files, or a database")
    found = tuple(CsvFile(each) if isinstance(each, Path) else each for each in sources)
    assumed = assumed or Assumed()
    for name in filter(None, (assumed.zone, assumed.local)):
        zone_named(name)
    if beside is None:
        sizes = [size_of(each.file) for each in found if isinstance(each, CsvFile)]
        beside = len(sizes) < len(found) or sum(sizes) > LARGE
    return Records(Plan(found, assumed, folder), beside, told or _nobody)


def _nobody(_: Progress) -> None:
    """Tell nobody."""
