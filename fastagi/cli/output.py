"""How every command speaks: tables in a terminal, tab-separated lines in a pipe, JSON when asked.

Results go to stdout, complaints to stderr.
"""

from __future__ import annotations

import json
import sys
from enum import IntEnum
from typing import TYPE_CHECKING, NoReturn

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fastagi.errors import DialguardError, ProblemsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Status(IntEnum):
    """Exit statuses; scripts hang on them."""

    DONE = 0
    """Done, or allowed."""
    FAILED = 1
    DENIED = 2
    INVALID = 3
    """The policy or the settings are invalid."""


def say(text: str, style: str = "") -> None:
    """Print a line; the style shows in a terminal only."""
    Console(highlight=False, soft_wrap=True).print(Text(text, style))


def warn(text: str, style: str = "yellow") -> None:
    """Print a line to stderr."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(Text(text, style))


def show_json(value: object) -> None:
    """Print a value as JSON, for programs."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


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
        return
    if none and not rows:
        console.print(none)
        return
    table = Table(*columns, title=title or None, title_justify="left", show_header=any(columns))
    for row in rows:
        table.add_row(*(Text(cell, (styles or {}).get(cell, "")) for cell in row))
    console.print(table)


def show_cards(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows that are too wide for a table: in a terminal one below the other."""
    if not Console().is_terminal:
        show_table(columns, rows)
        return
    for row in rows:
        show_table(["", ""], list(zip(columns, row, strict=True)))


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
