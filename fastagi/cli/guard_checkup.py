"""What `dialguard doctor` looks at of guards that calls go without, so that nobody misses them.

Who is woken, what lies between the gate and its store, what systemd holds the service to. Nothing
breaks where one is missing, so it is a warning only.
"""

from __future__ import annotations

import shutil
import subprocess
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from fastagi.cli.checkup import ok, warn
from fastagi.daemon.alert_targets import targets_of
from fastagi.daemon.keys import EVERYBODY
from fastagi.daemon.places import store_url
from fastagi.errors import SettingsError, StoreError
from fastagi.stores.opening import REDIS
from fastagi.stores.redis.client import read_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.cli.checkup import Finding
    from fastagi.settings import Settings

UNIT: Final = "dialguard.service"

HELD: Final = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "CapabilityBoundingSet": "",
    "Restart": "always",
}
"""What `systemctl show` says of the unit that ships (systemd.exec(5)); the rest of its lines
narrow what these leave."""


# ------------------------------------------------------------------- alerts


def somebody_is_woken(settings: Settings) -> Iterator[Finding]:
    """Whether an alert goes to anybody."""
    if not settings.alert:
        yield warn(
            "nobody is woken: there is no `[[alert]]`",
            "write whom to wake into the settings (docs/alerts.md), and `dialguard alert test`",
        )
        return
    try:
        targets = targets_of(settings)
    except SettingsError:  # which is told of with the settings
        return
    places = f"{len(targets)} place{'s' if len(targets) > 1 else ''}"
    yield ok(f"alerts go to {places}; whether they arrive, `dialguard alert test` says")


# ------------------------------------------------------------------- the way to the store


def store_is_guarded(settings: Settings) -> Iterator[Finding]:
    """Whether strangers can ask a Redis, listen on the way to it, or read its password here."""
    url = store_url(settings)
    if url.partition("://")[0] not in REDIS:
        return
    try:
        address = read_url(url)
    except StoreError:  # which is told of where the store is asked
        return
    far = [host for host, _ in address.hosts if not _is_here(host)]
    odd = []
    if far and not address.is_tls:
        odd.append(
            warn(
                f"what goes to the store at `{far[0]}` can be read and changed on the way",
                "let the URL of `[store]` begin with `rediss`, or lay a tunnel (docs/redis.md)",
            )
        )
    if "password" not in address.login:
        odd.append(
            warn(
                "the store asks the gate for no password: whoever reaches it frees slots, ends "
                "lockouts and forgets used codes",
                "give it a user of its own, with a password, as in docs/redis.md",
            )
        )
    elif settings.source is not None and settings.source.stat().st_mode & EVERYBODY:
        odd.append(
            warn(
                f"everybody on the machine can read `{settings.source.resolve()}`, and the "
                "store's password in it",
                f"`chmod o= {settings.source.resolve()}`, and leave it to the service's user",
            )
        )
    yield from odd or [ok("the way to the store is guarded: a password, and TLS if it is long")]


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


# ------------------------------------------------------------------- the unit


def unit_is_ours() -> Iterator[Finding]:
    """Whether systemd runs the service as the shipped unit does: its own user, and little else."""
    cure = "put `deploy/dialguard.service` there again, or take from it what is missing"
    asked = shutil.which("systemctl")
    said = "" if asked is None else _shown(asked)
    unit = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    if unit.get("LoadState") != "loaded":
        yield warn(
            f"whether systemd guards the service cannot be told: it knows no `{UNIT}`",
            "install `deploy/dialguard.service` (docs/install.md), or guard it likewise",
        )
        return
    loose = [
        f"`{name}={unit.get(name, '')}`" for name, good in HELD.items() if unit.get(name) != good
    ]
    if unit.get("WatchdogUSec", "0") in {"0", "infinity"}:
        loose.append("no `WatchdogSec`")
    if unit.get("User", "") in {"", "root"}:
        loose.append("it is root")
    if loose:
        yield warn(f"systemd lets `{UNIT}` do more than it needs: {', '.join(loose)}", cure)
    else:
        yield ok(f"systemd holds `{UNIT}` to what it needs, as user `{unit['User']}`")


def _shown(systemctl: str) -> str:
    wanted = ",".join(["LoadState", "User", "WatchdogUSec", *HELD])
    return subprocess.run(  # noqa: S603 - by absolute path, without a word of anybody's
        [systemctl, "show", UNIT, f"--property={wanted}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
    ).stdout
