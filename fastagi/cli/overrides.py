"""`dialguard override`: letting an extension's calls through that rules would not, some times.

To list and to end takes no policy that loads, where `--site` is given: what was given in haste is
to be taken back also while somebody edits it.
What was given and ended is in the console's trail.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

import typer

from fastagi.call import overrides
from fastagi.cli.output import fail, local_time, say, show_json, show_list
from fastagi.cli.service import (
    JsonOption,
    SettingsOption,
    SiteOption,
    policy_of,
    settings_of,
    site_of,
    who,
    with_store,
)
from fastagi.console.operators import audit
from fastagi.console.operators.audit import Deed, Entry
from fastagi.policy.decision import class_of, is_known
from fastagi.policy.values import read_duration

if TYPE_CHECKING:
    from fastagi.call.overrides import Override
    from fastagi.stores.store import Store

LISTED = ("extension", "to", "uses", "since", "until", "minutes_left", "by", "why", "id")

ANY: Final = "any"
"""What the table shows where an override is for any number."""


def commands() -> typer.Typer:
    """Return the group of commands; without a command it lists."""
    group = typer.Typer(help="Letting calls through that rules would not, some times.")
    group.callback(invoke_without_command=True, epilog="Example: dialguard override")(
        _list_by_default
    )
    group.command(epilog="Example: dialguard override give 101 --to +39 --uses 2 --for 1h")(give)
    group.command("list", epilog="Example: dialguard override list --json")(list_all)
    group.command(epilog="Example: dialguard override end 101/7f3a9c01")(end)
    return group


def _list_by_default(
    context: typer.Context,
    site: SiteOption = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Letting calls through that rules would not, some times; without a command: list."""
    if context.invoked_subcommand is None:
        list_all(site, settings, as_json)


def give(
    extension: Annotated[
        str, typer.Argument(metavar="EXTENSION", help="whose calls: the endpoint that calls")
    ],
    to: Annotated[
        str,
        typer.Option(
            metavar="+NUMBER", help="only to this number, or those that begin so; else to any"
        ),
    ] = "",
    uses: Annotated[
        int, typer.Option(metavar="N", help=f"how many calls, at most {overrides.MOST_USES}")
    ] = 1,
    lasting: Annotated[
        str, typer.Option("--for", metavar="DURATION", help="how long: 30m, 12h; at most 7d")
    ] = "1h",
    why: Annotated[str, typer.Option(metavar="TEXT", help="why, for whoever asks later")] = "",
    site: SiteOption = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let an extension's next calls through, whatever rules demand of them, without a prompt.

    Lockouts and limits hold, and transferred calls do not profit. Calls that pass by themselves
    use none.
    """
    now = time.time()
    loaded = settings_of(settings)
    policy = policy_of(loaded, site)
    where = policy.site.name
    if not is_known(policy, extension, class_of(policy, extension)):
        fail(f"`{extension}` is in no class of `{where}`, and no inside number: none would count")
    try:
        for_s = read_duration(lasting)
        overrides.check(extension, to, uses, for_s, why)
    except ValueError as error:
        fail(str(error))

    async def work(store: Store) -> Override:
        by = who()
        what = f"{extension} to {to or 'any number'}, {uses} at most, for {for_s} s"
        entry = await audit.note(store, Entry(now, by, "", Deed.GAVE_OVERRIDE, where, what))
        given = await overrides.give(store, where, extension, to, uses, for_s, by, why, now)
        await audit.finish(store, entry, given.id, now)
        return given

    given = with_store(loaded, work)
    if as_json:
        show_json(_shown(given, now))
        return
    calls = "1 call" if given.uses == 1 else f"{given.uses} calls"
    whither = f"numbers that begin with {given.to}" if given.to else "any number"
    say(
        f"`{extension}` may make {calls} to {whither} until {local_time(given.until)}: "
        f"override `{given.id}`",
        "green",
    )


def list_all(
    site: SiteOption = "", settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """List a site's overrides that are left, by extension.

    Columns: extension, to, uses, since, until, minutes_left, by, why, id.
    """
    now = time.time()
    loaded = settings_of(settings)
    where = site_of(loaded, site)
    found = with_store(loaded, lambda store: overrides.every(store, where, now))
    if as_json:
        show_json([_shown(each, now) for each in found])
        return
    rows = []
    for each in found:
        read = _shown(each, now) | {
            "to": each.to or ANY,
            "since": local_time(each.since),
            "until": local_time(each.until),
        }
        rows.append([str(read[column]) for column in LISTED])
    show_list(LISTED, rows, none="there are no overrides")


def end(
    id: Annotated[str, typer.Argument(metavar="ID", help="which, as it is listed: 101/7f3a9c01")],
    site: SiteOption = "",
    settings: SettingsOption = None,
) -> None:
    """End an override: it lets nobody through from now on. Calls that are up go on."""
    now = time.time()
    loaded = settings_of(settings)
    where = site_of(loaded, site)

    async def work(store: Store) -> Override | None:
        entry = await audit.note(store, Entry(now, who(), "", Deed.ENDED_OVERRIDE, where, id))
        ended = await overrides.end(store, where, id, now)
        outcome = "there was none" if ended is None else f"done; {ended.uses} left"
        await audit.finish(store, entry, outcome, now)
        return ended

    ended = with_store(loaded, work)
    if ended is None:
        fail(f"there is no override `{id}` at `{where}`, or no more")
    say(f"override `{id}` is over; uses that were left: {ended.uses}", "green")


def _shown(override: Override, now: float) -> dict[str, object]:
    return {
        "site": override.site,
        "extension": override.extension,
        "to": override.to,
        "uses": override.uses,
        "since": _utc(override.since),
        "until": _utc(override.until),
        "minutes_left": round((override.until - now) / 60),
        "by": override.by,
        "why": override.why,
        "id": override.id,
    }


def _utc(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
