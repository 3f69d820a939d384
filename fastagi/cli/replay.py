"""`dialguard replay`: what a policy would have done to the calls of the past."""

from __future__ import annotations

import contextlib
import dataclasses
import gc
import io
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from fastagi.cli.output import fail, give_up, say, show_json, warn
from fastagi.cli.output_files import opened_file, refuse_overwriting, write_file
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
    files_of,
    tell_of_skipped,
)
from fastagi.cli.service import JsonOption
from fastagi.errors import DialguardError
from fastagi.policy.loading import load
from fastagi.rehearsal.rehearsal import Rehearsal
from fastagi.replay import text
from fastagi.replay.judged import Codes
from fastagi.replay.judging import Judging
from fastagi.replay.lines import Lines
from fastagi.replay.page import page
from fastagi.replay.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from fastagi.cdr.past_call import PastCall
    from fastagi.cdr.plan import Progress
    from fastagi.policy.model import Policy
    from fastagi.rehearsal.wanted import Settlement
    from fastagi.replay.judged import Judged
    from fastagi.replay.report import Report

COLLECTED_EVERY: Final = 50_000

EVERY: Final = 1_000
"""Calls after which a bar moves on."""


def replay(
    policy: Annotated[Path, typer.Argument(metavar="POLICY", help="the policy to try")],
    records: RecordsArgument = None,
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="POLICY", help="another policy, such as that in force: where the two differ"
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="write it as one page, that needs nothing else"),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="write every call that would have differed as a line of CSV"
        ),
    ] = None,
    codes: Annotated[
        Codes,
        typer.Option(
            help="who keys the right PIN or code when asked: all whose calls do not look like "
            "fraud, everybody, or nobody"
        ),
    ] = Codes.HONEST,
    mask: Annotated[
        int,
        typer.Option(
            min=0, metavar="N", help="how many last digits of outside numbers are not shown"
        ),
    ] = 0,
    slice_s: Annotated[
        int,
        typer.Option(
            "--slice",
            min=0,
            metavar="SECONDS",
            help="for how long budgets are reserved at a time: `slice_s` of `[ami]` in the "
            "settings, or 0 where there is no `[ami]`",
        ),
    ] = 300,
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
    as_json: JsonOption = False,
) -> None:
    """Show what a policy would have done to the calls of the past, before it takes force.

    What it would have refused, asked a code for, or cut short, and whose calls those were; which
    of them look legitimate and which like fraud; an attack that is in the records, when it would
    have been stopped, by what, and after how much money. Nothing is changed anywhere.

    Exit status 1 if there is no call in the records, 3 if a policy is invalid.
    """
    chosen, other = _loaded(policy), None if against is None else _loaded(against)
    for each in (html, csv):
        if each is not None and not each.absolute().parent.is_dir():
            fail(f"`{each}` cannot be written: there is no folder `{each.absolute().parent}`")
    inputs = [*files_of(records), columns, database_url_file, policy, *chosen.files_beside]
    inputs += [] if other is None else [against, *other.files_beside]
    refuse_overwriting(html, inputs)
    refuse_overwriting(csv, [*inputs, html])
    tally = Tally(chosen, other, mask)
    with contextlib.ExitStack() as written:
        written.enter_context(_collected_rarely())
        told = _telling(written, tally, csv)
        rehearse = partial(_rehearse, slice_s)
        judging = Judging(chosen, rehearse, told, against=other, codes=codes)
        with (
            _shown() as (reading, replaying),
            chosen_records(
                records,
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
                told=reading,
            ) as opened,
        ):
            try:
                for call in replaying(opened):
                    judging.take(call)
            except DialguardError as error:
                give_up(error)
            judging.finish()
        tell_of_skipped(opened)
        if not opened.calls:
            fail("there is no call of a phone in the records; see above what was left out and why")
    report = tally.report(
        codes=codes,
        hours=judging.hours,
        attacks=judging.attacks,
        retries=judging.retries,
        skipped=opened.skipped,
        untimed=opened.untimed,
    )
    _show(report, html=html, csv=csv, as_json=as_json)


def _loaded(file: Path) -> Policy:
    try:
        return load(file)
    except DialguardError as error:
        give_up(error)


@contextlib.contextmanager
def _collected_rarely() -> Iterator[None]:
    """Let Python look for garbage in cycles every so many objects only: a call leaves none.

    It makes a few dozen objects, all gone by themselves; to look through them takes an eighth of
    the time.
    """
    before = gc.get_threshold()
    gc.set_threshold(COLLECTED_EVERY, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _rehearse(slice_s: int, policy: Policy, settled: Callable[[Settlement], None]) -> Rehearsal:
    return Rehearsal(policy, slice_s=slice_s, settled=settled)


def _telling(
    written: contextlib.ExitStack, tally: Tally, csv: Path | None
) -> Callable[[Judged], None]:
    """Return what each judged call is told to: sums, and lines of CSV where they are wanted."""
    if csv is None:
        return tally.add
    raw = written.enter_context(opened_file(csv))
    # utf-8-sig: Excel takes what has no mark for the system's own code page
    file = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
    written.callback(file.detach)
    lines = Lines(file, tally.writer)

    def told(judged: Judged) -> None:
        tally.add(judged)
        lines.add(judged)

    return told


def _show(report: Report, *, html: Path | None, csv: Path | None, as_json: bool) -> None:
    if html is not None:
        style = (files("fastagi.console") / "static" / "console.css").read_text("utf-8")
        write_file(html, page(report, style).encode())
    if as_json:
        show_json(dataclasses.asdict(report))
        return
    for line, style in text.lines(report):
        say(line, style)
    for each in (html, csv):
        if each is not None:
            warn(f"written to `{each}`", "green")


# ----------------------------------------------------------------------------- how far it is


@contextlib.contextmanager
def _shown() -> Iterator[
    tuple[Callable[[Progress], None], Callable[[Iterable[PastCall]], Iterator[PastCall]]]
]:
    """Show on stderr, in a terminal only, how far reading and replaying are.

    Gives what is to be told of reading, and what calls are to be taken through.
    """
    console = Console(stderr=True)
    with Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} {task.fields[unit]}"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bar:
        reading = bar.add_task("reading", total=None, unit="bytes", rate="")
        replaying = bar.add_task("replaying", total=None, unit="calls", rate="", visible=False)

        def read(progress: Progress) -> None:
            total = progress.total or None
            rows = f"{progress.rows:,} rows"
            bar.update(reading, completed=progress.done, total=total, rate=rows)
            bar.update(replaying, total=progress.rows)

        def taken(calls: Iterable[PastCall]) -> Iterator[PastCall]:
            for count, call in enumerate(calls):
                if count % EVERY == 0:
                    speed = bar.tasks[replaying].speed
                    rate = f"{speed:,.0f} a second" if speed else ""
                    bar.update(replaying, completed=count, rate=rate, visible=True)
                yield call

        yield read, taken
