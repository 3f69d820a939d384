"""`dialguard token …`: what programs show to the API.

A token is printed once, and by itself on stdout, so that a pipe takes it where it belongs; it is
never an argument, which other users of the machine could read.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from fastagi import tokens
from fastagi.cli.output import fail, local_time, say, show_json, show_list, warn
from fastagi.cli.service import (
    JsonOption,
    SettingsOption,
    SiteOption,
    policy_of,
    settings_of,
    with_store,
)
from fastagi.numbering.pattern import Pattern
from fastagi.policy.values import read_duration
from fastagi.tokens import Scope

if TYPE_CHECKING:
    from fastagi.tokens import Token

LISTED = ("name", "scopes", "extensions", "since", "until", "used")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="what you call it: the CRM's")]


def commands() -> typer.Typer:
    """Return the group of commands."""
    group = typer.Typer(no_args_is_help=True, help="What programs show to the API.")
    group.command(epilog="Example: dialguard token add crm --scope sign-ins:write --for 90d")(add)
    group.command("list", epilog="Example: dialguard token list --json")(list_all)
    group.command(epilog="Example: dialguard token remove crm")(remove)
    return group


def add(
    name: NameArgument,
    scope: Annotated[
        list[Scope],
        typer.Option(
            "--scope",
            metavar="SCOPE",
            help="what it may do: `sign-ins:read`, `sign-ins:write`, `credentials:write`",
        ),
    ],
    extensions: Annotated[
        list[str] | None,
        typer.Option(
            "--extensions", metavar="PATTERN", help="for whom: 101, 1XX; else every extension"
        ),
    ] = None,
    lasting: Annotated[
        str, typer.Option("--for", metavar="DURATION", help="how long it lasts: 90d, 12h")
    ] = "90d",
    site: SiteOption = "",
    settings: SettingsOption = None,
) -> None:
    """Make a token for the API, and print it: it is kept nowhere, and cannot be shown again.

    `--scope` and `--extensions` may be given several times.
    """
    now = time.time()
    try:
        patterns = [Pattern.parse(each) for each in extensions or ()]
        until = now + read_duration(lasting)
    except ValueError as error:
        fail(str(error))
    loaded = settings_of(settings)
    where = policy_of(loaded, site).site.name
    try:
        made = with_store(
            loaded, lambda store: tokens.add(store, where, name, scope, patterns, until, now)
        )
    except ValueError as error:
        fail(str(error))
    say(made)
    warn(f"this is token `{name}`; keep it now, it is not shown again")


def list_all(
    site: SiteOption = "", settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """List a site's tokens that are not void.

    Columns: name, scopes, extensions, since, until, used.
    """
    now = time.time()
    loaded = settings_of(settings)
    where = policy_of(loaded, site).site.name
    found = with_store(loaded, lambda store: tokens.every(store, where, now))
    if as_json:
        show_json([_shown(each) for each in found])
        return
    show_list(LISTED, [_row(each) for each in found], none="there are no tokens")


def remove(name: NameArgument, site: SiteOption = "", settings: SettingsOption = None) -> None:
    """Remove a token: whoever shows it from now on is refused. What it signed in stays."""
    now = time.time()
    loaded = settings_of(settings)
    where = policy_of(loaded, site).site.name
    if not with_store(loaded, lambda store: tokens.remove(store, where, name, now)):
        fail(f"there is no token `{name}` at `{where}`")
    say(f"token `{name}` is void", "green")


def _row(token: Token) -> list[str]:
    return [
        token.name,
        " ".join(sorted(token.scopes)),
        " ".join(map(str, token.extensions)) or "all",
        local_time(token.since),
        "-" if token.until is None else local_time(token.until),
        "-" if token.used is None else local_time(token.used),
    ]


def _shown(token: Token) -> dict[str, object]:
    return {
        "name": token.name,
        "scopes": sorted(token.scopes),
        "extensions": [str(each) for each in token.extensions],
        "since": _moment(token.since),
        "until": _moment(token.until),
        "used": _moment(token.used),
    }


def _moment(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
