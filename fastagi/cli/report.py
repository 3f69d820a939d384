"""`dialguard report`: which attacks there were, what was tried, and what held."""

from __future__ import annotations

import asyncio
import dataclasses
import re
import sys
import time
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from fastagi.alerts import sending
from fastagi.alerts.alert import Message
from fastagi.attacks import book, text
from fastagi.attacks.mail import mail as written_as_mail
from fastagi.attacks.page import page
from fastagi.attacks.tally import MINUTES, Tally
from fastagi.cli.output import Status, fail, give_up, say, show_json, warn
from fastagi.cli.output_files import refuse_overwriting, write_file
from fastagi.cli.service import JsonOption, SettingsOption, settings_of, with_store
from fastagi.daemon.alert_targets import targets_of
from fastagi.daemon.places import policy_place
from fastagi.daemon.reload import policy_files
from fastagi.decision_log.history import files_of, lines_between
from fastagi.decision_log.lookup import newest_first
from fastagi.errors import DialguardError
from fastagi.policy.loading import load
from fastagi.stores.records import EVERYWHERE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastagi.attacks.report import Report
    from fastagi.attacks.tally import Price
    from fastagi.policy.model import Policy
    from fastagi.settings import Settings
    from fastagi.stores.store import Store

KNOWN_DIGITS: Final = re.compile(r"\+[0-9]+", re.ASCII)
"""What is left of a number whose last digits are masked."""


def report(
    days: Annotated[
        int, typer.Option(min=1, max=3_650, metavar="N", help="how many days, until now")
    ] = 30,
    site: Annotated[str, typer.Option("--site", metavar="NAME", help="of this site only")] = "",
    html: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="write it as one page, that needs nothing else"),
    ] = None,
    mail: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ADDRESS",
            help="print it as a mail to this address, for `sendmail -t`; may be repeated",
        ),
    ] = None,
    alert: Annotated[
        bool,
        typer.Option("--alert", metavar="", help="send a summary to whom alerts are told"),
    ] = False,
    log: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="a record of decisions, with the rotated files beside it; may be repeated, for "
            "those of other gates; that of the settings, if left out",
        ),
    ] = None,
    minutes: Annotated[
        int,
        typer.Option(
            min=1, max=1_440, metavar="N", help="how long a refused call is taken to have lasted"
        ),
    ] = MINUTES,
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Report attacks: what was seen, from where, what was tried and would cost, what held.

    Calls that were let through from whom was attacked come first. Attacks come from the book that
    all gates share which share a store; calls from this gate's record of decisions, or from those
    that are named. Days are of UTC.
    """
    if as_json and mail:
        fail("`--json` and `--mail` both print; leave one of them out")
    for each in log or ():
        if not newest_first(each):  # what is not there would read as if nobody had called
            fail(f"there is no record of decisions `{each}`, nor a rotated one beside it")
    chosen, now = settings_of(settings), time.time()
    logs = log or [chosen.log.decisions]
    if html is not None:
        refuse_overwriting(html, [found for each in logs for found in newest_first(each)])
    made = _made(chosen, site, logs, now - days * 86_400, now, minutes)
    if html is not None:
        write_file(html, page(made, _style()).encode())
    if mail:
        _print_mail(made, mail, now)
    elif as_json:
        show_json(dataclasses.asdict(made))
    elif html is None:
        for line in text.lines(made):
            say(line.text, "bold" if line.heading else "")
    else:
        say(f"written to `{html}`", "green")
    if alert:
        raise typer.Exit(Status.DONE if _sent(chosen, made, site) else Status.FAILED)


def _made(
    settings: Settings, site: str, logs: Sequence[Path], since: float, now: float, minutes: int
) -> Report:
    policies = _policies(settings, site)
    sites = [site] if site else sorted(policies)
    tally = Tally(sites, since, now, settings.log.mask, minutes, _prices(policies))

    of = sites if site else [*sites, EVERYWHERE]

    async def read_book(store: Store) -> int:
        for each in of:
            async for entry in book.read(store, each, since, now):
                tally.note(entry)
        return len([each for each in await store.lockouts(None, now) if each.site in of])

    locked_out = with_store(settings, read_book)
    try:
        found = files_of(logs, since)
        for line in lines_between(found, since, now):
            tally.take(line)
    except OSError as error:
        fail(f"the record of decisions `{error.filename}` cannot be read: {error.strerror}")
    return tally.report(files=len(found), gates=len(logs), locked_out=locked_out)


def _policies(settings: Settings, site: str) -> Mapping[str, Policy]:
    """Load the policies, for the sites' names and prices; a site that is named needs none."""
    try:
        loaded = [load(file) for file in policy_files(policy_place(settings))]
    except DialguardError as error:
        if not site:
            give_up(error)
        warn("no policy can be loaded: prices are those on record only")
        return {}
    found = {each.site.name: each for each in loaded}
    if site and site not in found:
        warn(f"there is no site `{site}` in the policies; what is on record of it is reported")
    return found


def _prices(policies: Mapping[str, Policy]) -> Price:
    """Return what finds a price that is not on record: of calls that never came to a decision."""

    def price(site: str, number: str, at: float) -> tuple[int, str] | None:
        policy = policies.get(site)
        digits = KNOWN_DIGITS.match(number)
        if policy is None or policy.rates is None or digits is None:
            return None
        tariff = policy.rates.sheet.tariff(digits[0], at)
        return None if tariff is None else (tariff.per_minute, policy.rates.currency)

    return price


def _style() -> str:
    return (files("fastagi.console") / "static" / "console.css").read_text("utf-8")


def _print_mail(made: Report, to: Sequence[str], now: float) -> None:
    try:
        raw = written_as_mail(made, page(made, _style()), to, datetime.fromtimestamp(now, UTC))
    except ValueError as error:
        fail(str(error))
    sys.stdout.write(raw.decode("ascii"))


def _sent(settings: Settings, made: Report, site: str) -> bool:
    """Send a summary to every target that may know of it; whether all took it in.

    Who is told of some sites only gets the report of one of these, and never that of all.
    """
    try:
        targets = [each for each in targets_of(settings) if not each.sites or site in each.sites]
    except DialguardError as error:
        give_up(error)
    if not targets:
        fail("there is no `[[alert]]` to send it to; one with `sites` gets that of `--site` only")
    message = Message(f"dialguard: {text.title(made)}", text.summary(made))

    async def send_all() -> list[str]:
        return [await sending.send(each.url, message) for each in targets]

    outcomes = asyncio.run(send_all())
    for target, why in zip(targets, outcomes, strict=True):
        warn(f"{target.label}: {why or 'it was taken in'}", "bold red" if why else "green")
    return not any(outcomes)
