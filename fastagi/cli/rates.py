"""`dialguard rates …`: is a rate sheet valid, what is in it, and what does a call cost by it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from fastagi.cli.arguments import MomentOption, moment_of
from fastagi.cli.explain import OnePolicy, tariff_as_json
from fastagi.cli.output import fail, give_up, say, show_json, show_table, warn
from fastagi.cli.service import JsonOption
from fastagi.errors import PolicyError
from fastagi.policy.files import read_file
from fastagi.policy.loading import load
from fastagi.policy.pricing import in_words, price_in_words
from fastagi.policy.rates import BYTES_MAX
from fastagi.policy.values import read_currency
from fastagi.policy.wording import all_of, quoted
from fastagi.rating.reading import read_sheet
from fastagi.rating.tariff import amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.numbering.number import Number
    from fastagi.rating.rates import Rates
    from fastagi.rating.reading import Reading
    from fastagi.rating.sheet import Entry
    from fastagi.rating.tariff import Tariff

SHOWN: Final = 3  # of the cheapest and of the dearest prefixes

Currency = Annotated[
    str,
    typer.Option(
        metavar="CODE", help="what the prices have to be in: EUR; else whatever they are in"
    ),
]


def commands() -> typer.Typer:
    """Return the group of commands."""
    group = typer.Typer(no_args_is_help=True, help="What calls cost, by a carrier's sheet.")
    group.command(epilog="Example: dialguard rates check rates/wholesale.csv --currency GBP")(
        check
    )
    group.command(epilog="Example: dialguard rates price policies/office.toml +390612345678")(
        price
    )
    return group


# ------------------------------------------------------------------- check


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="the rate sheet, as CSV")],
    currency: Currency = "",
    as_json: JsonOption = False,
) -> None:
    """Look whether a rate sheet is valid, what is in it, and what in it is odd.

    Exit status 3 if a policy with it would be refused.
    """
    now = time.time()
    try:
        wanted = read_currency(currency) if currency else ""
    except ValueError as error:
        fail(str(error))
    try:
        reading = read_sheet(read_file(file, BYTES_MAX), file, wanted)
    except PolicyError as error:
        give_up(error)
    in_force = sorted(reading.sheet.in_force(now), key=_dearness)
    odd = list(_odd(reading, in_force, now))
    if as_json:
        show_json(_as_json(file, reading, in_force, odd))
        return
    for each in odd:
        warn(f"{file}: {each} (odd, but valid)")
    priced = [each for each in in_force if each.tariff is not None]
    say(f"{file}: valid", "green")
    say(f"  rows      {reading.rows:,}")
    say(f"  prefixes  {len(in_force):,} in force, {len(priced):,} of them with a price")
    say(f"  prices    {len(reading.sheet.prices()):,} different ones")
    say(f"  memory    {_size(reading)}, once for all workers")
    _show("cheapest", priced[:SHOWN])
    _show("dearest", priced[: -SHOWN - 1 : -1])


def _dearness(entry: Entry) -> int:
    return -1 if entry.tariff is None else entry.tariff.per_minute


def _size(reading: Reading) -> str:
    size = len(reading.sheet.buffer)
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


def _show(title: str, entries: list[Entry]) -> None:
    rows = [
        [title, f"+{each.prefix}", in_words(each.tariff, "")]
        for each in entries
        if each.tariff is not None
    ]
    if rows:
        show_table(["", "prefix", "price"], rows)


def _odd(reading: Reading, in_force: list[Entry], now: float) -> Iterator[str]:
    """Find what the carrier, or whoever saved the sheet, hardly meant."""
    if reading.unread:
        yield f"nothing is read from {_columns(reading.unread)}"
    if not reading.has_increments:
        yield "it has no increments; every minute that is begun counts as a whole one"
    if not reading.has_currency:
        yield "it does not say what currency it is in; the policy's `currency` is believed"
    if reading.passed_over:
        yield f"{reading.passed_over:,} rows with neither prefix nor price are passed over"
    if reading.repeated:
        yield f"{reading.repeated:,} prices stand there more than once"
    if free := sum(each.tariff is not None and not each.tariff.per_minute for each in in_force):
        yield f"{free:,} prefixes cost nothing"
    if blocked := sum(each.tariff is None for each in in_force):
        yield f"{blocked:,} prefixes are not served; calls there cost what `unknown` says"
    if ahead := reading.sheet.changes_after(now):
        first = datetime.fromtimestamp(min(ahead), UTC)
        when = f"{first:%Y-%m-%d %H:%M} UTC"
        yield f"{sum(ahead.values()):,} prices change later, the first on {when}"
    if not in_force:
        yield "no price of it is in force now"
    if same := reading.sheet.redundant():
        yield f"{same:,} prices are those of the next shorter prefix, and could be left out"


def _columns(names: tuple[str, ...]) -> str:
    return f"{'column' if len(names) == 1 else 'columns'} {all_of(names)}"


def _as_json(
    file: Path, reading: Reading, in_force: list[Entry], odd: list[str]
) -> dict[str, object]:
    priced = [each for each in in_force if each.tariff is not None]
    return {
        "file": file,
        "rows": reading.rows,
        "prefixes": len(in_force),
        "priced": len(priced),
        "prices": len(reading.sheet.prices()),
        "memory_bytes": len(reading.sheet.buffer),
        "cheapest": [_entry(each) for each in priced[:SHOWN]],
        "dearest": [_entry(each) for each in priced[: -SHOWN - 1 : -1]],
        "oddities": odd,
    }


def _entry(entry: Entry) -> dict[str, object]:
    return {"prefix": entry.prefix, **tariff_as_json(entry.tariff)}


# ------------------------------------------------------------------- price


def price(
    policy: OnePolicy,
    number: Annotated[
        str, typer.Argument(metavar="NUMBER", help="+390612345678, or the digits that are dialled")
    ],
    minutes: Annotated[
        int, typer.Option(min=1, max=10_000, metavar="N", help="how long the call is")
    ] = 5,
    at: MomentOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show what a call costs, and by which line of the sheet.

    Exit status 1 where nobody knows.
    """
    try:
        loaded = load(policy)
    except PolicyError as error:
        give_up(error)
    rates = loaded.rates
    if rates is None:
        fail(f"`{policy}` gives no prices; write a table `[rates]` (docs/rates.md)")
    read = loaded.plan.read(number)
    if not read.number:
        fail(f"{quoted(number)} means nothing: {read.why}")
    moment = moment_of(at, datetime.now(UTC).astimezone(loaded.site.timezone)).timestamp()
    tariff = rates.tariff(read, moment)
    found = rates.sheet.find(read.number, moment) if read.is_e164 else None
    if as_json:
        cost = None if tariff is None else amount(tariff.cost(60 * minutes))
        by = "none" if tariff is None else "unknown"
        show_json(
            {
                "number": read.number,
                "currency": rates.currency,
                "by": "sheet" if found is not None and found.tariff is not None else by,
                "prefix": None if found is None else found.prefix,
                **tariff_as_json(tariff),
                "minutes": minutes,
                "cost": cost,
            }
        )
    else:
        _show_price(rates, read, found, tariff, minutes)
    raise typer.Exit(tariff is None)


def _show_price(
    rates: Rates, number: Number, found: Entry | None, tariff: Tariff | None, minutes: int
) -> None:
    say(f"{number.number}: {price_in_words(rates, tariff)}")
    if found is not None and found.tariff is not None:
        since = datetime.fromtimestamp(found.since, UTC)
        dated = f", since {since:%Y-%m-%d %H:%M} UTC" if found.since else ""
        say(f"  by       prefix +{found.prefix} of {rates.file}{dated}")
    elif found is not None:
        say(f"  by       `unknown`: prefix +{found.prefix} is not served, says {rates.file}")
    elif number.is_e164:
        say(f"  by       `unknown`: {rates.file} does not list it")
    else:
        say("  by       no prefix: it is no number of E.164")
    if tariff is not None:
        say(f"  {minutes} min    {amount(tariff.cost(60 * minutes))} {rates.currency}")
