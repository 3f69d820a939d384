"""What a report costs: a month of a million decisions, of which few are of an attack.

Beside it, in the same run, what it takes to read the same lines and do nothing with them; and the
same month in which every call was refused, so that each line has to be read whole.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from fastagi.attacks import book
from fastagi.attacks.tally import Tally
from fastagi.decision_log.history import lines_between
from fastagi.stores.opening import open_store
from tests.doubles import attacked_month

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.attacks.book import Entry

A_DAY: Final = 44_000
"""Honest calls on a working day: a million in the month."""


async def entries() -> list[Entry]:
    """Return the book of the month."""
    store = open_store("sqlite://:memory:")
    try:
        await attacked_month.write_book(store)
        return await book.every(store, attacked_month.SITE, 0, attacked_month.NOW)
    finally:
        await store.close()


def reported(file: Path, found: list[Entry]) -> None:
    """Make the report."""
    tally = Tally([attacked_month.SITE], attacked_month.BEGIN, attacked_month.NOW, mask=4)
    for entry in found:
        tally.note(entry)
    for line in lines_between([file], attacked_month.BEGIN, attacked_month.NOW):
        tally.take(line)
    tally.report()


def only_read(file: Path) -> None:
    """Read the lines and do nothing."""
    for _ in lines_between([file], attacked_month.BEGIN, attacked_month.NOW):
        pass


def seconds(work: Callable[[], None]) -> float:
    """Return the CPU seconds that something takes: others are busy, too."""
    began = time.process_time()
    work()
    return time.process_time() - began


def main() -> None:
    """Print the table."""
    found = asyncio.run(entries())
    table = Table("a million decisions", "CPU seconds", "beside reading them")
    with tempfile.TemporaryDirectory() as folder:
        month, refused = Path(folder) / "month", Path(folder) / "refused"
        count = attacked_month.write_log(month, A_DAY)
        with month.open("rb") as lines, refused.open("wb") as all_refused:
            for line in lines:
                all_refused.write(line.replace(b'"verdict":"allow"', b'"verdict":"deny"'))
        for name, file in (("the month", month), ("all refused", refused)):
            reading = seconds(lambda file=file: only_read(file))
            making = seconds(lambda file=file: reported(file, found))
            table.add_row(f"{name}, {count} lines", f"{making:.1f}", f"{making / reading:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
