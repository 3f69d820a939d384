"""What commands need of the service's surroundings: its settings, sites, store and keys.

What reads them is imported where it is used: it takes half a second, and many a command takes no
more from here than how an option is written.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias, TypeVar

import typer

from fastagi.cli.output import fail, give_up
from fastagi.errors import DialguardError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastagi.policy.model import Policy
    from fastagi.settings import Settings
    from fastagi.stores.store import Store

Found = TypeVar("Found")

USER: Final = re.compile(r"[A-Za-z0-9._@\\-]{1,64}", re.ASCII)

SettingsOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        help="the settings file; else $DIALGUARD_SETTINGS, ./dialguard.toml, "
        "/etc/dialguard/dialguard.toml",
        metavar="FILE",
    ),
]

SiteOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--site", metavar="NAME", help="the site, where the settings name several policies"
    ),
]

JsonOption: TypeAlias = Annotated[
    bool, typer.Option("--json", metavar="", help="print JSON, for programs")
]


def settings_of(named: Path | None) -> Settings:
    """Return the settings, or end with what is wrong with them and where."""
    from fastagi import settings as settings_files

    try:
        return settings_files.load(named or settings_files.find())
    except DialguardError as error:
        give_up(error)


def policy_of(settings: Settings, site: str) -> Policy:
    """Return the site's policy; of no site, the only one there is.

    Ends the command where there is none, or where it cannot be loaded.
    """
    from fastagi.daemon.places import policy_place
    from fastagi.daemon.reload import policy_files
    from fastagi.policy.loading import load

    try:
        policies = {
            policy.site.name: policy for policy in map(load, policy_files(policy_place(settings)))
        }
    except DialguardError as error:
        give_up(error)
    only = next(iter(policies.values())) if len(policies) == 1 else None
    found = policies.get(site) if site else only
    if found is None:
        known = ", ".join(f"`{name}`" for name in sorted(policies))
        fail(f"there is no site `{site}`; there is {known}" if site else f"say --site: {known}")
    return found


def site_of(settings: Settings, named: str) -> str:
    """Return the name of a site; only where none is named does that take a policy that loads."""
    return named or policy_of(settings, "").site.name


def who() -> str:
    """Name who runs the command; of `sudo`, who runs that."""
    try:
        name = os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):  # a user without a name; OSError from Python 3.13 on
        name = ""
    if not USER.fullmatch(name):
        name = f"user {os.getuid()}"
    return f"{name} (command line)"


def door_of(settings: Settings) -> tuple[str, int]:
    """Return the host and port where the service can be reached from this machine."""
    host = settings.agi.listen.host
    if host.is_unspecified:
        return "127.0.0.1" if host.version == 4 else "::1", settings.agi.listen.port
    return str(host), settings.agi.listen.port


def secret_of(settings: Settings) -> str:
    """Return what the service shares with the dialplan; empty where nothing is shared."""
    from fastagi.daemon.keys import read_secret

    if settings.agi.secret_file is None:
        return ""
    try:
        return read_secret(settings.agi.secret_file)
    except DialguardError as error:
        give_up(error)


def owner_to_be(file: Path) -> int | None:
    """Return the user who is to make a file that is not there yet; None if we may.

    What root made in the folder of the service's user, the service could not write. What that
    folder hides from us counts as not there.
    """
    try:
        if file.exists() or not file.parent.is_dir():
            return None
    except PermissionError:
        pass
    owner = file.parent.stat().st_uid
    return None if owner == os.getuid() else owner


def leave_to_owner(file: Path) -> None:
    """End the command if making this file is another user's."""
    if (owner := owner_to_be(file)) is not None:
        fail(
            f"`{file}` is not there for us, and its folder belongs to user {owner}; "
            f"start the service, and run this as `sudo -u '#{owner}' dialguard …`"
        )


def with_store(settings: Settings, work: Callable[[Store], Awaitable[Found]]) -> Found:
    """Do something with the service's store; it may be running meanwhile."""
    from fastagi.daemon.places import store_file, store_url
    from fastagi.stores.opening import open_store

    if (file := store_file(settings)) is not None:
        leave_to_owner(file)

    async def do() -> Found:
        store = open_store(store_url(settings))
        try:
            return await work(store)
        finally:
            await store.close()

    try:
        return asyncio.run(do())
    except DialguardError as error:
        give_up(error)
