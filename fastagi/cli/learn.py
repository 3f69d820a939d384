"""`dialguard learn`: a first policy and its cases, from calls that were made."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeVar
from zoneinfo import ZoneInfo

import typer

from fastagi.cdr.own_zone import own_zone
from fastagi.cli.output import fail, give_up, say, warn
from fastagi.cli.output_files import refuse_overwriting, write_file
from fastagi.cli.records import (
    ColumnOption,
    ColumnsOption,
    DatabaseOption,
    DelimiterOption,
    InboundOption,
    RecordsArgument,
    SinceOption,
    TableOption,
    TimeFormatOption,
    TrunksOption,
    UntilOption,
    chosen_records,
    files_of,
    reading_shown,
    tell_of_skipped,
)
from fastagi.errors import DialguardError
from fastagi.learning.learn import Wish
from fastagi.learning.learn import learn as learnt_from
from fastagi.learning.proposal import Prices
from fastagi.learning.site import country_of
from fastagi.learning.writing import suspicion_text
from fastagi.policy.files import cases_path
from fastagi.policy.values import (
    LOCALTIME,
    read_country,
    read_currency,
    read_outside_prefix,
    read_timezone,
)
from fastagi.policy.wording import printable

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.learning.learn import Learnt

STDOUT: Final = Path("policy.toml")
"""The file that a policy is taken for which is printed."""

SAY_ZONE: Final = "say in which time zone the site is: `--timezone Europe/London`"

REFUSED_SHARE: Final = 0.01
"""Where more honest calls are refused, the policy is not to be used as it is."""

Value = TypeVar("Value")

ZoneOption = Annotated[
    str,
    typer.Option(
        "--timezone",
        metavar="ZONE",
        help="of the site: `Europe/London`; left out, that of $TZ",
    ),
]
RecordsZoneOption = Annotated[
    str,
    typer.Option(
        "--records-timezone",
        metavar="ZONE",
        help="of times on record: `UTC`; else the site's, this machine's or UTC, whichever fits",
    ),
]
CountryOption = Annotated[
    str, typer.Option(metavar="COUNTRY", help="of the site: `GB`; else that of the time zone")
]
PrefixOption = Annotated[
    str | None,
    typer.Option(metavar="DIGITS", help="what is dialled for a line; found, if left out"),
]
SiteOption = Annotated[
    str, typer.Option(metavar="NAME", help="of the site; that of the file, if left out")
]
OutputOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="write policy and cases; printed, if left out"),
]
ForceOption = Annotated[bool, typer.Option("--force", help="also over files that are there")]
RatesOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="the carrier's rate sheet, to limit money")
]
CurrencyOption = Annotated[str, typer.Option(metavar="CURRENCY", help="of the rate sheet: `GBP`")]


def learn(
    files: RecordsArgument = None,
    output: OutputOption = None,
    site: SiteOption = "",
    timezone: ZoneOption = "",
    records_timezone: RecordsZoneOption = "",
    country: CountryOption = "",
    outside_prefix: PrefixOption = None,
    rates: RatesOption = None,
    currency: CurrencyOption = "",
    force: ForceOption = False,
    database_url_file: DatabaseOption = None,
    table: TableOption = "cdr",
    columns: ColumnsOption = None,
    column: ColumnOption = None,
    delimiter: DelimiterOption = "",
    time_format: TimeFormatOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    trunk: TrunksOption = None,
    inbound_context: InboundOption = None,
) -> None:
    """Propose a first policy and its cases, from calls that were made.

    Each rule and each limit says why, with figures. What looks like an attack is told of, and not
    learnt from. Then the same calls are made again by the policy: it says how many of the honest
    ones it would refuse. Numbers that people called are in neither file.
    """
    zone = _zone(timezone)
    wish = Wish(
        name=_site_name(site, output),
        timezone=zone,
        country=_read(read_country, country) if country else _country_of(zone),
        source=output or STDOUT,
        outside_prefix=(
            None if outside_prefix is None else _read(read_outside_prefix, outside_prefix)
        ),
        prices=_prices(rates, currency, output or STDOUT),
    )
    if output is not None:
        for each in (output, cases_path(output)):
            inputs = [*files_of(files), columns, database_url_file, rates]
            refuse_overwriting(each, inputs, is_toml=True)
        if not force:
            _refuse_to_replace(output)
    with reading_shown() as told:
        records = chosen_records(
            files,
            database_url_file=database_url_file,
            table=table,
            columns=columns,
            column=column,
            delimiter=delimiter,
            timezone=records_timezone,
            site_zone=zone.key,
            time_format=time_format,
            since=since,
            until=until,
            trunk=trunk,
            inbound_context=inbound_context,
            told=told,
        )
        try:
            learnt = learnt_from(records, wish)
        except DialguardError as error:
            give_up(error)
    tell_of_skipped(records)
    _tell(learnt)
    if output is None:
        typer.echo(learnt.policy, nl=False)
        return
    for path, text in ((output, learnt.policy), (cases_path(output), learnt.cases)):
        write_file(path, text.encode())
        say(f"{path}: written", "green")


def _tell(learnt: Learnt) -> None:
    """Say on stderr what was found, as stdout may be the policy."""
    for name in learnt.unnamed:
        warn(f"left out: the calls of `{printable(name)}`, which no class can name")
    for each in learnt.suspects.found:
        warn(f"looks like an attack, and is not learnt from: {suspicion_text(each)}")
    for odd in learnt.doubts:
        warn(f"look twice: {odd}", "red")
    trial = learnt.trial
    refused = sum(trial.refused.values())
    by = ", ".join(f"{count:,} by `{name}`" for name, count in trial.refused.most_common(5))
    warn(
        f"made again by this policy: of {trial.honest:,} honest calls {refused:,} "
        f"({trial.share_refused:.2%}) would be refused{f', {by}' if by else ''}; at "
        f"{trial.asked:,} a code would be asked for",
        "red" if trial.share_refused > REFUSED_SHARE else "",
    )
    if trial.attack:
        warn(
            f"of {trial.attack:,} that look like an attack {trial.stopped:,} would be refused; "
            f"of {trial.attack_s // 60:,} minutes {trial.let_through_s // 60:,} would be talked",
            "",
        )


def _zone(name: str) -> ZoneInfo:
    """Return the site's time zone; a server's UTC is hardly the site's, where nobody says so."""
    if name == LOCALTIME:
        fail(f"`{name}` is another time zone on another machine; {SAY_ZONE}")
    if name:
        return _read(read_timezone, name)
    own = own_zone()
    if not isinstance(own, ZoneInfo) or country_of(own) is None:
        fail(SAY_ZONE)
    return own


def _country_of(zone: ZoneInfo) -> str:
    country = country_of(zone)
    if country is None:
        fail(f"`{zone.key}` is of no one country; say which the site is in: `--country GB`")
    return _read(read_country, country)


def _read(reader: Callable[[str], Value], text: str) -> Value:
    try:
        return reader(text)
    except ValueError as error:
        fail(str(error))


def _site_name(given: str, output: Path | None) -> str:
    """Return what the site is called, in letters that a policy takes."""
    named = (given or (output or STDOUT).stem).lower()
    return re.sub(r"[^a-z0-9-]+", "-", named).strip("-")[:64] or "site"


def _prices(rates: Path | None, currency: str, policy: Path) -> Prices | None:
    if rates is None:
        return None
    if not currency:
        fail("say what the rate sheet's prices are in: `--currency GBP`")
    file = os.path.relpath(rates.absolute(), policy.absolute().parent)
    return Prices(file, _read(read_currency, currency))


def _refuse_to_replace(output: Path) -> None:
    for path in (output, cases_path(output)):
        if path.exists():
            fail(f"`{path}` is there already; name another file, or say `--force`")
