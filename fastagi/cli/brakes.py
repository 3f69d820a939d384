"""`dialguard brake`: what is braked, since when and why; the way out of it, and into it by hand.

To list and to lift takes no policy that loads, where `--site` is given. What was put on by hand
and lifted is in the console's trail.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from fastagi.call import brakes
from fastagi.cli.output import fail, local_time, say, show_json, show_list, warn
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
from fastagi.policy.model import Stage
from fastagi.policy.values import read_duration

if TYPE_CHECKING:
    from fastagi.call.brakes import Brake
    from fastagi.stores.store import Store

LISTED = ("stage", "name", "since", "until", "minutes_left", "cause", "reference", "by", "why")

StageArgument: TypeAlias = Annotated[
    Stage, typer.Argument(metavar="STAGE", help="extension, class or site")
]
NameArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="NAME", help="which: 101 or staff; a site is braked as a whole")
]


def commands() -> typer.Typer:
    """Return the group of commands; without a command it lists."""
    group = typer.Typer(help="What is braked, and the way out of it.")
    group.callback(invoke_without_command=True, epilog="Example: dialguard brake")(
        _list_by_default
    )
    group.command("list", epilog="Example: dialguard brake list --json")(list_all)
    group.command("on", epilog="Example: dialguard brake on class staff --for 12h")(put_on)
    group.command(epilog="Example: dialguard brake lift extension 101")(lift)
    return group


def _list_by_default(
    context: typer.Context,
    site: SiteOption = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """What is braked, and the way out of it; without a command: list."""
    if context.invoked_subcommand is None:
        list_all(site, settings, as_json)


def list_all(
    site: SiteOption = "", settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """List what of a site is braked: the site, classes, extensions; and what put the brake on.

    Columns: stage, name, since, until, minutes_left, cause, reference, by, why.
    """
    now = time.time()
    loaded = settings_of(settings)
    where = site_of(loaded, site)
    found = with_store(loaded, lambda store: brakes.every(store, where, now))
    if as_json:
        show_json([_shown(each, now) for each in found])
        return
    rows = []
    for each in found:
        read = _shown(each, now) | {
            "since": local_time(each.since),
            "until": local_time(each.until),
        }
        rows.append([str(read[column]) for column in LISTED])
    show_list(LISTED, rows, none="nothing is braked")


def put_on(
    stage: StageArgument,
    name: NameArgument = "",
    lasting: Annotated[
        str, typer.Option("--for", metavar="DURATION", help="how long: 30m, 12h; at most 30d")
    ] = "1h",
    why: Annotated[str, typer.Option(metavar="TEXT", help="why, for whoever asks later")] = "",
    site: SiteOption = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Put the brake on by hand: calls that it touches are held as `[brake]` of the policy says.

    Emergency and inside calls pass.
    """
    now = time.time()
    loaded = settings_of(settings)
    policy = policy_of(loaded, site)
    where = policy.site.name
    try:
        for_s = read_duration(lasting)
        brakes.check(policy, stage, name, for_s, why)
    except ValueError as error:
        fail(str(error))

    async def work(store: Store) -> Brake:
        what = f"{brakes.in_words(stage, name)}, for {for_s} s"
        entry = await audit.note(store, Entry(now, who(), "", Deed.PUT_BRAKE_ON, where, what))
        put = await brakes.by_hand(store, policy, stage, name, for_s, entry.operator, why, now)
        await audit.finish(store, entry, "done", now)
        return put

    given = with_store(loaded, work)
    if as_json:
        show_json(_shown(given, now))
        return
    say(f"the brake is on for {given.words} until {local_time(given.until)}", "green")


def lift(
    stage: StageArgument,
    name: NameArgument = "",
    site: SiteOption = "",
    settings: SettingsOption = None,
) -> None:
    """Lift a brake. Ask the person first: what put it on may be a thief.

    Those of a class and of the site are lifted by themselves; what is left is said.
    """
    now = time.time()
    loaded = settings_of(settings)
    where = site_of(loaded, site)

    async def work(store: Store) -> tuple[Brake | None, list[Brake]]:
        what = brakes.in_words(stage, name)
        entry = await audit.note(store, Entry(now, who(), "", Deed.LIFTED_BRAKE, where, what))
        lifted = await brakes.lift(store, where, stage, name, now)
        await audit.finish(store, entry, "there was none" if lifted is None else "done", now)
        return lifted, await brakes.every(store, where, now)

    lifted, left = with_store(loaded, work)
    if lifted is None:
        fail(f"no brake is on for {brakes.in_words(stage, name)} of `{where}`, or no more")
    say(f"the brake is lifted for {lifted.words}", "green")
    if left:
        warn(f"it is still on for {', '.join(each.words for each in left)}", "yellow")


def _shown(brake: Brake, now: float) -> dict[str, object]:
    return {
        "site": brake.site,
        "stage": str(brake.stage),
        "name": brake.name,
        "since": _utc(brake.since),
        "until": _utc(brake.until),
        "minutes_left": round((brake.until - now) / 60),
        "cause": brake.cause,
        "call": brake.call,
        "reference": brake.reference,
        "by": brake.by,
        "why": brake.why,
    }


def _utc(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
