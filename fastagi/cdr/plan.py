"""What is to be read, and how: plain values that another process can be given."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fastagi.cdr.columns import Field


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file of rows; `.gz`, `.bz2` and `.xz` are unpacked as they are read.

    Attributes:
        columns: The `cdr_custom.conf` that says what its columns are; None where the file itself
            tells, or `chosen` does.
        chosen: What somebody says of columns: a name in the heading, or a number from 1.
        delimiter: Between cells; guessed where empty.
    """

    file: Path
    columns: Path | None = None
    chosen: Mapping[Field, str] = field(default_factory=dict)
    delimiter: str = ""


@dataclass(frozen=True, slots=True)
class Database:
    """A table of a database.

    Attributes:
        url: As SQLAlchemy takes it: `mysql+pymysql://asterisk:…@127.0.0.1/asteriskcdrdb`.
        table: Its name; with a schema before it where it is not the usual one.
        chosen: What somebody says of columns: their names.
    """

    url: str = field(repr=False)
    table: str = "cdr"
    chosen: Mapping[Field, str] = field(default_factory=dict)


Source: TypeAlias = CsvFile | Database


@dataclass(frozen=True, slots=True)
class Assumed:
    """What is said beside the records.

    Attributes:
        zone: The time zone of times that do not say theirs (`Europe/London`); where empty, this
            the site's, this machine's or UTC, whichever fits.
        local: The time zone of the site, where somebody says so: its Asterisk's, most likely.
        time_format: As `strptime` takes it; where empty, what Asterisk writes, ISO 8601 and
            epochs are understood.
        since: Calls that began earlier are left out; seconds since the epoch.
        until: Calls that began then or later are left out; likewise.
        trunks: Endpoints whose calls come from outside.
        inbound: How contexts begin in which calls come from outside, besides the usual names.
        address: Where phones' SIP came from, where the record does not tell.
        transport: How it came, likewise.
        node: Which Asterisk it was, likewise.
    """

    zone: str = ""
    local: str = ""
    time_format: str = ""
    since: float = -math.inf
    until: float = math.inf
    trunks: frozenset[str] = frozenset()
    inbound: frozenset[str] = frozenset()
    address: str = ""
    transport: str = ""
    node: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All of it.

    Attributes:
        folder: For what does not fit into memory; the system's own for such files, if None.
    """

    sources: tuple[Source, ...]
    assumed: Assumed = field(default_factory=Assumed)
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far reading is.

    Attributes:
        done: Bytes of files (packed ones as they lie there), and rows of databases, read by now.
        total: Of so many; 0 where nobody knows.
        rows: Rows read by now.
    """

    done: int
    total: int
    rows: int
