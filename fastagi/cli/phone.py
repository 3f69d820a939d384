"""`dialguard phone …`: who has which second factor.

PINs are asked for without showing, or read from stdin; never taken as an argument, which other
users of the machine could read. What is shown once (the QR code, recovery codes) is kept nowhere
in clear.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from fastagi.call import enrolling as enrolment_parts
from fastagi.cli import ending_calls, enrolling, rotating
from fastagi.cli.output import fail, say, show_json, show_table, warn
from fastagi.cli.service import (
    JsonOption,
    SettingsOption,
    SiteOption,
    policy_of,
    settings_of,
    with_store,
)
from fastagi.daemon.keys import open_vault
from fastagi.errors import DialguardError
from fastagi.policy.values import read_duration
from fastagi.second_factor import one_time_code, recovery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.stores.store import Enrolment

Extension = Annotated[str, typer.Argument(help="the endpoint, as its PJSIP section is named")]
PinStdin = Annotated[
    bool, typer.Option("--pin-stdin", help="read the PIN from the first line of stdin")
]
Out = Annotated[
    Path | None, typer.Option("--out", help="write the QR code to a new .png or .svg file")
]
INVITED_S: Final = 14 * 86400
"""The longest an invitation may be good."""

Uri = Annotated[bool, typer.Option("--uri", help="print the otpauth:// URI, not a QR code")]


def commands() -> typer.Typer:
    """Return the group of commands."""
    group = typer.Typer(no_args_is_help=True, help="Who has which second factor.")
    group.command(epilog="Example: dialguard phone add 101")(add)
    group.command(epilog="Example: dialguard phone pin 101")(pin)
    group.command(epilog="Example: dialguard phone totp 101 --out 101.svg")(totp)
    group.command("recovery", epilog="Example: dialguard phone recovery 101")(new_recovery)
    group.command(epilog="Example: dialguard phone invite 101 --for 24h")(invite)
    group.command(epilog="Example: dialguard phone show 101")(show)
    group.command("list", epilog="Example: dialguard phone list --json")(list_all)
    group.command(epilog="Example: dialguard phone remove 101")(remove)
    group.command(epilog="Example: dialguard phone rotate")(rotating.rotate)
    return group


def add(
    extension: Extension,
    pin_stdin: PinStdin = False,
    out: Out = None,
    uri: Uri = False,
    site: SiteOption = "",
    settings: SettingsOption = None,
) -> None:
    """Enrol a phone: a PIN, one-time codes and recovery codes."""
    phone = enrolling.phone_of(settings, site, extension)
    if phone.enrolment() is not None:
        fail(
            f"`{extension}` is enrolled already; `dialguard phone pin`, `totp` and `recovery` "
            "change a part of it, `remove` forgets it"
        )
    vault = phone.vault()
    chosen = enrolling.ask_pin(extension, from_stdin=pin_stdin)
    secret, codes = one_time_code.new_secret(), recovery.new_codes()

    def all_three(present: Enrolment) -> Enrolment:
        present = enrolment_parts.with_pin(vault, phone.site, present, chosen)
        present = enrolment_parts.with_totp(vault, phone.site, present, secret)
        return enrolment_parts.with_recovery(vault, phone.site, present, codes)

    # Shown first: a file that cannot be written must not cost a secret that is in force.
    enrolling.show_uri(one_time_code.uri(secret, extension, phone.site), out=out, as_text=uri)
    phone.change(all_three)
    enrolling.show_recovery(codes)
    say(f"`{extension}` of `{phone.site}` is enrolled", "green")


def pin(
    extension: Extension,
    pin_stdin: PinStdin = False,
    site: SiteOption = "",
    settings: SettingsOption = None,
) -> None:
    """Set the PIN."""
    phone = enrolling.phone_of(settings, site, extension)
    chosen, vault = enrolling.ask_pin(extension, from_stdin=pin_stdin), phone.vault()
    phone.change(lambda present: enrolment_parts.with_pin(vault, phone.site, present, chosen))
    say(f"`{extension}` has a new PIN", "green")


def totp(
    extension: Extension,
    out: Out = None,
    uri: Uri = False,
    site: SiteOption = "",
    settings: SettingsOption = None,
) -> None:
    """Make a new secret for one-time codes, and show it as a QR code; the old one is void."""
    phone = enrolling.phone_of(settings, site, extension)
    secret = one_time_code.new_secret()
    vault = phone.vault()
    enrolling.show_uri(one_time_code.uri(secret, extension, phone.site), out=out, as_text=uri)
    phone.change(lambda present: enrolment_parts.with_totp(vault, phone.site, present, secret))


def new_recovery(
    extension: Extension, site: SiteOption = "", settings: SettingsOption = None
) -> None:
    """Make ten new recovery codes and print them, once; the old ones are void."""
    phone = enrolling.phone_of(settings, site, extension)
    codes, vault = recovery.new_codes(), phone.vault()
    phone.change(lambda present: enrolment_parts.with_recovery(vault, phone.site, present, codes))
    enrolling.show_recovery(codes)


def invite(
    extension: Extension,
    lasts: Annotated[
        str, typer.Option("--for", help="how long it is good: `30m`, `24h`, `7d`")
    ] = "24h",
    site: SiteOption = "",
    settings: SettingsOption = None,
) -> None:
    """Make a link with which a person enrols the phone in a browser, once; older ones are void.

    What the phone has stays in force until the person has finished.
    """
    lasts_s = _seconds(lasts)
    phone = enrolling.phone_of(settings, site, extension)
    console = phone.settings.console
    if console is None:
        fail("there is no web to open the link: the settings have no `[console]`")
    phone.vault()  # the keys are made, or said to be missing, now and not in front of the person
    token = phone.invite(time.time() + lasts_s)
    say(f"{console.public_url}/{phone.site}/invitation/{token}")
    warn(
        f"whoever opens it first enrols `{extension}`: give it to that person and to nobody else; "
        f"it is good once, for {lasts}"
    )


def show(
    extension: Extension,
    site: SiteOption = "",
    settings: SettingsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what a phone has; nothing secret."""
    phone = enrolling.phone_of(settings, site, extension)
    present = phone.enrolment()
    if present is None:
        fail(f"`{extension}` is not enrolled; `dialguard phone add {extension}` does it")
    if as_json:
        show_json(_shown(present))
    else:
        show_table(["", ""], [[name, str(value)] for name, value in _shown(present).items()])


def list_all(
    site: SiteOption = "", settings: SettingsOption = None, as_json: JsonOption = False
) -> None:
    """List the phones that are enrolled, and what of them still needs an old key."""
    loaded = settings_of(settings)
    name = policy_of(loaded, site).site.name
    enrolments = with_store(loaded, lambda store: store.enrolments(name))
    older = _needing_older(loaded.keys.file, enrolments)
    found = [{**_shown(each), "old_key": older[each.extension]} for each in enrolments]
    if as_json:
        show_json(found)
        return
    columns = ["extension", "pin", "totp", "recovery", "since", "old_key"]
    rows = [[str(each[column]) for column in columns] for each in found]
    show_table(
        [each.replace("_", " ") for each in columns],
        rows,
        none=f"no phone of `{name}` is enrolled",
    )


def remove(
    extension: Extension,
    keep_calls: Annotated[
        bool, typer.Option("--keep-calls", help="let its calls that are up go on")
    ] = False,
    site: SiteOption = "",
    settings: SettingsOption = None,
) -> None:
    """Forget a phone's second factors; calls that need one are denied from now on.

    Its calls that are up are ended, where the settings have `[ami]`.
    """
    phone = enrolling.phone_of(settings, site, extension, to_dial=False)
    phone.withdraw_invitations()  # first: with one of them it would be enrolled again
    if not phone.remove():
        fail(f"`{extension}` is not enrolled")
    say(f"`{extension}` is no longer enrolled", "green")
    loaded = settings_of(settings)
    if loaded.ami and not keep_calls:
        for each in ending_calls.end_of_extension(loaded, phone.site, extension):
            say(each.words, "green")


def _seconds(lasts: str) -> int:
    """Return how long an invitation is good; ends the command where that is too long."""
    try:
        lasts_s = read_duration(lasts)
    except ValueError as error:
        fail(str(error))
    if not 0 < lasts_s <= INVITED_S:
        fail(f"`{lasts}` is no time for a link to lie about: at most {INVITED_S // 86400}d")
    return lasts_s


def _needing_older(file: Path, enrolments: Sequence[Enrolment]) -> dict[str, str]:
    """Name, by extension, what needs an old key; `?` where the keys cannot be read."""
    if not enrolments:
        return {}
    try:
        vault = open_vault(file)
    except DialguardError as error:
        warn(str(error))
        return {each.extension: "?" for each in enrolments}
    return {each.extension: rotating.needing_older(vault, each) for each in enrolments}


def _shown(enrolment: Enrolment) -> dict[str, object]:
    """Return what may be seen of an enrolment."""
    since = datetime.fromtimestamp(enrolment.since, UTC)
    return {
        "extension": enrolment.extension,
        "pin": "yes" if enrolment.pin else "no",
        "totp": "yes" if enrolment.totp else "no",
        "recovery": len(enrolment.recovery),
        "since": since.isoformat(timespec="seconds"),
    }
