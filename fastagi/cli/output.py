"""How every command speaks: tables in a terminal, tab-separated lines in a pipe, JSON when asked.

Results go to stdout, complaints to stderr.
"""

from __future__ import annotations

import difflib
import json
import re
import sys
from datetime import UTC, datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Final, NoReturn

import typer
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from fastagi.errors import DialguardError, ProblemsError
from fastagi.policy.wording import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


WIDEST: Final = 10_000
"""Columns of a terminal that no table needs."""


_SECRET_IN_URL: Final = re.compile(r"(?<=://)[^\s/\"']*(?=@)|(?<=\?)[^\s?\"']+(?=[\"'])")
"""Who one is, and what is asked: `redis://:password@host`, `https://host/?key=…`."""


class Status(IntEnum):
    """Exit statuses; scripts hang on them."""

    DONE = 0
    """Done, or allowed."""
    FAILED = 1
    DENIED = 2
    """Denied; of an audit, a way past the gate, or a door that stands open."""
    INVALID = 3
    """The policy or the settings are invalid."""


def say(text: str, style: str = "") -> None:
    """Print a line; the style shows in a terminal only."""
    Console(highlight=False, soft_wrap=True).print(Text(text, style))


def warn(text: str, style: str = "yellow") -> None:
    """Print a line to stderr."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(text, style))


def local_time(at: float) -> str:
    """Return a moment (seconds since the epoch) as the clock on this machine's wall shows it."""
    return datetime.fromtimestamp(at, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def show_json(value: object) -> None:
    """Print a value as JSON, for programs."""
    sys.stdout.write(json_text(value))


def json_text(value: object) -> str:
    """Return a value as JSON, a key a line."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n"


def show_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    title: str = "",
    styles: Mapping[str, str] | None = None,
    none: str = "",
) -> None:
    """Print rows: a table in a terminal, tab-separated lines without a heading in a pipe.

    Args:
        columns: The heading.
        rows: The cells of each row.
        title: Above the heading.
        styles: How to style a cell that holds exactly this text.
        none: Said in a terminal where there are no rows; a pipe gets nothing.
    """
    console = Console(highlight=False)
    if not console.is_terminal:
        for row in rows:
            sys.stdout.write("\t".join(row) + "\n")
    elif none and not rows:
        console.print(none)
    else:
        console.print(_table(columns, rows, title, styles or {}))


def show_list(columns: Sequence[str], rows: Sequence[Sequence[str]], *, none: str) -> None:
    """Print rows of what has to be typed next: a table where it fits whole, else cards.

    A table that is too wide would cut off names, numbers and channels.
    """
    console = Console()
    table = _table(columns, rows, "", {})
    width = Measurement.get(console, console.options.update(max_width=WIDEST), table).maximum
    if console.is_terminal and rows and width > console.width:
        show_cards(columns, rows)
    else:
        show_table(columns, rows, none=none)


def show_cards(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows that are too wide for a table: in a terminal one value a line, whole."""
    if not Console().is_terminal:
        show_table(columns, rows)
        return
    widest = max(map(len, columns))
    for place, row in enumerate(rows):
        if place:
            say("")
        for name, value in zip(columns, row, strict=True):
            say(f"{name:<{widest}}  {value}")


def _table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], title: str, styles: Mapping[str, str]
) -> Table:
    table = Table(*columns, title=title or None, title_justify="left", show_header=any(columns))
    for row in rows:
        table.add_row(*(Text(cell, styles.get(cell, "")) for cell in row))
    return table


def show_difference(file: Path, before: str, after: str) -> None:
    """Print what would change in a file, as a unified diff.

    What a terminal would act on is escaped, but for tabs. What may be secret in a URL is left
    out.
    """
    old, new = (
        _SECRET_IN_URL.sub("…", each).removesuffix("\n").split("\n") for each in (before, after)
    )
    for line in difflib.unified_diff(old, new, str(file), str(file), lineterm=""):
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
        say("\t".join(printable(each) for each in line.split("\t")), style)


def give_up(error: DialguardError) -> NoReturn:
    """Say what is wrong, and end: status 3 for files an operator wrote, else 1."""
    if isinstance(error, ProblemsError):
        for problem in error.problems:
            warn(str(problem), "red")
        raise typer.Exit(Status.INVALID)
    cause = f": {error.__cause__}" if error.__cause__ is not None else ""
    warn(f"error: {error}{cause}", "red")
    raise typer.Exit(Status.FAILED)


def fail(what: str) -> NoReturn:
    """Say what cannot be done and what to do instead, and end with status 1."""
    warn(f"error: {what}", "red")
    raise typer.Exit(Status.FAILED)
