"""`dialguard records`: what records of calls hold, before anything is made of them."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import Annotated, Final

import typer

from fastagi.cdr.tally import printable
from fastagi.cli.output import Status, give_up, local_time, say, show_json, show_table, warn
from fastagi.cli.records import (
    AssumedAddressOption,
    AssumedTransportOption,
    ColumnOption,
    ColumnsOption,
    DatabaseOption,
    DelimiterOption,
    InboundOption,
    RecordsArgument,
    SinceOption,
    TableOption,
    TimeFormatOption,
    TimezoneOption,
    TrunksOption,
    UntilOption,
    chosen_records,
    reading_shown,
    tell_of_skipped,
)
from fastagi.cli.service import JsonOption
from fastagi.errors import RecordsError

COLUMNS: Final = ("began", "extension", "dialled", "rang", "talked", "trunk", "where")

CALLERS: Final = 8
"""So many of those who call most are named: a trunk among them has been taken for a phone."""


PHONES: Final = 20
"""Where fewer call, it says nothing that most called once."""


def records(
    files: RecordsArgument = None,
    database_url_file: DatabaseOption = None,
    table: TableOption = "cdr",
    columns: ColumnsOption = None,
    column: ColumnOption = None,
    delimiter: DelimiterOption = "",
    timezone: TimezoneOption = "",
    time_format: TimeFormatOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    trunk: TrunksOption = None,
    inbound_context: InboundOption = None,
    address: AssumedAddressOption = "",
    transport: AssumedTransportOption = None,
    show: Annotated[
        int, typer.Option("--show", min=0, metavar="N", help="show the first calls, so many")
    ] = 10,
    as_json: JsonOption = False,
) -> None:
    """Read records of calls, and tell what they hold and what was left out of them.

    Try it before anything is made of them: are these the calls that your phones made, at the
    hours when they made them? What was left out is told with an example of each kind. Times are
    shown as this machine's clock has them.
    """
    callers: Counter[str] = Counter()
    first, last = 0.0, 0.0
    with (
        reading_shown() as told,
        chosen_records(
            files,
            database_url_file=database_url_file,
            table=table,
            columns=columns,
            column=column,
            delimiter=delimiter,
            timezone=timezone,
            time_format=time_format,
            since=since,
            until=until,
            trunk=trunk,
            inbound_context=inbound_context,
            address=address,
            transport=transport,
            told=told,
        ) as found,
    ):
        try:
            calls = iter(found)
            shown = list(islice(calls, show))
            for call in shown:
                callers[call.extension] += 1
                first, last = first or call.at, call.at
            for call in calls:
                callers[call.extension] += 1
                first, last = first or call.at, call.at
        except RecordsError as error:
            give_up(error)
    if as_json:
        show_json(
            {
                "rows": found.rows,
                "calls": found.calls,
                "folded": found.folded,
                "skipped": found.skipped,
                "examples": found.examples,
                "trunks": found.trunks,
                "untimed": found.untimed,
                "notes": found.notes,
                "first": first or None,
                "last": last or None,
                "callers": dict(callers.most_common()),
                "shown": [call._asdict() for call in shown],
            }
        )
    else:
        show_table(
            COLUMNS,
            [
                (
                    *(local_time(call.at), printable(call.extension), printable(call.dialled)),
                    *(f"{call.rings_s:.0f}", str(call.talked_s), printable(call.trunk)),
                    printable(call.place),
                )
                for call in shown
            ],
        )
        if found.calls:
            say(
                f"{found.rows:,} rows are {found.calls:,} calls of {len(callers):,} phones, from "
                f"{local_time(first)} to {local_time(last)}"
            )
            most = callers.most_common(CALLERS)
            named = ", ".join(f"{printable(caller)} {count:,}" for caller, count in most)
            say(f"most of them by {named}{', …' * (len(callers) > CALLERS)}")
            if len(callers) >= PHONES and list(callers.values()).count(1) * 2 > len(callers):
                warn(
                    "most of these phones called once: is the column of `extension` that of whom "
                    "they called? Say `--column extension=…` and `--column dialled=…`"
                )
        tell_of_skipped(found)
    if not found.calls:
        warn("no call of a phone is in these records", "red")
        raise typer.Exit(Status.FAILED)
