"""`dialguard operator …`: who may look at the console, and do what there.

There is no operator, and no password, until somebody makes one here. Passwords are asked for
without showing, or read from stdin; never taken as an argument. A little longer than other files:
a short function for each command, and its options, whose help is half of it.
"""

from __future__ import annotations

import getpass
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from fastagi.cli.enrolling import show_uri, sites_of, sits_there
from fastagi.cli.output import fail, give_up, say, show_json, show_table
from fastagi.cli.service import JsonOption, SettingsOption, leave_to_owner, settings_of, with_store
from fastagi.console.operators import accounts, audit
from fastagi.console.operators.accounts import Operator, Role
from fastagi.console.operators.audit import COMMAND_LINE, Deed, Entry
from fastagi.daemon.keys import vault_of
from fastagi.daemon.places import store_is_shared
from fastagi.errors import DialguardError
from fastagi.second_factor import one_time_code, password

if TYPE_CHECKING:
    from fastagi.second_factor.vault import Vault
    from fastagi.settings import Settings
    from fastagi.stores.store import Store

Found = TypeVar("Found")

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="the operator's name: a-z, 0-9, . _ @ + -")
]
RoleOption = Annotated[
    Role, typer.Option("--role", help="look only; end and clear; or see what others did, too")
]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="read the password from the first line of stdin")
]
Out = Annotated[
    Path | None, typer.Option("--out", help="write the QR code to a new .png or .svg file")
]
Uri = Annotated[bool, typer.Option("--uri", help="print the otpauth:// URI, not a QR code")]
SitesOption = Annotated[
    list[str] | None,
    typer.Option("--site", metavar="SITE", help="sees this site only; again for more; else all"),
]
AllSites = Annotated[bool, typer.Option("--all", help="sees all sites")]
Sso = Annotated[
    bool, typer.Option("--sso", help="enters by the provider of `[console.oidc]`, and only so")
]

ISSUER = "console"
"""Names the account in an authenticator app, beside the operator's name."""


def commands() -> typer.Typer:
    """Return the group of commands."""
    group = typer.Typer(no_args_is_help=True, help="Who may look at the console, and act there.")
    group.command(epilog="Example: dialguard operator add anna --role operator")(add)
    group.command("list", epilog="Example: dialguard operator list --json")(list_all)
    group.command(epilog="Example: dialguard operator role anna --role viewer")(role)
    group.command(epilog="Example: dialguard operator sites anna --site hotel")(sites)
    group.command("password", epilog="Example: dialguard operator password anna")(new_password)
    group.command(epilog="Example: dialguard operator totp anna --out anna.svg")(totp)
    group.command(epilog="Example: dialguard operator disable anna")(disable)
    group.command(epilog="Example: dialguard operator enable anna")(enable)
    group.command(epilog="Example: dialguard operator remove anna")(remove)
    return group


def add(
    name: Name,
    role: RoleOption,
    password_stdin: FromStdin = False,
    out: Out = None,
    uri: Uri = False,
    sso: Sso = False,
    site: SitesOption = None,
    settings: SettingsOption = None,
) -> None:
    """Make an operator: asks for a password, and shows a QR code for one-time codes.

    With `--sso` there is neither: whoever has that name at the OpenID provider enters by it.
    With `--site` it sees and acts on that site alone, as if there were no others.
    """
    loaded = settings_of(settings)
    _check(name)
    seen = _known(loaded, site)
    if sso and (loaded.console is None or loaded.console.oidc is None):
        fail("there is no provider to enter by; the settings have no `[console.oidc]`")
    if sso and (password_stdin or out is not None or uri):
        fail("with `--sso` there is neither password nor QR code; leave these options out")
    if _work(loaded, lambda store, vault, now: accounts.find(store, vault, name, now)) is not None:
        fail(f"there is an operator `{name}`; `dialguard operator password` gives a new password")
    hashed = secret = ""
    if not sso:
        hashed = password.hash_password(_ask_password(name, from_stdin=password_stdin))
        secret = one_time_code.new_secret()
        # Shown first: a file that cannot be written must not leave an account nobody can use.
        show_uri(one_time_code.uri(secret, name, ISSUER), out=out, as_text=uri)

    async def work(store: Store, vault: Vault, now: float) -> bool:
        made = Operator(name, role, hashed, secret, now, sites=seen)
        what = f"{name}, {role}{accounts.of_sites(seen)}"
        return await _put(store, vault, made, Deed.ADDED_OPERATOR, what, now)

    if not _work(loaded, work):
        fail(f"somebody else has just made an operator `{name}`; nothing was changed")
    say(f"`{name}` may enter, as {role}{accounts.of_sites(seen)}", "green")


def list_all(settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """List the operators; nothing secret.

    Columns: name, role, since, by which way they enter (password, or sso), disabled or not, the
    sites they see.
    """
    loaded = settings_of(settings)
    found: list[Operator] = []
    if with_store(loaded, lambda store: accounts.any_there(store, time.time())):
        found = _work(loaded, accounts.list_all)
    shown = [
        {
            "name": each.name,
            "role": str(each.role),
            "since": datetime.fromtimestamp(each.since, UTC).isoformat(timespec="seconds"),
            "enters": "password" if each.password else "sso",
            "disabled": each.disabled,
            "sites": sorted(each.sites),
        }
        for each in found
    ]
    if as_json:
        show_json(shown)
        return
    rows = [
        [
            *map(str, list(told.values())[:4]),
            "disabled" if each.disabled else "",
            ", ".join(sorted(each.sites)) or "all",
        ]
        for each, told in zip(found, shown, strict=True)
    ]
    show_table(["name", "role", "since", "enters", "", "sites"], rows, none="there is none")


def role(name: Name, role: RoleOption, settings: SettingsOption = None) -> None:
    """Give an operator another role; whoever is in has to log in anew."""
    _change(settings, name, f"{name}, {role}", role=role)
    say(f"`{name}` is {role} now", "green")


def sites(
    name: Name,
    site: SitesOption = None,
    every: AllSites = False,
    settings: SettingsOption = None,
) -> None:
    """Say which sites an operator sees and acts on; whoever is in has to log in anew."""
    if every == bool(site):
        fail("name the sites, each with `--site`, or give `--all`")
    seen = _known(settings_of(settings), site)
    _change(settings, name, f"{name}{accounts.of_sites(seen) or ', of all sites'}", sites=seen)
    say(f"`{name}` sees {', '.join(sorted(seen)) or 'all sites'} now", "green")


def new_password(
    name: Name, password_stdin: FromStdin = False, settings: SettingsOption = None
) -> None:
    """Give an operator a new password; whoever is in with the old one is out."""
    loaded = settings_of(settings)
    _check(name)
    _enters_by_password(loaded, name)
    chosen = _ask_password(name, from_stdin=password_stdin)
    hashed = password.hash_password(chosen)
    _change(settings, name, f"{name}, password", password=hashed)
    say(f"`{name}` has a new password", "green")


def totp(name: Name, out: Out = None, uri: Uri = False, settings: SettingsOption = None) -> None:
    """Make a new secret for an operator's one-time codes, as a QR code; the old one is void."""
    _check(name)
    _enters_by_password(settings_of(settings), name)
    secret = one_time_code.new_secret()
    show_uri(one_time_code.uri(secret, name, ISSUER), out=out, as_text=uri)
    _change(settings, name, f"{name}, one-time codes", secret=secret, step=0)
    say(f"`{name}` has a new secret", "green")


def disable(name: Name, settings: SettingsOption = None) -> None:
    """Shut an operator out, by whichever way; whoever is in is out at once.

    The account stays: of one that is removed, the provider may make another at the next sign-in.
    """
    _change(settings, name, f"{name}, disabled", disabled=True)
    say(f"`{name}` may enter no more, until `dialguard operator enable {name}`", "green")


def enable(name: Name, settings: SettingsOption = None) -> None:
    """Let a disabled operator in again."""
    _change(settings, name, f"{name}, enabled", disabled=False)
    say(f"`{name}` may enter", "green")


def remove(name: Name, settings: SettingsOption = None) -> None:
    """Remove an operator; whoever is in is out at once."""
    loaded = settings_of(settings)
    _check(name)

    async def work(store: Store) -> bool:
        now = time.time()
        entry = await audit.note(store, _entry(Deed.REMOVED_OPERATOR, name, now))
        removed = await accounts.remove(store, name, now)
        await audit.finish(store, entry, "done" if removed else "there was none", now)
        return removed

    if not with_store(loaded, work):
        fail(f"there is no operator `{name}`")
    say(f"`{name}` may enter no more", "green")


# ----------------------------------------------------------------------------- what they share


def _work(settings: Settings, work: Callable[[Store, Vault, float], Awaitable[Found]]) -> Found:
    """Do something with the store and the vault; the key file is made if there is none yet."""
    leave_to_owner(settings.keys.file)
    sites = list(sites_of(settings))
    is_shared = store_is_shared(settings)

    async def do(store: Store) -> Found:
        vault = await vault_of(settings.keys.file, store, sites, is_shared=is_shared)
        return await work(store, vault, time.time())

    return with_store(settings, do)


def _change(named: Path | None, name: str, what: str, **parts: object) -> None:
    """Give an operator other parts; whoever is in is out.

    Ends the command where there is none of that name.
    """
    loaded = settings_of(named)
    _check(name)

    async def work(store: Store, vault: Vault, now: float) -> bool:
        while (present := await accounts.find(store, vault, name, now)) is not None:
            changed = present.changed(now, **parts)
            if await _put(store, vault, changed, Deed.CHANGED_OPERATOR, what, now):
                return True
        return False

    if not _work(loaded, work):
        fail(f"there is no operator `{name}`")


async def _put(
    store: Store, vault: Vault, operator: Operator, deed: Deed, what: str, now: float
) -> bool:
    entry = await audit.note(store, _entry(deed, what, now))
    done = await accounts.put(store, vault, operator, now)
    await audit.finish(store, entry, "done" if done else "somebody else was faster", now)
    return done


def _entry(deed: Deed, what: str, now: float) -> Entry:
    return Entry(now, COMMAND_LINE, "", deed, what=what)


def _enters_by_password(settings: Settings, name: str) -> None:
    """End the command where there is no such operator, or they have no password to change."""
    found = _work(settings, lambda store, vault, now: accounts.find(store, vault, name, now))
    if found is None:
        fail(f"there is no operator `{name}`")
    if not found.password:
        fail(
            f"`{name}` enters by the provider; to have a password: "
            f"`dialguard operator remove {name}`, and `add` without `--sso`"
        )


def _known(settings: Settings, named: list[str] | None) -> frozenset[str]:
    """Return the sites that were named; ends the command where one of them has no policy."""
    seen = frozenset(named or ())
    known = set(sites_of(settings)) if seen else set()
    if unknown := sorted(seen - known):
        there = ", ".join(f"`{each}`" for each in sorted(known))
        fail(f"no policy is of site `{unknown[0]}`; there is {there}")
    return seen


def _check(name: str) -> None:
    try:
        accounts.check_name(name)
    except DialguardError as error:
        give_up(error)


def _ask_password(name: str, *, from_stdin: bool) -> str:
    """Ask for a new password, twice and without showing it; or read it from stdin, once."""
    if from_stdin:
        chosen = sys.stdin.readline().rstrip("\r\n")
    elif sits_there():
        chosen = getpass.getpass(f"password ({password.LEAST} characters or more; not shown): ")
    else:
        fail("there is no terminal to type a password at; use `--password-stdin`")
    try:
        password.check_strength(chosen, name)
    except DialguardError as error:
        give_up(error)
    if not from_stdin and getpass.getpass("once more: ") != chosen:
        fail("the two are not the same; nothing was changed")
    return chosen
