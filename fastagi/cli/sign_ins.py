"""`dialguard signins`: who is signed in, on which phone, for how long, and ending it.

To end one takes no policy that loads: a thief is to be shown out also while somebody edits it.
What becomes of its live calls is the watcher's to see to, or `dialguard calls end`'s.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from fastagi.cli.output import fail, local_time, say, show_json, show_list, warn
from fastagi.cli.service import JsonOption, SettingsOption, settings_of, with_store
from fastagi.stores.sign_ins import SignedOff

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from fastagi.stores.sign_ins import SignIn
    from fastagi.stores.store import Lease, Store

LISTED = (
    *("site", "extension", "person", "way", "since", "until", "minutes_left"),
    *("idle_minutes_left", "address", "node", "id"),
)
"""What the table shows of a sign-in; `--json` shows all."""

NEVER = "-"
"""What the table shows where a sign-in may be idle for as long as it lasts."""

SiteOption = Annotated[str, typer.Option("--site", metavar="NAME", help="of this site only")]


def commands() -> typer.Typer:
    """Return the group of commands; without a command it lists."""
    group = typer.Typer(help="Who is signed in on which phone, and ending it.")
    group.callback(invoke_without_command=True, epilog="Example: dialguard signins")(
        _list_by_default
    )
    group.command("list", epilog="Example: dialguard signins list --json")(list_all)
    group.command(epilog="Example: dialguard signins end 101")(end)
    return group


def _list_by_default(
    context: typer.Context,
    site: SiteOption = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Who is signed in on which phone, and ending it; without a command: list."""
    if context.invoked_subcommand is None:
        list_all(site, settings, as_json)


def list_all(
    site: SiteOption = "", settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """List the sign-ins that are live, oldest first.

    Columns: site, extension, person, way, since, until, minutes_left, idle_minutes_left, address,
    node, id.
    """
    now = time.time()

    async def work(store: Store) -> tuple[Sequence[SignIn], frozenset[tuple[str, str]]]:
        found = await store.sign_ins(site or None, now)
        bounded = any(each.idle_s for each in found)
        return found, _calling(await store.live(site or None, now) if bounded else ())

    found, calling = with_store(settings_of(settings), work)
    if as_json:
        show_json([_shown(each, calling, now) for each in found])
    else:
        rows = [_row(each, calling, now) for each in found]
        show_list(LISTED, rows, none="nobody is signed in")


def end(
    extension: Annotated[
        str, typer.Argument(metavar="EXTENSION", help="the phone's endpoint, as it is listed")
    ],
    id: Annotated[
        str, typer.Option("--id", metavar="ID", help="only this one, as it is listed")
    ] = "",
    site: SiteOption = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """End the sign-ins on a phone: its next call that needs one is refused.

    Its calls that are up go on, but where the policy says `calls = "end"`: there the service ends
    them. Exit status 1 if nobody is signed in on that phone.
    """
    now = time.time()

    async def work(store: Store) -> tuple[set[str], Sequence[SignIn], int]:
        live = [] if site else await store.sign_ins(None, now)
        sites = {each.site for each in live if _is_meant(each, extension, id)} or {site}
        if len(sites) > 1 or not any(sites):
            return sites, (), 0
        (only,) = sites
        ended = await store.end_sign_ins(only, extension, id or None, SignedOff.OPERATOR, now)
        ids = {each.id for each in ended}
        up = await store.live(only, now) if ids else ()
        return sites, ended, sum(each.sign_in in ids for each in up)

    sites, ended, calls = with_store(settings_of(settings), work)
    if len(sites) > 1:
        fail(f"`{extension}` is signed in at several sites; say --site: {_named(sites)}")
    if as_json:
        show_json([_shown(each, frozenset(), now) for each in ended])
    if not ended:
        fail(f"nobody is signed in on `{extension}`" + (f" as `{id}`" if id else ""))
    if not as_json:
        for each in ended:
            say(f"`{each.person}` is no longer signed in on `{extension}`", "green")
        if calls:
            how = f"`dialguard calls end --extension {extension}`"
            warn(f"calls that it let through are up: {calls}; {how} ends them")


def _is_meant(sign_in: SignIn, extension: str, id: str) -> bool:
    return sign_in.extension == extension and id in ("", sign_in.id)


def _named(sites: Collection[str]) -> str:
    return ", ".join(f"`{each}`" for each in sorted(sites))


# ----------------------------------------------------------------------------- what is shown


def _calling(leases: Sequence[Lease]) -> frozenset[tuple[str, str]]:
    """Return the sign-ins, by site and id, of which a call lives: those are not idle."""
    return frozenset((each.site, each.sign_in) for each in leases)


def _row(sign_in: SignIn, calling: Collection[tuple[str, str]], now: float) -> list[str]:
    shown = _shown(sign_in, calling, now)
    idle = shown["idle_minutes_left"]
    read = {
        **shown,
        "since": local_time(sign_in.since),
        "until": local_time(sign_in.until),
        "idle_minutes_left": NEVER if idle is None else idle,
    }
    return [str(read[column]) for column in LISTED]


def _shown(sign_in: SignIn, calling: Collection[tuple[str, str]], now: float) -> dict[str, object]:
    used = now if (sign_in.site, sign_in.id) in calling else sign_in.used
    idle_left_s = used + sign_in.idle_s - now if sign_in.idle_s else None
    origin = sign_in.origin
    return {
        "site": sign_in.site,
        "extension": sign_in.extension,
        "person": sign_in.person,
        "way": str(sign_in.way),
        "since": _utc(sign_in.since),
        "until": _utc(sign_in.until),
        "minutes_left": round((sign_in.until - now) / 60),
        "used": _utc(sign_in.used),
        "idle_minutes_left": None if idle_left_s is None else round(idle_left_s / 60),
        "address": origin.address,
        "transport": origin.transport,
        "agent": origin.agent,
        "contact": origin.contact,
        "node": sign_in.node,
        "id": sign_in.id,
    }


def _utc(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
