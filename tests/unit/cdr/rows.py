"""Rows of `Master.csv`, as Asterisk writes them."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

NOON: Final = 1_780_056_000
"""2026-05-29 12:00:00 UTC."""


def a_row(
    at: float = NOON,
    *,
    dst: str = "902079460123",
    channel: str = "PJSIP/101-0000002a",
    dstchannel: str = "PJSIP/my-trunk-0000002b",
    context: str = "phones",
    rings: int = 5,
    talked: int = 60,
    disposition: str = "",
    uniqueid: str | None = None,
    more: tuple[str, ...] = ("",),
) -> list[str]:
    """Return the cells of a row; times are UTC's."""

    def moment(seconds: float) -> str:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"

    answered = moment(at + rings) if talked else ""
    named = f"pbx-{int(at)}.42" if uniqueid is None else uniqueid
    return [
        *("", "101", dst, context, '"Phone 101" <101>', channel, dstchannel, "Dial"),
        *("PJSIP/+442079460123@my-trunk,60", moment(at), answered, moment(at + rings + talked)),
        *(str(rings + talked), str(talked)),
        *(disposition or ("ANSWERED" if talked else "NO ANSWER"), "DOCUMENTATION", named, *more),
    ]


def as_line(row: list[str]) -> str:
    """Return a row as `cdr_csv` writes it."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(row)
    return out.getvalue()


def write(file: Path, *rows: list[str]) -> Path:
    """Write a `Master.csv`, and return it."""
    file.write_text("".join(map(as_line, rows)))
    return file
