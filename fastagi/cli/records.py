"""The options by which commands find records of calls, and how they are opened and told of.

A command takes those of the types below that it wants, and hands them to `chosen_records`.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from fastagi.cdr.columns import Field
from fastagi.cdr.own_zone import own_zone
from fastagi.cdr.plan import Assumed, CsvFile, Database
from fastagi.cdr.reading import zone_named
from fastagi.cdr.records import open_records
from fastagi.cdr.tally import WORDS, Kind
from fastagi.cli.arguments import address_of
from fastagi.cli.output import fail, give_up, warn
from fastagi.errors import DialguardError
from fastagi.policy.model import Transport
from fastagi.policy.values import read_duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from fastagi.cdr.plan import Progress, Source
    from fastagi.cdr.records import Records

URL_VARIABLE: Final = "DIALGUARD_CDR_URL"

RecordsArgument: TypeAlias = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="CDR…",
        help="records of calls: `Master.csv`, any CSV, packed ones too, or the folder "
        f"`cdr-csv`; left out, the database of ${URL_VARIABLE}",
    ),
]

DatabaseOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--database-url-file",
        metavar="FILE",
        help="read the database whose URL this file holds, "
        "`mysql://USER:PASSWORD@HOST/asteriskcdrdb`; it is on no command line, where all can see",
    ),
]

TableOption: TypeAlias = Annotated[
    str, typer.Option("--table", metavar="NAME", help="which table of the database")
]

ColumnsOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--columns", metavar="FILE", help="the `cdr_custom.conf` that says what the columns are"
    ),
]

ColumnOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="FIELD=NAME",
        help="which column is what, by its name or its number from 1: `extension=src`; fields are "
        f"{', '.join(Field)}; may be repeated",
    ),
]

DelimiterOption: TypeAlias = Annotated[
    str, typer.Option("--delimiter", metavar="CHARACTER", help="between cells; guessed")
]

TimezoneOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--timezone",
        metavar="ZONE",
        help="of times on record: `Europe/London`; else this machine's or UTC, whichever fits",
    ),
]

TimeFormatOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--time-format",
        metavar="FORMAT",
        help="of times on record, as for strptime: `%d/%m/%Y %H:%M:%S`",
    ),
]

SinceOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--since", metavar="TIME", help="leave out what began before: `2026-09-01`, `90d` ago"
    ),
]

UntilOption: TypeAlias = Annotated[
    str,
    typer.Option("--until", metavar="TIME", help="leave out what began then or later"),
]

TrunksOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--trunk",
        metavar="NAME",
        help="an endpoint whose calls come from outside; may be repeated",
    ),
]

InboundOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--inbound-context",
        metavar="NAME",
        help="how contexts begin in which calls come from outside, besides `from-trunk` and its "
        "kind; may be repeated",
    ),
]

AssumedAddressOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--address",
        metavar="ADDRESS",
        help="where the SIP of all phones came from, as records do not tell",
    ),
]

AssumedTransportOption: TypeAlias = Annotated[
    Transport | None, typer.Option("--transport", help="how the SIP of all phones came, likewise")
]


def chosen_records(
    files: Sequence[Path] | None,
    *,
    database_url_file: Path | None = None,
    table: str = "cdr",
    columns: Path | None = None,
    column: Sequence[str] | None = None,
    delimiter: str = "",
    timezone: str = "",
    site_zone: str = "",
    time_format: str = "",
    since: str = "",
    until: str = "",
    trunk: Sequence[str] | None = None,
    inbound_context: Sequence[str] | None = None,
    address: str = "",
    transport: Transport | None = None,
    told: Callable[[Progress], None] | None = None,
) -> Records:
    """Open the records that the options above name; ends the command where that cannot be.

    `timezone` is that of times on record, `site_zone` that of the site, where it is known: of
    `since` and `until`, too.

    Iterating may raise `RecordsError`, for which `give_up` has the words.
    """
    zone = _zone(site_zone or timezone)
    chosen = dict(_column(each) for each in column or ())
    sources: list[Source] = [
        CsvFile(file, columns, chosen, _delimiter(delimiter)) for file in files_of(files)
    ]
    if (url := _url(database_url_file, wanted=not sources)) is not None:
        sources.append(Database(url, table, chosen))
    assumed = Assumed(
        zone=timezone,
        local=site_zone,
        time_format=time_format,
        trunks=frozenset(trunk or ()),
        inbound=frozenset(inbound_context or ()),
        address=str(address_of(address) or ""),
        transport="" if transport is None else transport.value,
        since=_moment(since, zone) if since else Assumed().since,
        until=_moment(until, zone) if until else Assumed().until,
    )
    try:
        return open_records(sources, assumed, told=told)
    except DialguardError as error:
        give_up(error)


@contextlib.contextmanager
def reading_shown() -> Iterator[Callable[[Progress], None]]:
    """Show on stderr, in a terminal only, how far reading is; give what is to be told."""
    console = Console(stderr=True)
    rate = TextColumn("{task.fields[rows]:,} rows")
    with Bar(
        TextColumn("reading"),
        BarColumn(),
        rate,
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        task = bar.add_task("", total=None, rows=0)

        def told(progress: Progress) -> None:
            bar.update(
                task, completed=progress.done, total=progress.total or None, rows=progress.rows
            )

        yield told


def tell_of_skipped(records: Records) -> None:
    """Say on stderr what was left out of the records and why, with an example of each kind."""
    for kind, count in sorted(records.skipped.items(), key=lambda each: -each[1]):
        shown = records.examples.get(kind, ())
        example = f", as {shown[0]}" if shown and kind != Kind.ELSEWHEN else ""
        style = "yellow" if kind in {Kind.BROKEN, Kind.FORWARD} else ""
        warn(f"left out: {count:,} row{'s' * (count != 1)} {WORDS[Kind(kind)]}{example}", style)
    if records.trunks:
        named = ", ".join(f"`{each}`" for each in records.trunks)
        warn(f"taken for trunks, as calls came in and went out by them: {named}", "")
    for note in records.notes:
        warn(note)


def files_of(named: Sequence[Path] | None) -> Iterator[Path]:
    """Give out the files of records; a folder stands for its `Master.csv` and the rotated ones."""
    for each in named or ():
        if each.is_dir():
            found = sorted(each.glob("Master.csv*"))
            if not found:
                fail(f"there is no `Master.csv` in `{each}`; name the files themselves")
            yield from found
        else:
            yield each


def _url(file: Path | None, *, wanted: bool) -> str | None:
    if file is None:
        url = os.environ.get(URL_VARIABLE, "") if wanted else ""
        return url or None
    try:
        url = file.read_text("utf-8").strip()
        if file.stat().st_mode & stat.S_IROTH:
            warn(
                f"`{file}` holds a password, and everybody on this machine can read it: chmod 600"
            )
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        fail(f"`{file}` cannot be read: {why}")
    if not url:
        fail(f"`{file}` is empty; write the URL of a database into it")
    return url


def _column(text: str) -> tuple[Field, str]:
    field, equals, name = text.partition("=")
    try:
        found = Field(field.strip())
    except ValueError:
        fail(f"`--column {text}`: there is no field `{field}`; fields are {', '.join(Field)}")
    if not equals or not name.strip():
        fail(f"`--column {text}`: write which column it is: `--column {field}=NAME`")
    return found, name.strip()


def _delimiter(text: str) -> str:
    found = {"tab": "\t", "\\t": "\t"}.get(text, text)
    if len(found) > 1 or found == '"' or found == "\n":
        fail(f"`--delimiter {text}`: one character stands between cells; write `;`, or `tab`")
    return found


def _zone(name: str) -> tzinfo:
    try:
        return zone_named(name) if name else own_zone()
    except DialguardError as error:
        give_up(error)


def _moment(text: str, zone: tzinfo) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        with contextlib.suppress(ValueError):
            return time.time() - read_duration(text)
        fail(f"`{text}` is no time; write `2026-09-01`, `2026-09-01 08:00`, or `90d` for days ago")
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()
