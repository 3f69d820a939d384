"""From sources to calls in order: rows are read, understood, sorted and put together."""

from __future__ import annotations

from datetime import UTC
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastagi.cdr.clock import Clock, formats_of, words, zone_by
from fastagi.cdr.columns import Field
from fastagi.cdr.csv_files import OpenedFile, size_of
from fastagi.cdr.database import opened_table
from fastagi.cdr.folding import folded
from fastagi.cdr.meaning import Reader, first_seconds
from fastagi.cdr.own_zone import own_zone
from fastagi.cdr.plan import CsvFile, Database, Progress
from fastagi.cdr.sorting import in_order
from fastagi.cdr.tally import Kind, printable
from fastagi.errors import RecordsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import tzinfo

    from fastagi.cdr.columns import Layout
    from fastagi.cdr.csv_files import Rows
    from fastagi.cdr.plan import Assumed, Plan
    from fastagi.cdr.tally import Tally

OFTEN: Final = 20_000
"""Rows after which it is told how far reading is."""


class Opened(Protocol):
    """A source that is read once."""

    def rows(self) -> Rows:
        """Decide what its columns are, and return its rows."""
        ...

    @property
    def done(self) -> int:
        """How much of it is read: bytes of a file, rows of a table."""
        ...

    def close(self) -> None:
        """Close it."""
        ...


def calls_of(
    plan: Plan, tally: Tally, tell: Callable[[Progress], None]
) -> Iterator[tuple[Any, ...]]:
    """Give out calls in the order in which they began, as plain tuples of `PastCall`.

    Args:
        plan: What is read.
        tally: Counts.
        tell: Is told how far reading is.

    Raises:
        RecordsError: A source cannot be read; the message says which, and what to do.
    """
    names = [name_of(source) for source in plan.sources]
    attempts = in_order(_attempts(plan, names, tally, tell), plan.folder)
    return folded(_from_inside(attempts, names, tally), tally, names)


def _from_inside(
    attempts: Iterable[tuple[Any, ...]], names: Sequence[str], tally: Tally
) -> Iterator[tuple[Any, ...]]:
    """Leave out what trunks did before it was known that they are trunks."""
    trunks: frozenset[str] | None = None
    for attempt in attempts:
        if trunks is None:  # the first comes when all are read
            trunks = tally.trunks
        if attempt[3] in trunks:
            where = f"{names[attempt[1]]}:{attempt[2]}"
            tally.skip(Kind.INBOUND, where, f"{attempt[3]} to {attempt[4]}")
        else:
            yield attempt


def name_of(source: CsvFile | Database) -> str:
    """Return what a source is called in messages; never its URL."""
    return printable(source.file.name if isinstance(source, CsvFile) else source.table)


def zone_named(name: str) -> tzinfo:
    """Return a time zone by its name.

    Raises:
        RecordsError: There is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise RecordsError(
            f"there is no time zone `{name}`; write `Europe/London`, or `UTC`"
        ) from None


def _attempts(
    plan: Plan, names: Sequence[str], tally: Tally, tell: Callable[[Progress], None]
) -> Iterator[tuple[Any, ...]]:
    total = sum(size_of(each.file) for each in plan.sources if isinstance(each, CsvFile))
    before = 0
    for number, source in enumerate(plan.sources):
        opened: Opened = (
            OpenedFile(source)
            if isinstance(source, CsvFile)
            else opened_table(source, plan.assumed)
        )
        at_first = _Before(tally)
        try:
            layout, sample, rest = opened.rows()
            reader = _reader(plan.assumed, layout, sample, tally, number, names[number])
            for place, row in chain(sample, rest):
                tally.rows += 1
                if row is None:
                    where = f"{names[number]}:{place}"
                    tally.skip(Kind.BROKEN, where, "the line is cut off, or too long")
                elif (attempt := reader.read(row, place)) is not None:
                    yield attempt
                if not tally.rows % OFTEN:
                    at_first.complain_if_most_are_broken(reader)
                    tell(Progress(before + opened.done, total, tally.rows))
            at_first.complain_if_most_are_broken(reader)
            before += opened.done
        finally:
            opened.close()
    tell(Progress(before, total, tally.rows))


class _Before:
    """How it was before a source was read, to tell what of it is broken."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._rows = tally.rows
        self._broken = tally.skipped[Kind.BROKEN]

    def complain_if_most_are_broken(self, reader: Reader) -> None:
        """Give up where more than half of the rows cannot be read.

        Raises:
            RecordsError: So it is; the message shows one of them, and says what to do.
        """
        rows = self._tally.rows - self._rows
        broken = self._tally.skipped[Kind.BROKEN] - self._broken
        if broken * 2 > rows:
            shown = self._tally.examples[Kind.BROKEN][-1]
            formats = " or ".join(
                f"`--time-format '{each}'`" for each in formats_of(reader.unread)
            )
            raise RecordsError(
                f"{broken} of {rows} rows cannot be read: {shown}. "
                f"{f'{formats} would read that time. Else say' if formats else 'Say'} what the "
                "columns are (`--columns`, `--column`), how times are written "
                "(`--time-format`), or leave the file out"
            )


def _reader(
    assumed: Assumed,
    layout: Layout,
    sample: Sequence[tuple[int, list[str] | None]],
    tally: Tally,
    number: int,
    name: str,
) -> Reader:
    times = first_seconds([row for _, row in sample if row is not None], layout)
    if Field.TALKED not in layout.places:
        tally.untimed.append(name)
        tally.note(
            f"{name}: no column says how long was talked: money and minutes are not known; say "
            "`--column talked=NAME`, if there is one"
        )
    return Reader(layout, _clock(assumed, times, tally, name), assumed, tally, number, name)


def _clock(assumed: Assumed, times: Sequence[tuple[str, float]], tally: Tally, name: str) -> Clock:
    """Return what reads the times, by the zone that is said, or else fits; note what does not."""
    option, time_format = (
        "--records-timezone" if assumed.local else "--timezone",
        assumed.time_format,
    )
    perhaps = [own_zone(), UTC]
    if assumed.local:
        perhaps.insert(0, zone_named(assumed.local))
    zone, off = zone_by(times, perhaps, time_format)
    if assumed.zone:
        said = zone_named(assumed.zone)
        _, said_off = zone_by(times, [said], time_format)
        if said_off:
            what = f"is `{option}` right?" if off else f"leave `{option}` out, and they fit"
            tally.note(f"{name}: {_off(said_off)}, in `{assumed.zone}`: {what}")
        return Clock(said, time_format)
    if off:
        site_s = f"`{assumed.local}`, in " if assumed.local else ""
        tally.note(
            f"{name}: {_off(off)}, in {site_s}this machine's time zone and in UTC: say `{option}`"
        )
    return Clock(zone, time_format, perhaps=UTC)


def _off(off_s: float) -> str:
    return f"calls began {words(off_s)} off what their `uniqueid` says"
