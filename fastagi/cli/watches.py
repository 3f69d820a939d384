"""`dialguard watch`: which extensions watches hold, until when and what they saw; the way out.

To list and to lift takes no policy that loads, where `--site` is given. What was lifted is in the
console's trail.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from fastagi.call import evidence
from fastagi.cli.output import fail, local_time, say, show_json, show_list, warn
from fastagi.cli.service import (
    JsonOption,
    SettingsOption,
    SiteOption,
    settings_of,
    site_of,
    who,
    with_store,
)
from fastagi.console.operators import audit
from fastagi.console.operators.audit import Deed, Entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.call.evidence import Held
    from fastagi.stores.store import Store

LISTED = ("extension", "watch", "since", "until", "minutes_left", "seen")

ExtensionArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="EXTENSION", help="whose calls are held: 101")
]


def commands() -> typer.Typer:
    """Return the group of commands; without a command it lists."""
    group = typer.Typer(help="Whom watches hold after an attack, and the way out of it.")
    group.callback(invoke_without_command=True, epilog="Example: dialguard watch")(
        _list_by_default
    )
    group.command("list", epilog="Example: dialguard watch list --json")(list_all)
    group.command(epilog="Example: dialguard watch lift 101")(lift)
    return group


def _list_by_default(
    context: typer.Context,
    site: SiteOption = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Whom watches hold after an attack, and the way out of it; without a command: list."""
    if context.invoked_subcommand is None:
        list_all(site, settings, as_json)


def list_all(
    site: SiteOption = "", settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """List the extensions of a site that watches saw an attack on, until when, and what they saw.

    What follows for their calls the policy says, by the watch of that name; nothing, where
    it has none any more, or under `shadow`.

    Columns: extension, watch, since, until, minutes_left, seen.
    """
    now = time.time()
    loaded = settings_of(settings)
    where = site_of(loaded, site)
    found = with_store(loaded, lambda store: evidence.every(store, where, now))
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
    show_list(LISTED, rows, none="no watch holds an extension")


def lift(
    extension: ExtensionArgument,
    watch: Annotated[
        str, typer.Option(metavar="NAME", help="only what this watch saw; all, if left out")
    ] = "",
    site: SiteOption = "",
    settings: SettingsOption = None,
) -> None:
    """Hold nothing against an extension any more. Change its password first: a thief may know it.

    A watch that sees an attack again holds it again.
    """
    now = time.time()
    loaded = settings_of(settings)
    where = site_of(loaded, site)

    async def work(store: Store) -> tuple[Sequence[Held], Sequence[Held]]:
        what = f"{extension}, {watch}" if watch else extension
        entry = await audit.note(store, Entry(now, who(), "", Deed.LIFTED_WATCH, where, what))
        lifted = await evidence.lift_all(store, where, extension, watch, now)
        await audit.finish(store, entry, "done" if lifted else "there was none", now)
        return lifted, await evidence.of_extension(store, where, extension, now)

    lifted, left = with_store(loaded, work)
    if not lifted:
        by = f"no watch `{watch}`" if watch else "no watch"
        fail(f"{by} holds `{extension}` of `{where}`, or no more")
    for each in lifted:
        say(f"watch {each.watch} holds {each.extension} no more; it saw {each.words}", "green")
    if left:
        warn(f"still held by {', '.join(each.watch for each in left)}", "yellow")


def _shown(held: Held, now: float) -> dict[str, object]:
    return {
        "site": held.site,
        "extension": held.extension,
        "watch": held.watch,
        "since": _utc(held.since),
        "until": _utc(held.until),
        "minutes_left": round((held.until - now) / 60),
        "seen": held.words,
    }


def _utc(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
