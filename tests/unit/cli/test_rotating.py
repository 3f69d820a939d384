"""`dialguard phone rotate`: what is put under a new key, and who still needs an older one."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.cli import rotating
from fastagi.daemon.keys import open_vault
from fastagi.second_factor import one_time_code, pin, recovery
from fastagi.second_factor.vault import Vault, new_key
from fastagi.stores.opening import open_store
from fastagi.stores.sqlite import SQLiteStore
from fastagi.stores.store import Enrolment

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard

PIN = "80911"
OLD, NEW = Vault([new_key()]), new_key()


def full(vault: Vault, secret: str = "") -> Enrolment:
    """Return an enrolment of 101 with everything, under the vault's first key."""
    return Enrolment(
        "101",
        pin.hash_pin(vault, "office", "101", PIN),
        one_time_code.seal(vault, "office", "101", secret or one_time_code.new_secret()),
        frozenset({recovery.digest(vault, "office", "101", "8301947265")}),
    )


def enrolled(dialguard: Dialguard) -> Enrolment:
    """Enrol 101 by the command; return what is stored."""
    done = dialguard.on_settings("phone", "add", "101", "--pin-stdin", typed=f"{PIN}\n")
    assert done.exit_code == 0, done.output
    return stored(dialguard)


def stored(dialguard: Dialguard) -> Enrolment:
    """Return what is stored of 101."""

    async def look() -> Enrolment | None:
        store = open_store(f"sqlite://{dialguard.folder / 'dialguard.db'}")
        try:
            return await store.enrolment("office", "101")
        finally:
            await store.close()

    found = asyncio.run(look())
    assert found is not None
    return found


def test_secrets_are_encrypted_under_the_new_key_at_once(dialguard: Dialguard) -> None:
    """PIN and recovery codes are good as before; whoever still needs the old key is named."""
    before = enrolled(dialguard)
    old = open_vault(dialguard.folder / "keys")
    done = dialguard.on_settings("phone", "rotate")
    assert done.exit_code == 0, done.output
    assert "secrets encrypted under it: 1\n" in done.stdout
    assert "office\t101\tpin recovery\n" in done.stdout
    vault, after = open_vault(dialguard.folder / "keys"), stored(dialguard)
    assert vault.key_ids[1:] == old.key_ids
    assert before.totp is not None
    assert after.totp is not None
    secret = one_time_code.unseal(old, "office", "101", before.totp)
    assert one_time_code.unseal(vault, "office", "101", after.totp) == secret
    assert not vault.needs_reseal(after.totp)
    assert pin.verify_pin(vault, "office", "101", PIN, after.pin)
    assert (after.pin, after.recovery, after.since) == (before.pin, before.recovery, before.since)


def test_the_list_tells_when_the_old_key_may_go(dialguard: Dialguard) -> None:
    """Nobody is named once PIN and recovery codes are new, and nothing needs it."""
    enrolled(dialguard)
    assert json.loads(dialguard.on_settings("phone", "list", "--json").stdout)[0]["old_key"] == ""
    rotated = json.loads(dialguard.on_settings("phone", "rotate", "--json").stdout)
    assert rotated["resealed"] == 1
    assert rotated["older"] == [{"site": "office", "extension": "101", "what": "pin recovery"}]
    assert dialguard.on_settings("phone", "list").stdout.endswith("\tpin recovery\n")
    dialguard.on_settings("phone", "recovery", "101")
    dialguard.on_settings("phone", "pin", "101", "--pin-stdin", typed=f"{PIN}\n")
    assert json.loads(dialguard.on_settings("phone", "list", "--json").stdout)[0]["old_key"] == ""
    file = dialguard.folder / "keys"
    file.write_text(file.read_text().splitlines()[0])
    after = stored(dialguard)
    assert after.totp is not None
    assert one_time_code.unseal(open_vault(file), "office", "101", after.totp)


def test_the_list_without_keys_still_lists(dialguard: Dialguard) -> None:
    """Whoever looks for a lost key file wants to know whom it concerns."""
    enrolled(dialguard)
    (dialguard.folder / "keys").unlink()
    done = dialguard.on_settings("phone", "list")
    assert done.stdout.endswith("\t?\n")
    assert "cannot be used" in done.stderr


def test_without_a_key_there_is_nothing_to_rotate(dialguard: Dialguard) -> None:
    """A lost file is not made anew this way either."""
    done = dialguard.on_settings("phone", "rotate")
    assert done.exit_code == 1
    assert not (dialguard.folder / "keys").exists()


def test_where_nothing_needs_an_old_key_nobody_is_named(dialguard: Dialguard) -> None:
    """Nobody is enrolled."""
    enrolled(dialguard)
    dialguard.on_settings("phone", "remove", "101")
    done = dialguard.on_settings("phone", "rotate")
    assert "still under" not in done.stdout


class Meddled(SQLiteStore):
    """A store in which the operator does something whenever a secret is about to be replaced."""

    meddling: tuple[Enrolment | None, ...] = ()

    async def rekey(self, site: str, verified: Enrolment, renewed: Enrolment) -> bool:
        """Let the operator be quicker."""
        if self.meddling:
            change, *rest = self.meddling
            self.meddling = tuple(rest)
            if change is None:
                await self.unenrol(site, verified.extension, 0.0)
            else:
                await self.enrol(site, change)
        return await super().rekey(site, verified, renewed)


def meddled(*meddling: Enrolment | None) -> Meddled:
    """Return such a store, in memory."""
    plain = open_store("sqlite://:memory:")
    assert isinstance(plain, SQLiteStore)
    store = Meddled(plain._writer, plain._reader)
    store.meddling = meddling
    return store


async def test_what_is_changed_meanwhile_is_sealed_all_the_same() -> None:
    """A PIN set in that very moment is kept, and the secret is under the new key."""
    old = new_key()
    changed = Enrolment("101", pin.hash_pin(Vault([old]), "office", "101", "90817"))
    store, vault = meddled(changed), Vault([NEW, old])
    await store.enrol("office", full(Vault([old])))
    assert await rotating.reseal(store, vault, ["office"]) == 1
    (after,) = await store.enrolments("office")
    assert after.pin == changed.pin
    assert after.totp is not None
    assert not vault.needs_reseal(after.totp)
    await store.close()


async def test_a_phone_without_a_secret_has_none_to_seal() -> None:
    """A PIN alone waits for its owner."""
    old = new_key()
    store = open_store("sqlite://:memory:")
    await store.enrol("office", replace(full(Vault([old])), totp=None))
    assert await rotating.reseal(store, Vault([NEW, old]), ["office"]) == 0
    await store.close()


async def test_a_phone_removed_meanwhile_stays_removed() -> None:
    """It is not brought back by a key."""
    old = new_key()
    store, vault = meddled(None), Vault([NEW, old])
    await store.enrol("office", full(Vault([old])))
    assert await rotating.reseal(store, vault, ["office"]) == 0
    assert await store.enrolments("office") == []
    await store.close()


async def test_one_that_no_key_opens_does_not_stop_the_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It is named, and a damaged PIN needs no key but a new PIN."""
    old = new_key()
    vault, store = Vault([NEW, old]), open_store("sqlite://:memory:")
    await store.enrol("office", replace(full(OLD), extension="100", pin="damaged"))
    await store.enrol("office", full(Vault([old])))
    assert await rotating.reseal(store, vault, ["office"]) == 1
    assert "`100` of `office`: a stored secret opens with none" in capsys.readouterr().err
    needing = {
        each.extension: rotating.needing_older(vault, each)
        for each in await store.enrolments("office")
    }
    assert needing == {"100": "totp recovery", "101": "pin recovery"}
    await store.close()
