"""`dialguard doctor`: is everything there that the service needs, and wired right."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from fastagi.cli import (
    asterisk_checkup,
    ban_checkup,
    checkup,
    guard_checkup,
    lookout_checkup,
    manager_checkup,
    password_checkup,
    provider_checkup,
    web_checkup,
)
from fastagi.cli.checkup import Finding, Mark
from fastagi.cli.output import Status, say, show_json
from fastagi.cli.service import JsonOption, SettingsOption, settings_of
from fastagi.daemon.places import means_of, policy_place
from fastagi.daemon.reload import load_policies
from fastagi.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.settings import Settings

STYLES: Final = {Mark.OK: "green", Mark.WARN: "yellow", Mark.FAIL: "bold red"}


def doctor(
    settings: SettingsOption = None,
    asterisk: Annotated[
        Path, typer.Option(help="the folder of Asterisk's configuration", metavar="FOLDER")
    ] = Path("/etc/asterisk"),
    as_json: JsonOption = False,
) -> None:
    """Look whether everything is there and wired right; say what to do where it is not.

    It changes nothing. As root it sees both the service's files and Asterisk's. Exit status 1 if
    anything fails, 3 if the settings cannot be read at all.
    """
    findings = list(_examine(settings_of(settings), asterisk))
    if as_json:
        show_json([{"mark": each.mark, "what": each.what, "cure": each.cure} for each in findings])
    else:
        for each in findings:
            say(f"{each.mark:<5} {each.what}", STYLES[each.mark])
            if each.cure:
                say(f"      {each.cure}")
    failed = any(each.mark is Mark.FAIL for each in findings)
    raise typer.Exit(Status.FAILED if failed else Status.DONE)


def _examine(settings: Settings, etc: Path) -> Iterator[Finding]:
    yield from checkup.settings_fit(settings)
    yield from checkup.policy_holds(settings)
    yield from checkup.keys_are_private(settings)
    yield from checkup.store_is_writable(settings)
    yield from guard_checkup.store_is_guarded(settings)
    yield from checkup.decisions_are_writable(settings)
    yield from checkup.service_answers(settings)
    yield from web_checkup.web_answers(settings)
    yield from password_checkup.asterisk_is_told(settings)
    yield from manager_checkup.managers_let_us_in(settings)
    yield from lookout_checkup.attacks_are_seen(settings)
    yield from guard_checkup.somebody_is_woken(settings)
    yield from ban_checkup.bans_are_carried_out(settings)
    yield from provider_checkup.provider_answers(settings)
    yield from asterisk_checkup.dialplan_is_wired(etc)
    yield from asterisk_checkup.sounds_are_there(etc, _languages(settings))
    yield from guard_checkup.unit_is_ours()
    yield from checkup.clock_is_right()


def _languages(settings: Settings) -> tuple[str, ...]:
    try:
        policies = load_policies(policy_place(settings), means_of(settings))
    except PolicyError:
        return ("en",)
    return tuple(sorted({each for policy in policies.values() for each in policy.site.languages}))
