"""`dialguard alert`: whether those who are to be woken can be."""

from __future__ import annotations

import asyncio
import secrets
import socket
import time
from typing import TYPE_CHECKING, Annotated

import typer

from fastagi.alerts import sending
from fastagi.alerts.alert import Alert, Untold, message, own
from fastagi.alerts.kind import Kind
from fastagi.cli.output import Status, fail, give_up, say, show_json, show_list
from fastagi.cli.service import JsonOption, SettingsOption, settings_of
from fastagi.daemon.alert_targets import targets_of
from fastagi.errors import DialguardError

if TYPE_CHECKING:
    from fastagi.alerts.target import Target
    from fastagi.settings import Settings

LISTED = ("target", "kinds", "again_s", "per_hour")


def commands() -> typer.Typer:
    """Return the group of commands."""
    group = typer.Typer(
        help="Who is woken by what, and whether they can be.", no_args_is_help=True
    )
    group.command("list", epilog="Example: dialguard alert list")(list_all)
    group.command("test", epilog="Example: dialguard alert test on-call")(try_all)
    return group


def list_all(settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """List who is told of what; URLs are secrets, and not shown.

    Columns: target, kinds, again_s, per_hour.
    """
    targets = _targets(settings_of(settings), "")
    if as_json:
        show_json(
            [
                {
                    "target": each.label,
                    "kinds": _kinds(each),
                    "again_s": round(each.again_s),
                    "per_hour": round(each.per_hour),
                }
                for each in targets
            ]
        )
        return
    rows = [
        [each.label, ", ".join(_kinds(each)), f"{each.again_s:.0f}", f"{each.per_hour:.0f}"]
        for each in targets
    ]
    show_list(LISTED, rows, none="nobody is told: there is no `[[alert]]`")


def _kinds(target: Target) -> list[str]:
    return [str(each) for each in Kind if each in target.kinds]


def try_all(
    alert: Annotated[
        str, typer.Argument(metavar="[ALERT]", help="the name of one; all where left out")
    ] = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send a test alert to each target, and say what came of it.

    It is sent by this command, and not by the service. Exit status 1 if anybody was not reached.
    """
    targets = _targets(settings_of(settings), alert)
    if not targets:
        fail(f"there is no `[[alert]]` of name `{alert}`" if alert else "there is no `[[alert]]`")
    outcomes = asyncio.run(_tried(targets))
    if as_json:
        show_json(
            [
                {"target": each.label, "told": not why, "why": why}
                for each, why in zip(targets, outcomes, strict=True)
            ]
        )
    else:
        for each, why in zip(targets, outcomes, strict=True):
            say(f"{each.label}: {why or 'it was taken in'}", "bold red" if why else "green")
    raise typer.Exit(Status.FAILED if any(outcomes) else Status.DONE)


async def _tried(targets: list[Target]) -> list[str]:
    now, gate = time.time(), own(socket.gethostname())
    alert = Alert(
        kind=Kind.TEST,
        subject="test",
        id=secrets.token_hex(16),
        at=now,
        what=f"Somebody tries on {gate} whether alerts arrive",
        do="nothing: this one did",
        facts=(("Gate", gate),),
    )
    test = message([Untold(alert, 1, now)])
    at_once = asyncio.Semaphore(4)

    async def tried(target: Target) -> str:
        async with at_once:
            return await sending.send(target.url, test)

    return await asyncio.gather(*map(tried, targets))


def _targets(settings: Settings, alert: str) -> list[Target]:
    try:
        found = targets_of(settings)
    except DialguardError as error:
        give_up(error)
    return [each for each in found if alert in {"", each.alert}]
