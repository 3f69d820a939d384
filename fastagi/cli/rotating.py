"""`dialguard phone rotate`: a new key for what is stored, and who still needs an older one.

What is encrypted is encrypted anew at once. What is hashed cannot be: a PIN is hashed anew when it
is next keyed right, a recovery code when there is a new one in its place.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from fastagi.cli.enrolling import sites_of
from fastagi.cli.output import give_up, say, show_json, show_table, warn
from fastagi.cli.service import JsonOption, SettingsOption, settings_of, with_store
from fastagi.console.operators import accounts
from fastagi.daemon.keys import open_vault, rotate_keys
from fastagi.errors import DialguardError, VaultError
from fastagi.second_factor import one_time_code, pin, recovery

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastagi.second_factor.vault import Vault
    from fastagi.stores.store import Enrolment, Enrolments


def rotate(settings: SettingsOption = None, as_json: JsonOption = False) -> None:
    """Make a new key, encrypt every one-time-code secret under it, and list who needs an old one.

    A running service finds the new key by itself; the old ones stay until you take them out.
    """
    loaded = settings_of(settings)
    file = loaded.keys.file
    try:
        sites = tuple(sites_of(loaded))
        rotate_keys(file)
        vault = open_vault(file)
    except DialguardError as error:
        give_up(error)
    resealed = with_store(loaded, lambda store: reseal(store, vault, sites))
    operators = with_store(loaded, lambda store: accounts.reseal(store, vault, time.time()))
    left = with_store(loaded, lambda store: on_older_keys(store, vault, sites))
    if as_json:
        show_json(
            {"key_file": str(file), "resealed": resealed, "operators": operators, "older": left}
        )
        return
    say(f"`{file}` begins with a new key; back it up", "green")
    say(f"one-time-code secrets encrypted under it: {resealed}")
    say(f"accounts of operators encrypted under it: {operators}")
    rows = [[str(each["site"]), str(each["extension"]), str(each["what"])] for each in left]
    if rows:
        say("still under an older key:")
        show_table(["site", "extension", "what"], rows)
        say("a PIN leaves it when it is next keyed right, recovery codes when new ones are made")
    say(
        "old keys may go once `dialguard phone list` shows nobody who needs one: see docs/enrol.md"
    )


async def reseal(store: Enrolments, vault: Vault, sites: Sequence[str]) -> int:
    """Encrypt every one-time-code secret under the first key; how many were not yet."""
    count = 0
    for site in sites:
        for each in await store.enrolments(site):
            try:
                count += await _resealed(store, vault, site, each)
            except VaultError as error:
                warn(f"`{each.extension}` of `{site}`: {error}")
    return count


async def _resealed(store: Enrolments, vault: Vault, site: str, found: Enrolment) -> bool:
    """Encrypt one secret anew; whatever else of the enrolment is changed meanwhile stays."""
    present: Enrolment | None = found
    while present is not None and present.totp is not None:
        fresh = one_time_code.resealed(vault, site, present.extension, present.totp)
        if fresh is None:
            return False
        if await store.rekey(site, present, replace(present, totp=fresh)):
            return True
        present = await store.enrolment(site, present.extension)
    return False


async def on_older_keys(
    store: Enrolments, vault: Vault, sites: Sequence[str]
) -> list[Mapping[str, str]]:
    """List what needs another key than the first, and whose it is."""
    return [
        {"site": site, "extension": each.extension, "what": what}
        for site in sites
        for each in await store.enrolments(site)
        if (what := needing_older(vault, each))
    ]


def needing_older(vault: Vault, enrolment: Enrolment) -> str:
    """Name the parts of an enrolment that need another key than the first; empty if none does."""
    parts = {
        "pin": enrolment.pin is not None and _pin_needs_older(vault, enrolment.pin),
        "totp": enrolment.totp is not None and vault.needs_reseal(enrolment.totp),
        "recovery": any(recovery.is_of_older_key(vault, each) for each in enrolment.recovery),
    }
    return " ".join(name for name, needs in parts.items() if needs)


def _pin_needs_older(vault: Vault, stored: str) -> bool:
    try:
        return pin.is_of_older_key(vault, stored)
    except VaultError:
        return False  # a damaged hash, which no key helps; it has to be set anew
