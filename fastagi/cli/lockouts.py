"""`dialguard lockouts`: who is locked out, until when, and the way out of it."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from fastagi.cli.output import fail, local_time, say, show_json, show_list
from fastagi.cli.service import (
    JsonOption,
    SettingsOption,
    SiteOption,
    policy_of,
    settings_of,
    with_store,
)
from fastagi.stores.records import EVERYWHERE
from fastagi.stores.store import SubjectKind

if TYPE_CHECKING:
    from fastagi.stores.store import Lockout


LISTED = ("site", "kind", "name", "since", "until", "minutes_left", "in_a_row")


def commands() -> typer.Typer:
    """Return the group of commands; without a command it lists."""
    group = typer.Typer(help="Who is locked out, and the way out of it.")
    group.callback(invoke_without_command=True, epilog="Example: dialguard lockouts")(
        _list_by_default
    )
    group.command("list", epilog="Example: dialguard lockouts list --json")(list_all)
    group.command(epilog="Example: dialguard lockouts clear extension 101")(clear)
    return group


def _list_by_default(
    context: typer.Context, settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """Who is locked out, and the way out of it; without a command: list."""
    if context.invoked_subcommand is None:
        list_all(settings, as_json)


def list_all(settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """List the lockouts in force, of every site.

    Columns: site, kind, name, since, until, minutes_left, in_a_row.
    """
    now = time.time()
    found = with_store(settings_of(settings), lambda store: store.lockouts(None, now))
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
    show_list(LISTED, rows, none="nobody is locked out")


def clear(
    kind: Annotated[
        SubjectKind, typer.Argument(metavar="KIND", help="extension, address or operator")
    ],
    name: Annotated[str, typer.Argument(metavar="NAME", help="which: 101, 192.0.2.7 or anna")],
    site: SiteOption = "",
    settings: SettingsOption = None,
) -> None:
    """End a lockout and forget the failures behind it. Ask the person first.

    An operator is of no site; nor is an address that guessed at the console: `--site '~'`.
    """
    loaded = settings_of(settings)
    of_none = kind is SubjectKind.OPERATOR or site == EVERYWHERE
    where = EVERYWHERE if of_none else policy_of(loaded, site).site.name
    now = time.time()
    if not with_store(loaded, lambda store: store.clear(where, kind, name, now)):
        fail(f"nothing is held against {kind} `{name}` at `{where}`")
    say(f"{kind} `{name}` may try again", "green")


def _shown(lockout: Lockout, now: float) -> dict[str, object]:
    until = datetime.fromtimestamp(lockout.until, UTC)
    return {
        "site": lockout.site,
        "kind": str(lockout.kind),
        "name": lockout.name,
        "since": datetime.fromtimestamp(lockout.since, UTC).isoformat(timespec="seconds"),
        "until": until.isoformat(timespec="seconds"),
        "minutes_left": round((lockout.until - now) / 60),
        "in_a_row": lockout.row,
    }
